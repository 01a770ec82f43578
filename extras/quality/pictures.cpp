#include "extras/quality/pictures.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "extras/images/channels.h"
#include "extras/quality/imresize.h"
#include "extras/quality/measures.h"

namespace slimscale::quality {
namespace {

Status read_original(const std::string &path, int scale, int colors, images::Image &original) {
    images::Image image;
    SLIMSCALE_RETURN_IF_ERROR(images::read_image(path, image));
    if (!images::fully_opaque(image))
        return Error{"it has transparency; only opaque images can be measured"};
    const int width = image.width / scale * scale, height = image.height / scale * scale;
    SLIMSCALE_RETURN_IF_ERROR(check_measurable(width, height, scale, colors));
    original = as_original(std::move(image), scale, colors);
    return Status();
}

// FNV-1a. Draws depend on an image's name, not on what else is in the folder.
uint64_t name_hash(const std::string &name) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace

Result<images::Image> read_counterpart(const std::string &folder, const std::string &original, int width, int height,
                                       int colors) {
    namespace fs = std::filesystem;
    const fs::path stem = fs::path(folder) / fs::path(original).stem();
    std::string path;
    for (const char *ending : {".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG"}) {
        std::error_code code;
        if (path.empty() && fs::exists(stem.native() + ending, code))
            path = stem.native() + ending;
    }
    if (path.empty())
        return Error{folder + " holds no image of this name"};
    images::Image image;
    SLIMSCALE_RETURN_IF_ERROR(images::read_image(path, image), path + ": ");
    if (!images::fully_opaque(image))
        return Error{path + ": it has transparency, which networks do not see"};
    if (image.width != width || image.height != height)
        return Error{path + " is " + base::size_text(image.width, image.height) + ", and at this scale it must be " +
                     base::size_text(width, height)};
    return as_original(std::move(image), 1, colors);
}

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

Status make_pictures(const std::string &path, const SmallImages &from, Pictures &pictures) {
    images::Image original, small;
    SLIMSCALE_RETURN_IF_ERROR(read_original(path, from.scale, from.colors, original));
    const int width = original.width / from.scale, height = original.height / from.scale;
    if (from.folder.empty()) {
        small = resized(original, width, height);
    } else {
        SLIMSCALE_ASSIGN_OR_RETURN(small, read_counterpart(from.folder, path, width, height, from.colors));
    }
    if (!from.degradations.empty()) {
        base::Random random(from.seed, name_hash(std::filesystem::path(path).filename().native()), 0);
        SLIMSCALE_ASSIGN_OR_RETURN(small, degrade(std::move(small), from.degradations, random));
    }
    pictures = {original, small, resized(small, original.width, original.height), {}, {}};
    return Status();
}

}  // namespace slimscale::quality
