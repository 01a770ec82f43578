#include "extras/quality/pictures.h"

#include <algorithm>

#include "extras/images/channels.h"
#include "extras/quality/imresize.h"
#include "extras/quality/measures.h"

namespace slimscale::quality {
namespace {

std::string read_original(const std::string &path, int scale, int colors, images::Image &original) {
    images::Image image;
    std::string error = images::read_image(path, image);
    if (!error.empty())
        return error;
    if (!images::fully_opaque(image))
        return "it has transparency; measures are for opaque images";
    const int width = image.width / scale * scale, height = image.height / scale * scale;
    error = measurable_error(width, height, scale, colors);
    if (!error.empty())
        return error;
    original = as_original(std::move(image), scale, colors);
    return "";
}

}  // namespace

images::Image cropped(const images::Image &image, int x, int y, int width, int height) {
    images::Image result{width, height, image.channels, image.bits, {}, {}};
    result.samples.reserve(result.row_bytes() * static_cast<size_t>(height));
    const size_t left = static_cast<size_t>(x) * static_cast<size_t>(image.channels * (image.bits / 8));
    for (int row = y; row < y + height; row++) {
        const uint8_t *from = image.samples.data() + static_cast<size_t>(row) * image.row_bytes() + left;
        result.samples.insert(result.samples.end(), from, from + result.row_bytes());
    }
    return result;
}

images::Image resized(const images::Image &image, int width, int height) {
    images::Image result{width, height, image.channels, 8, {}, {}};
    result.samples = imresize(image.samples, {image.width, image.height, image.channels}, width, height);
    return result;
}

images::Image as_original(images::Image image, int scale, int colors) {
    image = images::without_alpha(image);
    if (image.channels < colors)
        image = images::gray_to_rgb(image);
    if (image.channels > colors)
        image = images::rgb_to_gray(image);
    image = images::to_8_bits(std::move(image));
    return cropped(image, 0, 0, image.width / scale * scale, image.height / scale * scale);
}

std::string make_pictures(const std::string &path, int scale, int colors, Pictures &pictures) {
    images::Image original;
    std::string error = read_original(path, scale, colors, original);
    if (!error.empty())
        return error;
    const images::Image small = resized(original, original.width / scale, original.height / scale);
    pictures = {original, small, resized(small, original.width, original.height), {}, {}};
    return "";
}

}  // namespace slimscale::quality
