// One call of a pipeline over made-up tensors, with the arguments that the contract declares.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "HalideBuffer.h"
#include "base/status.h"
#include "contract/call.h"

namespace slimscale::bench {

using Entry = int (*)(void **arguments);  // a pipeline's argv entry

// What a call computes, and in which data type. Only 3x3 convolutions have groups and a shuffle.
struct Shape {
    int width, height;  // of the output before the shuffle: multiples of 4
    int groups = 1, shuffle = 1;
    contract::DataType type = contract::DataType::f32;  // of a processor
};

class Call {
public:
    // Pipelines that do not exist, and those that are not timed, are errors.
    static Result<Call> make(const contract::Pipeline &pipeline, const Shape &shape);
    static Result<Call> make(std::string_view name, const Shape &shape);

    Call(Call &&) = default;
    Call &operator=(Call &&) = default;
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    int run(Entry entry) {
        void *context = nullptr, *arguments[contract::kMostArguments];
        return pack(key_, call_, &context, arguments) ? -1 : entry(arguments);
    }

    // What the last run wrote, as f32 however it is stored.
    Halide::Runtime::Buffer<float> output() const;
    double flops() const { return flops_; }  // operations of one call in the direct form

private:
    using Buffer = Halide::Runtime::Buffer<float>;
    struct Maker;

    Call() = default;

    contract::PipelineKey key_;
    contract::Call call_;
    // Deques, since the call points to their elements.
    std::deque<Buffer> buffers_;
    std::deque<Halide::Runtime::Buffer<int16_t>> quantized_;
    std::deque<Halide::Runtime::Buffer<uint16_t>> halves_;  // f16 or bf16, as the data type stores it
    double flops_ = 0;
};

}  // namespace slimscale::bench
