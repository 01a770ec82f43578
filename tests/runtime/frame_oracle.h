// What formats, colors and chroma mean, in double precision and without any table of the library: a pixel at a time, by
// the formulas of the standards. Slow, and the other opinion in every test of frames.
#pragma once

#include <functional>

#include "slimscale/slimscale.h"

namespace slimscale::test {

// How a format lies in memory, said once more.
struct Layout {
    enum class Model { rgb, yuv, gray } model;
    int bits;  // of color components; 0: halves, -1: floats
    int alpha_bits;
    int sub_x, sub_y;
};
// PLANAR formats have the model of a network of so many colors.
Layout layout_of(slimscale_format format, int colors);

// The code of component c (3: alpha) at sample (x, y) of its own plane; floats are themselves.
double code_at(const slimscale_image &image, int colors, int c, int x, int y);

// What a network of so many colors sees at a pixel, 0 to 1: R, G, B, or luma as it is coded.
struct Numbers {
    double of[3];
};
Numbers load_oracle(const slimscale_image &input, int colors, int x, int y);

// The code, not rounded, that belongs at sample (x, y) of component c of the output, where the network made `numbers`
// of the output's pixels, 0 to 1.
double store_oracle(const slimscale_image &input, const slimscale_image &output, int colors, int scale, int c, int x,
                    int y, const std::function<Numbers(int x, int y)> &numbers);

// What lies in the output, and what belongs there, at their worst in steps of the output's codes; floats in 1/1023.
double worst_step(const slimscale_image &input, const slimscale_image &output, int colors, int scale,
                  const std::function<Numbers(int x, int y)> &numbers);

}  // namespace slimscale::test
