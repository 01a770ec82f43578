#include "extras/images/image.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fstream>
#include <new>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "extras/images/channels.h"
#include "extras/images/codecs.h"
#include "extras/images/file_sink.h"
#include "extras/images/metadata.h"
#include "extras/images/vips.h"
#include "extras/images/xmp.h"

namespace slimscale::images {
namespace {

constexpr int kMaxWebpSide = 16383;
constexpr int kMaxJpegSide = 65500;  // libjpeg's JPEG_MAX_DIMENSION

}  // namespace

Status check_size(uint64_t width, uint64_t height) {
    if (width == 0 || height == 0)
        return Error{"the image has no pixels"};
    if (width <= kMaxSide && height <= kMaxSide)
        return Status();
    return Error{"too large (" + std::to_string(width) + "x" + std::to_string(height) + "): at most " +
                 std::to_string(kMaxSide) + " pixels a side; cut it into parts"};
}

FileFormat format_of_name(const std::string &path) {
    const size_t dot = path.find_last_of("./");
    if (dot == std::string::npos || path[dot] != '.')
        return FileFormat::unknown;
    std::string extension = path.substr(dot + 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    static const std::pair<const char *, FileFormat> extensions[] = {
        {"png", FileFormat::png},   {"jpg", FileFormat::jpeg},  {"jpeg", FileFormat::jpeg}, {"jpe", FileFormat::jpeg},
        {"jfif", FileFormat::jpeg}, {"jif", FileFormat::jpeg},  {"webp", FileFormat::webp}, {"tif", FileFormat::tiff},
        {"tiff", FileFormat::tiff}, {"avif", FileFormat::avif}, {"jxl", FileFormat::jxl},   {"heic", FileFormat::heif},
        {"heif", FileFormat::heif}};
    for (const auto &[name, format] : extensions)
        if (extension == name)
            return format;
    return FileFormat::unknown;
}

const char *name_of_format(FileFormat format) {
    static const char *const names[] = {"", "png", "jpg", "webp", "tif", "avif", "jxl", "heic"};
    return names[static_cast<size_t>(format)];
}

FileFormat format_of_file(const std::string &path) {
    constexpr size_t kHead = 16;
    std::vector<uint8_t> head(kHead);
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char *>(head.data()), kHead);
    head.resize(static_cast<size_t>(file.gcount()));
    return format_of_content(head);
}

FileFormat format_of_content(const std::vector<uint8_t> &bytes) {
    const auto has = [&](size_t at, std::string_view text) {
        return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
    };
    using namespace std::string_view_literals;
    if (has(0, "\x89PNG\r\n\x1a\n"sv))
        return FileFormat::png;
    if (has(0, "\xff\xd8\xff"sv))
        return FileFormat::jpeg;
    if (has(0, "RIFF"sv) && has(8, "WEBP"sv))
        return FileFormat::webp;
    for (const std::string_view tiff : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
        if (has(0, tiff))
            return FileFormat::tiff;
    if (has(0, "\xff\x0a"sv) || has(0, "\0\0\0\x0cJXL \r\n\x87\n"sv))
        return FileFormat::jxl;
    if (!has(4, "ftyp"sv))
        return FileFormat::unknown;
    for (const std::string_view brand : {"avif"sv, "avis"sv})
        if (has(8, brand))
            return FileFormat::avif;
    for (const std::string_view brand : {"heic"sv, "heix"sv, "hevc"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv})
        if (has(8, brand))
            return FileFormat::heif;
    return FileFormat::unknown;
}

Status decode_image(const std::vector<uint8_t> &bytes, Image &image) {
    switch (format_of_content(bytes)) {
    case FileFormat::png:
        return decode_png(bytes, image);
    case FileFormat::jpeg:
        return decode_jpeg(bytes, image);
    case FileFormat::unknown:
        return bytes.empty() ? Error{"the file is empty"}
                             : Error{"no image of a format that is read; convert it to PNG or JPEG"};
    default:
        return decode_by_vips(bytes, image);
    }
}

Status read_image(const std::string &path, Image &image) {
    const Result<std::vector<uint8_t>> bytes = base::read_file(path);
    return bytes ? decode_image(*bytes, image) : without_name(bytes.error(), path);
}

Status check_format(FileFormat format, int width, int height, bool transparent) {
    if (format == FileFormat::unknown)
        return Error{
            "the output's name must end in .png, .jpg, .webp, .tif, .avif or .jxl, or --format say what it is"};
    if (format == FileFormat::heif)
        return Error{"HEIC is read and not written; write .avif, .jpg or .png"};
    if (format == FileFormat::webp && (width > kMaxWebpSide || height > kMaxWebpSide))
        return Error{"a WebP has at most " + std::to_string(kMaxWebpSide) + " pixels a side; write a .png"};
    if (format != FileFormat::jpeg)
        return Status();
    if (width > kMaxJpegSide || height > kMaxJpegSide)
        return Error{"a JPEG has at most " + std::to_string(kMaxJpegSide) + " pixels a side; write a .png"};
    if (transparent)
        return Error{"a JPEG cannot hold transparency; write a .png"};
    return Status();
}

namespace {

class ByteSink : public Sink {
public:
    explicit ByteSink(std::vector<uint8_t> &bytes) : bytes_(bytes) {}
    bool write(const void *data, size_t size) noexcept override {
        try {
            const auto *from = static_cast<const uint8_t *>(data);
            bytes_.insert(bytes_.end(), from, from + size);
            return true;
        } catch (const std::bad_alloc &) {
            return false;
        }
    }

private:
    std::vector<uint8_t> &bytes_;
};

// Precondition: the format can hold the image.
Status encode(const Image &image, FileFormat format, const WriteOptions &options, Sink &sink) {
    if (format == FileFormat::png)
        return encode_png(image, sink);
    return format == FileFormat::jpeg ? encode_jpeg(image, options, sink)
                                      : encode_by_vips(image, format, options, sink);
}

}  // namespace

Status encode_image(const Image &image, FileFormat format, const WriteOptions &options, std::vector<uint8_t> &bytes) {
    bytes.clear();
    SLIMSCALE_RETURN_IF_ERROR(check_format(format, image.width, image.height, !fully_opaque(image)));
    ByteSink sink(bytes);
    return encode(image, format, options, sink);
}

std::vector<std::string> lost_in(FileFormat format, const Image &image) {
    std::vector<std::string> lost;
    if (format == FileFormat::png)
        return lost;
    if (const char *chunk = color_description_beyond_icc(image.metadata))
        lost.push_back(std::string("a .") + name_of_format(format) + " has no place for the colors that the PNG's " +
                       chunk + " describes: they will look different; write a .png");
    if (format == FileFormat::jpeg && jpeg_lacks_xmp(image))
        lost.push_back("a .jpg has no place for XMP of more than 64 KB, which is left out");
    const bool has_exif = find_chunk(image.metadata, "eXIf");
    if (format == FileFormat::tiff && has_exif)
        lost.push_back("a .tif is written without EXIF");
    if (!vips_keeps_xmp(format) && (has_exif || !xmp_packet(image.metadata).empty()))
        lost.push_back(std::string("a .") + name_of_format(format) +
                       " is written without EXIF and XMP by the libvips that is installed (8.15 writes them)");
    return lost;
}

Status write_image(const std::string &path, const Image &image, const WriteOptions &options) {
    const FileFormat format = options.format == FileFormat::unknown ? format_of_name(path) : options.format;
    SLIMSCALE_RETURN_IF_ERROR(check_format(format, image.width, image.height, !fully_opaque(image)));
    SLIMSCALE_ASSIGN_OR_RETURN(FileSink file, FileSink::open(path));
    SLIMSCALE_RETURN_IF_ERROR(file.checked(encode(image, format, options, file)));
    return file.finish();
}

}  // namespace slimscale::images
