// What formats, colors and chroma mean: a pixel at a time, by the formulas of the standards, in double precision and
// without the library's tables. The tests of frames compare the library with it.
#pragma once

#include <functional>
#include <vector>

#include "slimscale/slimscale.h"

namespace slimscale::test {

// How a format lies in memory, independently of the library's tables.
struct Layout {
    enum class Model { rgb, yuv, gray } model;
    int bits;  // of color components; 0: halves, -1: floats
    int alpha_bits;
    int sub_x, sub_y;
};
// PLANAR formats have the model of a network of `colors` colors.
Layout layout_of(slimscale_format format, int colors);

// The formats that a network of `colors` colors takes: all for luma, all but gray ones for three colors.
std::vector<slimscale_format> formats_of(int colors);

// The code of component c (3: alpha) at sample (x, y) of its own plane; floats are themselves.
double code_at(const slimscale_image &image, int colors, int c, int x, int y);

// What a network of this many colors gets for a pixel, from 0 to 1: R, G, B, or luma as it is coded.
struct Numbers {
    double of[3];
};
Numbers load_oracle(const slimscale_image &input, int colors, int x, int y);

// The expected code, not rounded, of sample (x, y) of component c of the output, if the network's output is `numbers`,
// from 0 to 1.
double store_oracle(const slimscale_image &input, const slimscale_image &output, int colors, int scale, int c, int x,
                    int y, const std::function<Numbers(int x, int y)> &numbers);

// The largest difference between the output's codes and the expected ones, in steps of the codes; 1/1023 for floats.
double worst_step(const slimscale_image &input, const slimscale_image &output, int colors, int scale,
                  const std::function<Numbers(int x, int y)> &numbers);

}  // namespace slimscale::test
