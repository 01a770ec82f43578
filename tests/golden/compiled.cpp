#include "tests/golden/compiled.h"

#include <array>
#include <stdexcept>

extern "C" const slimscale_model *const slimscale_models[];  // written by the build, null-terminated

namespace slimscale::golden {
namespace {

struct Description {
    slimscale_model_info info{};
    std::array<uint8_t, 64> storage{};

    explicit Description(const slimscale_model *model) {
        info.size = sizeof info;
        if (const slimscale_status status = slimscale_describe(model, &info, storage.data()); status != SLIMSCALE_OK)
            throw std::runtime_error(slimscale_status_text(status));
    }
};

slimscale_image planar(std::vector<float> &data, int colors, int height, int width) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = SLIMSCALE_PLANAR_F32;
    image.width = width;
    image.height = height;
    for (int c = 0; c < colors; c++) {
        image.planes[c] = data.data() + static_cast<size_t>(c) * height * width;
        image.strides[c] = static_cast<ptrdiff_t>(width * sizeof(float));
    }
    return image;
}

}  // namespace

const slimscale_model *compiled_model(const std::string &name) {
    for (const slimscale_model *const *model = slimscale_models; *model != nullptr; model++)
        if (name == Description(*model).info.name)
            return *model;
    return nullptr;
}

std::vector<std::string> runnable_targets(const slimscale_model *model) {
    const Description description(model);
    std::vector<std::string> targets;
    for (int i = 0; i < description.info.target_count; i++)
        if (description.info.runnable[i])
            targets.emplace_back(description.info.targets[i]);
    return targets;
}

Compiled::Compiled(const slimscale_model *model, const std::string &target, int channels, int band_rows)
    : channels_(channels), scale_(Description(model).info.scale) {
    std::array<char, 256> error{};
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = target.c_str();
    options.channels = &channels_;
    options.channels_length = 1;
    options.threads = 2;
    options.band_rows = band_rows;
    options.allow_untrained = 1;  // since tests compare numbers and look at no pictures
    options.error_text = error.data();
    options.error_text_size = error.size();
    if (slimscale_open(model, &options, &handle_) != SLIMSCALE_OK)
        throw std::runtime_error(error.data());
}

Compiled::~Compiled() {
    slimscale_close(handle_);
}

void Compiled::check(slimscale_status status) const {
    if (status != SLIMSCALE_OK)
        throw std::runtime_error(slimscale_error(handle_));
}

reference::Volume Compiled::upscale(const reference::Volume &image) {
    reference::Volume result(image.channels, scale_ * image.height, scale_ * image.width);
    std::vector<float> in(image.data.begin(), image.data.end()), out(result.data.size());
    const slimscale_image input = planar(in, image.channels, image.height, image.width);
    const slimscale_image output = planar(out, result.channels, result.height, result.width);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = channels_;
    check(slimscale_plan(handle_, image.width, image.height));
    check(slimscale_run(handle_, &request, &input, &output, nullptr));
    result.data.assign(out.begin(), out.end());
    return result;
}

}  // namespace slimscale::golden
