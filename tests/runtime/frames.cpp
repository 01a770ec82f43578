#include "tests/runtime/frames.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace slimscale::test {

slimscale_image planar(std::vector<float> &data, int colors, int width, int height) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = SLIMSCALE_PLANAR_F32;
    image.width = width;
    image.height = height;
    for (int c = 0; c < colors; c++) {
        image.planes[c] = &data[static_cast<size_t>(c) * static_cast<size_t>(width * height)];
        image.strides[c] = width * static_cast<ptrdiff_t>(sizeof(float));
    }
    return image;
}

Handle open(const slimscale_model *model, const Setup &setup) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    char text[500] = "";
    options.target = setup.target.c_str();
    options.channels = setup.widths.data();
    options.channels_length = static_cast<int>(setup.widths.size());
    options.allow_untrained = setup.allow_untrained;
    options.threads = setup.threads;
    options.band_rows = setup.band_rows;
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    if (slimscale_open(model, &options, &s) != SLIMSCALE_OK)
        throw std::runtime_error(text);
    return Handle(s);
}

reference::Volume run(slimscale_handle *s, int width, int scale, const reference::Volume &image) {
    std::vector<float> in(image.data.begin(), image.data.end());
    std::vector<float> out(in.size() * static_cast<size_t>(scale * scale));
    const slimscale_image from = planar(in, image.channels, image.width, image.height);
    const slimscale_image to = planar(out, image.channels, image.width * scale, image.height * scale);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = width;
    if (slimscale_run(s, &request, &from, &to, nullptr) != SLIMSCALE_OK)
        throw std::runtime_error(slimscale_error(s));
    reference::Volume result(image.channels, image.height * scale, image.width * scale);
    result.data.assign(out.begin(), out.end());
    return result;
}

reference::Volume upscale(const slimscale_model *model, const Setup &setup, int width, int scale,
                          const reference::Volume &image) {
    Setup one = setup;
    one.widths = {width};
    const Handle s = open(model, one);
    if (slimscale_plan(s.get(), image.width, image.height) != SLIMSCALE_OK)
        throw std::runtime_error(slimscale_error(s.get()));
    return run(s.get(), width, scale, image);
}

reference::Volume picture(int colors, int height, int width) {
    reference::Volume image(colors, height, width);
    for (int c = 0; c < colors; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                const double wave = 0.5 + 0.3 * std::sin(0.11 * x + 0.07 * y + c) + 0.1 * std::sin(1.3 * x - 0.9 * y);
                const double edge = (x / 9 + y / 7) % 2 == 0 ? 0.1 : -0.1;
                image.at(c, y, x) = std::clamp(wave + edge, 0.0, 1.0);
            }
    return image;
}

bool same_bytes(const reference::Volume &a, const reference::Volume &b) {
    return a.channels == b.channels && a.height == b.height && a.width == b.width && a.data == b.data;
}

}  // namespace slimscale::test
