#include "extras/images/image.h"

#include <algorithm>
#include <cctype>

#include "base/files.h"
#include "extras/images/channels.h"
#include "extras/images/codecs.h"

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
    if (width <= kMaxSide && height <= kMaxSide && width * height <= kMaxPixels)
        return Status();
    return Error{"too large (" + std::to_string(width) + "x" + std::to_string(height) + "): at most " +
                 std::to_string(kMaxPixels >> 20) + " x 2^20 pixels and " + std::to_string(kMaxSide) +
                 " a side; cut it into parts"};
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
    if (extension == "jpg" || extension == "jpeg")
        return FileFormat::jpeg;
    return FileFormat::unknown;
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
        return Error{"the output's name must end in .png, .jpg or .jpeg"};
    if (format != FileFormat::jpeg)
        return Status();
    if (width > kMaxJpegSide || height > kMaxJpegSide)
        return Error{"a JPEG has at most " + std::to_string(kMaxJpegSide) + " pixels a side; write a .png"};
    if (transparent)
        return Error{"a JPEG cannot hold transparency; write a .png"};
    return Status();
}

Status encode_image(const Image &image, FileFormat format, const WriteOptions &options, std::vector<uint8_t> &bytes) {
    SLIMSCALE_RETURN_IF_ERROR(check_format(format, image.width, image.height, !fully_opaque(image)));
    return format == FileFormat::png ? encode_png(image, bytes) : encode_jpeg(image, options, bytes);
}

Status write_image(const std::string &path, const Image &image, const WriteOptions &options) {
    std::vector<uint8_t> bytes;
    SLIMSCALE_RETURN_IF_ERROR(encode_image(image, format_of_name(path), options, bytes));
    const Status written = base::write_file(path, bytes);
    return written ? Status() : without_name(written.error(), path);
}

}  // namespace slimscale::images
