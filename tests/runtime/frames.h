// Opens and plans a model in one line, and makes pictures for it: planar floats, 0..1.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "networks/reference/volume.h"
#include "slimscale/slimscale.h"

namespace slimscale::test {

struct Closer {
    void operator()(slimscale_handle *s) const { slimscale_close(s); }
};
using Handle = std::unique_ptr<slimscale_handle, Closer>;

struct Setup {
    std::string target = "auto";
    std::vector<int> widths;  // empty: every trained one
    int threads = 1;
    int band_rows = 0;
    bool allow_untrained = true;
};

// Throws std::runtime_error with the library's error.
Handle open(const slimscale_model *model, const Setup &setup);
// An image of `data`, plane by plane; `data` must outlive it.
slimscale_image planar(std::vector<float> &data, int colors, int width, int height);
reference::Volume run(slimscale_handle *s, int width, int scale, const reference::Volume &image);

// Opens, plans and runs.
reference::Volume upscale(const slimscale_model *model, const Setup &setup, int width, int scale,
                          const reference::Volume &image);

// Smooth shapes, edges and a texture, 0..1, since calibrated ranges are for pictures and not for independent pixels.
reference::Volume picture(int colors, int height, int width);

bool same_bytes(const reference::Volume &a, const reference::Volume &b);

}  // namespace slimscale::test
