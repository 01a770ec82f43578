#include "tests/extras/quality/subjects.h"

#include "extras/quality/imresize.h"

namespace slimscale::quality {
namespace {

constexpr int kScale = 2;

}  // namespace

images::Image reference_original(int width, int height) {
    images::Image image{width, height, 3, 8, {}, {}};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.samples.push_back(static_cast<uint8_t>((x * x + 3 * y * y + 7 * x * y + 40 * c * x) / 16 % 256));
    return image;
}

Status nearest(const Planes &small, Planes &large) {
    large = {small.width * kScale, small.height * kScale, small.channels, {}};
    for (int c = 0; c < large.channels; c++)
        for (int y = 0; y < large.height; y++)
            for (int x = 0; x < large.width; x++)
                large.values.push_back(
                    small.values[(static_cast<size_t>(c) * small.height + y / kScale) * small.width + x / kScale]);
    return Status();
}

Status slanted(const Planes &small, Planes &large) {
    SLIMSCALE_RETURN_IF_ERROR(nearest(small, large));
    size_t i = 0;
    for (int c = 0; c < large.channels; c++)
        for (int y = 0; y < large.height; y++)
            for (int x = 0; x < large.width; x++)
                large.values[i++] += static_cast<float>(0.375 * x - 0.25 * y + 0.03125 * x * x);
    return Status();
}

Status bicubic(const Planes &small, Planes &large) {
    const int width = small.width * kScale, height = small.height * kScale;
    const std::vector<double> values(small.values.begin(), small.values.end());
    const std::vector<double> resized =
        imresize(values, {small.width, small.height, small.channels, Order::planar}, width, height);
    large = {width, height, small.channels, {resized.begin(), resized.end()}};
    return Status();
}

Subject subject(const std::string &name, int channels, Upscale upscale) {
    return {{name, "test", channels, ""}, std::move(upscale), {}};
}

}  // namespace slimscale::quality
