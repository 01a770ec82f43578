// Tensors as the executor passes them to pipelines (generators/README.md, "Contracts"), laid out to catch accesses out
// of bounds: inputs end at a page that cannot be read, rows that no pipeline may use have a huge number, and outputs
// lie among guard values.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "HalideBuffer.h"

namespace slimscale::test {

using Buffer3 = Halide::Runtime::Buffer<float, 3>;

// A repeatable number in [-1, 1).
float noise(uint32_t seed, int a, int b = 0, int c = 0, int d = 0);

inline int round_up(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

// Floats whose last one lies just before a page without access.
class GuardedFloats {
public:
    explicit GuardedFloats(size_t count);
    ~GuardedFloats();
    GuardedFloats(const GuardedFloats &) = delete;
    GuardedFloats &operator=(const GuardedFloats &) = delete;
    float *data() const { return data_; }

private:
    void *mapping_;
    size_t mapped_bytes_;
    float *data_;
};

// The content of a tensor: (c, x, y), zero outside the frame. All values are numbers of f16.
struct Frame {
    int channels, width, height;
    uint32_t seed = 1;
    int period = 0;  // columns after which the content repeats; 0: never

    double at(int c, int x, int y) const;
};

// Some rows of a frame in a ring of rows.
class RingTensor {
public:
    // Frame row y lies at (y + base) mod ring; rows first .. first + ring - 1 are kept. The buffer's channels begin at
    // `channel_offset` of `channel_total`, as in a group's view; 0: the tensor has as many as the frame.
    RingTensor(const Frame &frame, int ring, int base, int first, int channel_offset = 0, int channel_total = 0);

    Buffer3 &buffer() { return buffer_; }
    int base, ring;

private:
    GuardedFloats memory_;
    Buffer3 buffer_;
};

// An output: a strided view into guarded memory.
class OutputView {
public:
    struct Strides {
        int x_step = 1, y_step = 1;      // pixels of the underlying image per pixel of the view (pixel shuffle)
        int offset_x = 0, offset_y = 0;  // the phase
        int channel_offset = 0, channel_total = 0;
    };

    OutputView(int channels, int width, int rows, Strides strides);
    OutputView(int channels, int width, int rows) : OutputView(channels, width, rows, Strides{}) {}

    Buffer3 &buffer() { return buffer_; }
    Buffer3 rows(int first, int count);  // a part of it, numbered from 0
    bool guards_intact() const;          // nothing outside the view was written
    float operator()(int c, int x, int y) const { return buffer_(c, x, y); }

private:
    std::vector<float> memory_;
    Buffer3 buffer_;
};

using Buffer6 = Halide::Runtime::Buffer<float, 6>;

// An output with one group and one phase, as 3x3 pipelines of CPUs take it.
inline Buffer6 with_group_and_phase(Buffer3 &output) {
    const halide_dimension_t *dims = output.raw_buffer()->dim;
    const halide_dimension_t one{0, 1, 0};
    halide_dimension_t shape[6] = {dims[0], dims[1], dims[2], one, one, one};
    return Buffer6(output.data(), 6, shape);
}

}  // namespace slimscale::test
