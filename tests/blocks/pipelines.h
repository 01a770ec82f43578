// Pipelines compiled in memory from the generators that the archives are compiled from, once per tier and program run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "Halide.h"
#include "HalideBuffer.h"

namespace slimscale::test {

struct TestTier {
    std::string name;  // "naive", "baseline", "avx2", "avx512", "opencl", "vulkan"
    std::string target;
    std::string schedule;
    bool on_gpu() const { return schedule == "gpu"; }
    int columns(int width) const { return on_gpu() ? width : (width + 3) / 4 * 4; }  // of outputs
};

// Those that this machine runs; GPUs may be the processor (PoCL, lavapipe). What is left out is said once.
const std::vector<TestTier> &tiers();
std::vector<TestTier> fast_tiers();  // without naive
const TestTier &naive_tier();

Halide::Callable &pipeline(const std::string &name, const TestTier &tier);

const halide_device_interface_t *device_interface(const TestTier &tier);

// Counting what calls draw through halide_malloc.
void reset_scratch();
// "" or how far the calls since the last reset went beyond blocks::scratch_bytes.
std::string scratch_error(const std::string &name, const TestTier &tier);

// One argument of a call on a device: a buffer's memory, gaps between strides included, is copied there in one piece.
// Everything else passes through.
template <typename Arg, bool is_buffer = std::is_class_v<std::remove_reference_t<Arg>>>
class Staged {
public:
    Staged(Arg &arg, const TestTier &)
        : arg_(arg) {}
    Arg &argument() { return arg_; }

private:
    Arg &arg_;
};

template <typename Buffer>
class Staged<Buffer, true> {
public:
    Staged(Buffer &buffer, const TestTier &tier)
        : host_(reinterpret_cast<uint8_t *>(buffer.begin())), bytes_(buffer.size_in_bytes()),
          memory_(static_cast<int>((bytes_ / kPage + 2) * kPage)), device_(view(buffer, tier)) {}
    Buffer &argument() { return device_; }

    // Copies all of it back, so that what was written between or beside the buffer's values shows.
    void bring_back() {
        memory_.set_device_dirty();
        memory_.copy_to_host();
        std::copy_n(memory_.data(), bytes_, host_);
    }

private:
    Buffer view(Buffer &buffer, const TestTier &tier) {
        std::copy_n(host_, bytes_, memory_.data());
        memory_.set_host_dirty();
        memory_.copy_to_device(device_interface(tier));
        halide_buffer_t raw = *buffer.raw_buffer();
        raw.host = nullptr;
        raw.device = memory_.raw_buffer()->device;
        raw.device_interface = memory_.raw_buffer()->device_interface;
        raw.flags = halide_buffer_flag_device_dirty;
        return Buffer(raw);
    }

    static constexpr size_t kPage = 4096;  // one or more behind the buffer, see supported_tiers()

    uint8_t *host_;
    size_t bytes_;
    Halide::Runtime::Buffer<uint8_t, 1> memory_;
    Buffer device_;  // not its owner
};

// Runs the pipeline; throws, failing the test, if it returns an error or takes more scratch than it may.
template <typename... Args>
void call(const std::string &name, const TestTier &tier, Args &&...args) {
    Halide::Callable &compiled = pipeline(name, tier);
    reset_scratch();
    int status = 0;
    if (tier.on_gpu()) {
        std::tuple<Staged<std::remove_reference_t<Args>>...> staged{{args, tier}...};
        status = std::apply([&](auto &...one) { return compiled(one.argument()...); }, staged);
        std::get<sizeof...(args) - 1>(staged).bring_back();  // the output
    } else {
        status = compiled(std::forward<Args>(args)...);
    }
    if (status != 0) {
        throw std::runtime_error(name + " (" + tier.name + ") returned " + std::to_string(status));
    }
    const std::string error = scratch_error(name, tier);
    if (!error.empty()) {
        throw std::runtime_error(error);
    }
}

}  // namespace slimscale::test
