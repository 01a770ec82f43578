// What a network makes of a frame of any format, for the tests that hold whole frames against the oracle.
#pragma once

#include "tests/reference/volume.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/frames.h"

namespace slimscale::test {

// (colors, scale * height, scale * width) from 0 to 1, at the most opened channels, through planes of floats.
inline reference::Volume numbers_of(slimscale_handle *s, const slimscale_image &input, int colors, int scale) {
    reference::Volume seen(colors, input.height, input.width);
    for (int c = 0; c < colors; c++)
        for (int y = 0; y < input.height; y++)
            for (int x = 0; x < input.width; x++)
                seen.at(c, y, x) = static_cast<float>(load_oracle(input, colors, x, y).of[c]);
    return run(s, 0, scale, seen);
}

}  // namespace slimscale::test
