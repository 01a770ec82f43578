// Pipelines that are compiled in memory, from the generators of archives, once per target and run of the program.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
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
#include "tests/blocks/stored.h"

namespace slimscale::test {

constexpr double kHalfRounding = 1. / 2048;  // the largest relative error of a float rounded to f16

struct TestTarget {
    contract::Target id;
    std::string halide;  // Halide's target string
    contract::Schedule schedule;
    std::string blocking = {};  // of the fast schedule; "": the built-in table decides
    std::string name = name_of(id).str();
    bool on_gpu() const { return id.on_device(); }
    contract::DataType stored() const { return contract::stored_type(id.type); }
    bool in_f16() const { return stored() == contract::DataType::f16; }
    Tolerance tolerance() const {
        return {Tolerance{}.of_deviation, in_f16() ? kHalfRounding : 0};
    }  // of stored values
    int columns(int width) const { return on_gpu() ? width : (width + 3) / 4 * 4; }  // of outputs
};

// The targets that this machine runs, where the processor may serve as a GPU (PoCL, lavapipe). Targets that are left
// out are printed once.
const std::vector<TestTarget> &targets();
std::vector<TestTarget> fast_targets();        // without naive
const std::vector<TestTarget> &q16_targets();  // in fixed point, for convolutions between features; not in targets()
const TestTarget &naive_target();

// The target with `count` of the blockings that are legal for a pipeline, spread evenly over all of them.
std::vector<TestTarget> with_blockings(const TestTarget &target, const std::string &name, size_t count);

Halide::Callable &pipeline(const std::string &name, const TestTarget &target);

const halide_device_interface_t *device_interface(const TestTarget &target);

// Begins to count what calls take from halide_malloc.
void reset_scratch();
// "", or by how much the calls since the last reset, of `groups` groups, exceeded blocks::scratch_bytes.
std::string scratch_error(const std::string &name, const TestTarget &target, int groups);

// Throws if `status`, of the call since the last reset, is an error, or if the call took more scratch than it may.
void check_call(int status, const std::string &name, const TestTarget &target, int groups);

// One argument of a call on a device. A buffer's memory, including gaps between strides, is copied there in one piece;
// other arguments are passed on.
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
    // `buffer` with this memory and values of `type`.
    halide_buffer_t view(const halide_buffer_t &buffer, halide_type_t type);

private:
    static constexpr size_t kPage = 4096;  // at least so many bytes of slack (supported_targets)

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
    std::vector<uint16_t> sent_;  // if halves_
    DeviceMemory memory_;
    halide_buffer_t device_;
};

// One argument of a call on a processor.
template <typename Arg>
class Passed {
public:
    Passed(Arg &arg, const TestTarget &) : arg_(arg) {}
    Arg &argument() { return arg_; }
    void bring_back() {}

private:
    Arg &arg_;
};

template <>
class Passed<Activations> {
public:
    Passed(Activations &arg, const TestTarget &target) : raw_(arg.raw) {
        if (target.stored() != contract::DataType::f32)
            stored_ = std::make_shared<StoredActivations>(arg, target.stored());
    }
    halide_buffer_t *argument() { return stored_ ? stored_->argument() : raw_; }
    void bring_back() {
        if (stored_)
            stored_->bring_back();
    }

private:
    halide_buffer_t *raw_;
    std::shared_ptr<StoredActivations> stored_;  // shared, as tuples copy what they are made of
};

// Runs the pipeline. Throws, which fails the test, if it returns an error or takes more scratch than it may.
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
        std::tuple<Passed<std::remove_reference_t<Args>>...> passed{{args, target}...};
        status = std::apply([&](auto &...one) { return compiled(one.argument()...); }, passed);
        std::get<sizeof...(args) - 1>(passed).bring_back();
    }
    check_call(status, name, target, groups);
}

template <typename... Args>
void call(const std::string &name, const TestTarget &target, Args &&...args) {
    call_groups(1, name, target, std::forward<Args>(args)...);
}

}  // namespace slimscale::test
