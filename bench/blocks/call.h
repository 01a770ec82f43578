// One call of a pipeline over made-up tensors, with the arguments that generators/README.md lists.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "HalideBuffer.h"
#include "base/result.h"

namespace slimscale::bench {

using Entry = int (*)(void **arguments);  // a pipeline's argv entry

// What a call computes. 3x3 convolutions alone have groups and a shuffle, they and 1x1 fixed point.
struct Shape {
    int width, height;  // of the output before the shuffle: multiples of 4
    int groups = 1, shuffle = 1;
    bool q16 = false;
};

class Call {
public:
    // Refused: names of no pipeline, or of one that is not timed.
    static base::Result<Call> make(const std::string &pipeline, const Shape &shape);

    Call(Call &&) = default;
    Call &operator=(Call &&) = default;
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    int run(Entry pipeline) { return pipeline(arguments_.data()); }

    const Halide::Runtime::Buffer<float> &output() const { return buffers_.back(); }
    double flops() const { return flops_; }  // of the direct form

private:
    using Buffer = Halide::Runtime::Buffer<float>;
    struct Maker;

    Call();
    void add(Buffer buffer);
    void add(Halide::Runtime::Buffer<int16_t> buffer);
    void add(int value);
    void add(float value);

    // Deques: arguments point into them.
    std::deque<Buffer> buffers_;
    std::deque<Halide::Runtime::Buffer<int16_t>> quantized_;
    std::deque<int> ints_;
    std::deque<float> floats_;
    std::vector<void *> arguments_;
    double flops_ = 0;
};

}  // namespace slimscale::bench
