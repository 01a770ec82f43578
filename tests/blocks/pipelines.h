// Pipelines compiled in memory from the generators that the archives are compiled from, once per target and program
// run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "Halide.h"
#include "HalideBuffer.h"
#include "contract/target.h"
#include "tests/blocks/compare.h"

namespace slimscale::test {

constexpr double kHalfRounding = 1. / 2048;  // largest relative error of a float rounded to f16

struct TestTarget {
    contract::Target id;
    std::string halide;  // Halide's target string
    contract::Schedule schedule;
    std::string blocking = "";  // of the fast schedule; "": the built-in table decides
    std::string name = name_of(id).str();
    bool on_gpu() const { return id.on_device(); }
    bool in_f16() const { return id.type == contract::DataType::f16; }
    Tolerance tolerance() const {
        return {Tolerance{}.of_deviation, in_f16() ? kHalfRounding : 0};
    }  // of stored values
    int columns(int width) const { return on_gpu() ? width : (width + 3) / 4 * 4; }  // of outputs
};

// Those that this machine runs; GPUs may be the processor (PoCL, lavapipe). What is left out is said once.
const std::vector<TestTarget> &targets();
std::vector<TestTarget> fast_targets();        // without naive
const std::vector<TestTarget> &q16_targets();  // fixed point: convolutions between features, not in targets()
const TestTarget &naive_target();

// The target with `count` of all blockings that are legal for a pipeline, spread over them.
std::vector<TestTarget> with_blockings(const TestTarget &target, const std::string &name, size_t count);

Halide::Callable &pipeline(const std::string &name, const TestTarget &target);

const halide_device_interface_t *device_interface(const TestTarget &target);

// Counting what calls draw through halide_malloc.
void reset_scratch();
// "" or how far the calls since the last reset, of so many groups, went beyond blocks::scratch_bytes.
std::string scratch_error(const std::string &name, const TestTarget &target, int groups);

// A tensor of activations as an argument: floats, which targets that store f16 get rounded and give back widened.
struct Activations {
    Buffer3 &buffer;
};

// One argument of a call on a device: a buffer's memory, gaps between strides included, is copied there in one piece.
// Everything else passes through.
template <typename Arg, bool is_buffer = std::is_class_v<std::remove_reference_t<Arg>>>
class Staged {
public:
    Staged(Arg &arg, const TestTarget &) : arg_(arg) {}
    Arg &argument() { return arg_; }

private:
    Arg &arg_;
};

// Memory on a device for `bytes`.
class DeviceMemory {
public:
    DeviceMemory(size_t bytes, const TestTarget &target);
    uint8_t *host() { return memory_.data(); }
    void send();
    void fetch();
    // `buffer` with its memory here, as values of `type`.
    halide_buffer_t view(const halide_buffer_t &buffer, halide_type_t type);

private:
    static constexpr size_t kPage = 4096;  // one or more behind the bytes, see supported_targets()

    const TestTarget &target_;
    Halide::Runtime::Buffer<uint8_t, 1> memory_;
};

template <typename Buffer>
class Staged<Buffer, true> {
public:
    Staged(Buffer &buffer, const TestTarget &target)
        : host_(reinterpret_cast<uint8_t *>(buffer.begin())), bytes_(buffer.size_in_bytes()), memory_(bytes_, target) {
        std::copy_n(host_, bytes_, memory_.host());
        memory_.send();
        device_ = memory_.view(*buffer.raw_buffer(), buffer.raw_buffer()->type);
    }
    halide_buffer_t *argument() { return &device_; }

    // Copies all of it back, so that what was written between or beside the buffer's values shows.
    void bring_back() {
        memory_.fetch();
        std::copy_n(memory_.host(), bytes_, host_);
    }

private:
    uint8_t *host_;
    size_t bytes_;
    DeviceMemory memory_;
    halide_buffer_t device_;
};

template <>
class Staged<Activations, true> {
public:
    Staged(Activations &activations, const TestTarget &target);
    halide_buffer_t *argument() { return &device_; }
    void bring_back();

private:
    float *host_;
    size_t count_;
    bool halves_;
    std::vector<Halide::float16_t> sent_;  // if halves_
    DeviceMemory memory_;
    halide_buffer_t device_;
};

template <typename Arg>
Arg &on_host(Arg &arg) {
    return arg;
}

inline Buffer3 &on_host(Activations &arg) {
    return arg.buffer;
}

// Runs the pipeline; throws, failing the test, if it returns an error or takes more scratch than it may.
template <typename... Args>
void call_groups(int groups, const std::string &name, const TestTarget &target, Args &&...args) {
    Halide::Callable &compiled = pipeline(name, target);
    reset_scratch();
    int status = 0;
    if (target.on_gpu()) {
        std::tuple<Staged<std::remove_reference_t<Args>>...> staged{{args, target}...};
        status = std::apply([&](auto &...one) { return compiled(one.argument()...); }, staged);
        std::get<sizeof...(args) - 1>(staged).bring_back();  // the output
    } else {
        status = compiled(on_host(args)...);
    }
    if (status != 0)
        throw std::runtime_error(name + " (" + target.name + ") returned " + std::to_string(status));
    const std::string error = scratch_error(name, target, groups);
    if (!error.empty())
        throw std::runtime_error(error);
}

template <typename... Args>
void call(const std::string &name, const TestTarget &target, Args &&...args) {
    call_groups(1, name, target, std::forward<Args>(args)...);
}

}  // namespace slimscale::test
