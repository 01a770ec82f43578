// Bicubic resizing like MATLAB's imresize, by which super-resolution papers make their inputs: Keys' kernel with a =
// -0.5, widened by the scale when shrinking (antialiasing), with mirrored borders, normalized weights and double
// arithmetic. The dimension that shrinks most goes first; rows go first if both shrink alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace slimscale::quality {

enum class Order {
    interleaved,  // y, x, channel
    planar        // channel, y, x
};

struct PictureShape {
    int width, height, channels;
    Order order = Order::interleaved;

    size_t size() const {
        return static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels);
    }
};

// The result has the picture's channels and order. Preconditions: all sizes are positive, picture.size() ==
// shape.size(). Values are in any unit, not rounded or clamped.
std::vector<double> imresize(const std::vector<double> &picture, const PictureShape &shape, int new_width,
                             int new_height);

// For 8-bit pictures. Values are rounded half away from zero and clamped to 0..255 after each of the two passes, as
// MATLAB does for uint8.
std::vector<uint8_t> imresize(const std::vector<uint8_t> &picture, const PictureShape &shape, int new_width,
                              int new_height);

}  // namespace slimscale::quality
