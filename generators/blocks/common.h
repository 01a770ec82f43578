// What all blocks share: how rows are addressed and what is promised about buffers (generators/README.md, "Contracts").
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include "Halide.h"
#include "schedules/parameters.h"
#include "schedules/products.h"
#include "weights/winograd.h"

namespace slimscale::blocks {

// fast: CPUs.
enum class Schedule { naive,
                      fast,
                      gpu };

inline const std::map<std::string, Schedule> kSchedules{
    {"naive", Schedule::naive}, {"fast", Schedule::fast}, {"gpu", Schedule::gpu}};

// Of activations in memory; all arithmetic, filters, biases, sums and images are f32. f16: GPUs only.
enum class Storage { f32,
                     f16 };

inline const std::map<std::string, Storage> kStorages{{"f32", Storage::f32}, {"f16", Storage::f16}};

// From a generator's parameter: a blocking that can be compiled, by rule where the text is empty. Throws like
// StrictReporter.
inline schedules::Blocking blocking_of(const std::string &text, const schedules::Work &work,
                                       const Halide::Target &target) {
    if (text.empty()) {
        return schedules::ruled_blocking(work, target);
    }
    schedules::Blocking blocking;
    std::string error = schedules::parse_blocking(text, work.kind, blocking);
    if (error.empty()) {
        error = schedules::blocking_error(blocking, work, schedules::isa_of(target));
    }
    if (!error.empty()) {
        throw std::runtime_error(error);
    }
    return blocking;
}

inline Halide::Type type_of(Storage storage) {
    return Halide::Float(storage == Storage::f16 ? 16 : 32);
}

constexpr int kFilterBlock = 16;     // output channels side by side in a filter (weights/blob_format.h)
constexpr int kGpuFilterBlock = 32;  // likewise in conv3x3's filter on GPUs: 8 threads' loads of 16 bytes make a line
constexpr int kColumnPadding = 32;   // readable columns right of the output's last
constexpr int kTailPadding = 8;      // likewise for the tail, which is also called on single columns

// rows(y): the buffer row that holds frame row y + row0; the zero row (number `ring`) above and below the frame.
inline Halide::Func frame_rows(Halide::Expr base, Halide::Expr ring, Halide::Expr height, Halide::Expr row0) {
    Halide::Func rows("rows");
    Halide::Var y("y");
    Halide::Expr row = y + row0;
    rows(y) = Halide::select(row < 0 || row >= height, ring, (row + base) % ring);
    return rows;
}

// Likewise without the zero row: outside the frame, whatever lies there.
inline Halide::Func ring_rows(Halide::Expr base, Halide::Expr ring, Halide::Expr row0,
                              const std::string &name = "rows") {
    Halide::Func rows(name);
    Halide::Var y("y");
    rows(y) = (y + row0 + base) % ring;
    return rows;
}

// Reads a tensor at column x and output row y. Halide cannot know how far rows() and a schedule's rounding reach: told
// here, checked once against the buffer when the pipeline starts. Stored as f16 or not, the value is f32.
template <typename Tensor>
Halide::Expr read(const Tensor &tensor, Halide::Expr c, Halide::Expr x, Halide::Expr row, Halide::Expr last_column,
                  Halide::Expr ring) {
    return Halide::cast<float>(
        tensor(c, Halide::unsafe_promise_clamped(x, -1, last_column), Halide::unsafe_promise_clamped(row, 0, ring)));
}

template <typename Tensor>
void promise_tensor(Tensor &tensor) {
    tensor.dim(0).set_min(0);
    tensor.dim(2).set_min(0);
}

// The output's rows are a multiple of `rows`, its columns one of 4 on CPUs.
template <typename Tensor>
void promise_output(Tensor &output, int channels, Schedule schedule, int rows) {
    const int columns = schedule == Schedule::gpu ? 1 : 4;
    output.dim(0).set_bounds(0, channels);
    output.dim(1).set_min(0).set_extent(output.dim(1).extent() / columns * columns);
    output.dim(2).set_min(0).set_extent(output.dim(2).extent() / rows * rows);
}

// Filter blocks: the output channels of one are dense and whole.
template <typename Filter>
void promise_filter(Filter &filter, int block = kFilterBlock) {
    filter.dim(0).set_bounds(0, block);
    for (int i = 1; i < filter.dimensions(); i++) {
        filter.dim(i).set_min(0);
    }
}

// Rounds to the nearest int16 within +-kQ16Limit. Adding 1.5 * 2^23 leaves a float's unit in its last place, so its low
// bits are the integer.
inline Halide::Expr rounded_q16(Halide::Expr value) {
    constexpr float kUnitInLastPlace = 12582912.f, kLimit = winograd::kQ16Limit;
    Halide::Expr shifted = Halide::clamp(value, -kLimit, kLimit) + kUnitInLastPlace;
    return Halide::cast<int16_t>(Halide::reinterpret<int32_t>(shifted));
}

// Filters of fixed point: pair, o16, ci / 2, block, ...
template <typename Filter>
void promise_pairs(Filter &filter) {
    filter.dim(0).set_bounds(0, schedules::kPair);
    filter.dim(1).set_bounds(0, kFilterBlock).set_stride(schedules::kPair);
    filter.dim(2).set_stride(schedules::kPair * kFilterBlock);
    for (int i = 2; i < filter.dimensions(); i++) {
        filter.dim(i).set_min(0);
    }
}

// Winograd's transformed inputs and products (c, tx, ty, k, l): frequencies k along x, l along y.
template <typename Tensor>
void promise_transformed(Tensor &tensor, int channels) {
    constexpr int kFrequencies = 6;
    tensor.dim(0).set_bounds(0, channels);
    tensor.dim(1).set_min(0);
    tensor.dim(2).set_min(0);
    tensor.dim(3).set_bounds(0, kFrequencies);
    tensor.dim(4).set_bounds(0, kFrequencies);
}

constexpr int kAlignedValues = 4;  // in the widest load of GPUs

// For GPUs, whose loads of 4 values must be aligned: buffers begin at multiples of 4 values, and all strides but the
// innermost, 1, are multiples of 4.
template <typename... Buffers>
void promise_vectors(Buffers &...buffers) {
    const auto promise = [](auto &buffer) {
        buffer.set_host_alignment(kAlignedValues * buffer.type().bytes());
        for (int i = 1; i < buffer.dimensions(); i++) {
            buffer.dim(i).set_stride(buffer.dim(i).stride() / kAlignedValues * kAlignedValues);
        }
    };
    (promise(buffers), ...);
}

}  // namespace slimscale::blocks
