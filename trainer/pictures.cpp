#include "trainer/pictures.h"

#include <algorithm>
#include <filesystem>

#include "extras/images/channels.h"
#include "extras/images/listing.h"
#include "extras/quality/pictures.h"

namespace slimscale::trainer {
namespace {

using images::Image;

constexpr double kBytesPerGb = 1e9;

Result<Image> opaque_image(const std::string &path) {
    Image image;
    SLIMSCALE_RETURN_IF_ERROR(images::read_image(path, image));
    if (!images::fully_opaque(image))
        return Error{"it has transparency"};
    return image;
}

}  // namespace

Result<Pictures> load_pictures(const PictureOptions &options) {
    std::vector<std::string> paths;
    SLIMSCALE_RETURN_IF_ERROR(images::list_images(options.paths, paths));
    Pictures pictures;
    double bytes = 0;
    for (const std::string &path : paths) {
        if (options.limit > 0 && pictures.pairs.size() == static_cast<size_t>(options.limit))
            break;
        const std::string stem = std::filesystem::path(path).stem().native();
        if (std::find(options.exclude.begin(), options.exclude.end(), stem) != options.exclude.end()) {
            pictures.excluded++;
            continue;
        }
        Result<Image> image = opaque_image(path);
        if (!image) {
            pictures.unusable.push_back(path + ": " + image.error());
            continue;
        }
        Image high = quality::as_original(std::move(*image), options.scale, options.colors);
        if (std::min(high.width, high.height) < std::max(options.least_side, options.scale)) {
            pictures.too_small++;
            continue;
        }
        Image low = quality::resized(high, high.width / options.scale, high.height / options.scale);
        Image teacher;
        if (!options.teacher.empty()) {
            SLIMSCALE_ASSIGN_OR_RETURN(
                teacher, quality::read_counterpart(options.teacher, path, high.width, high.height, options.colors),
                path + ": teacher: ");
        }
        bytes += static_cast<double>(high.samples.size() + low.samples.size() + teacher.samples.size());
        if (bytes > options.memory_gb * kBytesPerGb)
            return Error{"the images need more than " + std::to_string(options.memory_gb) +
                         " GB once decoded; raise --memory-gb or name fewer"};
        pictures.pairs.push_back({path, std::move(high), std::move(low), std::move(teacher)});
    }
    if (pictures.pairs.empty())
        return Error{"no image is left: " + std::to_string(pictures.too_small) + " are smaller than a patch, " +
                     std::to_string(pictures.excluded) + " excluded, " + std::to_string(pictures.unusable.size()) +
                     " cannot be used" + (pictures.unusable.empty() ? "" : " (" + pictures.unusable[0] + ")")};
    return pictures;
}

}  // namespace slimscale::trainer
