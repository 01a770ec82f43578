// What a network makes of a frame of any format, for the tests that hold whole frames against the oracle.
#pragma once

#include <functional>

#include "networks/reference/volume.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/frames.h"

namespace slimscale::test {

// The numbers of output pixel (x, y), at the most opened channels, through planes of floats.
inline std::function<Numbers(int x, int y)> numbers_of(slimscale_handle *s, const slimscale_image &input, int colors,
                                                       int scale) {
    reference::Volume seen(colors, input.height, input.width);
    for (int c = 0; c < colors; c++)
        for (int y = 0; y < input.height; y++)
            for (int x = 0; x < input.width; x++)
                seen.at(c, y, x) = static_cast<float>(load_oracle(input, colors, x, y).of[c]);
    return [colors, made = run(s, 0, scale, seen)](int x, int y) {
        Numbers numbers{};
        for (int c = 0; c < colors; c++)
            numbers.of[c] = static_cast<double>(made.at(c, y, x));
        return numbers;
    };
}

}  // namespace slimscale::test
