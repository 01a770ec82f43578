#include "extras/images/image.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fstream>
#include <new>

#include "base/files.h"
#include "extras/images/channels.h"
#include "extras/images/codecs.h"
#include "extras/images/metadata.h"

namespace slimscale::images {
namespace {

constexpr int kMaxJpegSide = 65500;  // libjpeg's JPEG_MAX_DIMENSION

// Errors of base/files.h begin with the file's name; those of images leave it to the caller.
Error without_name(const std::string &sentence, const std::string &path) {
    return Error{sentence.substr(path.size() + 2)};
}

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
    if (extension == "png")
        return FileFormat::png;
    static const char *const jpeg[] = {"jpg", "jpeg", "jpe", "jfif", "jif"};
    if (std::find(std::begin(jpeg), std::end(jpeg), extension) != std::end(jpeg))
        return FileFormat::jpeg;
    return FileFormat::unknown;
}

const char *name_of_format(FileFormat format) {
    return format == FileFormat::png ? "png" : format == FileFormat::jpeg ? "jpg" : "";
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
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, jpeg[] = {0xff, 0xd8, 0xff};
    if (bytes.size() >= sizeof png && std::equal(std::begin(png), std::end(png), bytes.begin()))
        return FileFormat::png;
    if (bytes.size() >= sizeof jpeg && std::equal(std::begin(jpeg), std::end(jpeg), bytes.begin()))
        return FileFormat::jpeg;
    return FileFormat::unknown;
}

Status decode_image(const std::vector<uint8_t> &bytes, Image &image) {
    switch (format_of_content(bytes)) {
    case FileFormat::png:
        return decode_png(bytes, image);
    case FileFormat::jpeg:
        return decode_jpeg(bytes, image);
    case FileFormat::unknown:
        break;
    }
    return bytes.empty() ? Error{"the file is empty"} : Error{"neither a PNG nor a JPEG; convert it to one of them"};
}

Status read_image(const std::string &path, Image &image) {
    const Result<std::vector<uint8_t>> bytes = base::read_file(path);
    return bytes ? decode_image(*bytes, image) : without_name(bytes.error(), path);
}

Status check_format(FileFormat format, int width, int height, bool transparent) {
    if (format == FileFormat::unknown)
        return Error{"the output's name must end in .png, .jpg or .jpeg, or --format say what it is"};
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

class FileSink : public Sink {
public:
    explicit FileSink(base::FileWriter &file) : file_(file) {}
    bool write(const void *data, size_t size) noexcept override {
        status_ = file_.write(data, size);
        return status_.ok();
    }
    const Status &status() const { return status_; }

private:
    base::FileWriter &file_;
    Status status_;
};

Status encode(const Image &image, FileFormat format, const WriteOptions &options, Sink &sink) {
    SLIMSCALE_RETURN_IF_ERROR(check_format(format, image.width, image.height, !fully_opaque(image)));
    return format == FileFormat::png ? encode_png(image, sink) : encode_jpeg(image, options, sink);
}

}  // namespace

Status encode_image(const Image &image, FileFormat format, const WriteOptions &options, std::vector<uint8_t> &bytes) {
    bytes.clear();
    ByteSink sink(bytes);
    return encode(image, format, options, sink);
}

std::vector<std::string> lost_in(FileFormat format, const Image &image) {
    if (format != FileFormat::jpeg)
        return {};
    const char *chunk = color_description_beyond_icc(image.metadata);
    if (!chunk)
        return {};
    return {std::string("a JPEG has no place for the colors that the PNG's ") + chunk +
            " describes: they will look different; write a .png"};
}

Status write_image(const std::string &path, const Image &image, const WriteOptions &options) {
    const FileFormat format = options.format == FileFormat::unknown ? format_of_name(path) : options.format;
    SLIMSCALE_RETURN_IF_ERROR(check_format(format, image.width, image.height, !fully_opaque(image)));
    Result<base::FileWriter> file = base::FileWriter::open(path);
    if (!file)
        return without_name(file.error(), path);
    FileSink sink(*file);
    const Status encoded = encode(image, format, options, sink);
    if (!sink.status())
        return without_name(sink.status().error(), path);
    SLIMSCALE_RETURN_IF_ERROR(encoded);
    const Status written = file->commit();
    return written ? Status() : without_name(written.error(), path);
}

}  // namespace slimscale::images
