// Pipelines compiled in memory from the generators that the archives are compiled from, once per tier and program run.
#pragma once

#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "Halide.h"

namespace slimscale::test {

struct TestTier {
    std::string name;  // "naive", "baseline", "avx2", "avx512", "opencl"
    std::string target;
    std::string schedule;
    bool on_gpu() const { return schedule == "gpu"; }
};

// Those that this machine runs; the OpenCL device may be the processor (PoCL). What is left out is said once.
const std::vector<TestTier> &tiers();
std::vector<TestTier> fast_tiers();  // without naive
const TestTier &naive_tier();

Halide::Callable &pipeline(const std::string &name, const TestTier &tier);

// Counting what calls draw through halide_malloc.
void reset_scratch();
// "" or how far the calls since the last reset went beyond blocks::scratch_bytes.
std::string scratch_error(const std::string &name, const TestTier &tier);

// Arguments of a call: buffers are copied to the device before it and freed there after it.
template <typename Arg>
void to_device(Arg &arg) {
    if constexpr (std::is_class_v<Arg>) {
        arg.set_host_dirty();
    }
}
template <typename Arg>
void from_device(Arg &arg) {
    if constexpr (std::is_class_v<Arg>) {
        arg.set_host_dirty(false);
        arg.copy_to_host();
        arg.device_free();
    }
}

// Runs the pipeline; throws, failing the test, if it returns an error or takes more scratch than it may.
template <typename... Args>
void call(const std::string &name, const TestTier &tier, Args &&...args) {
    Halide::Callable &compiled = pipeline(name, tier);
    reset_scratch();
    if (tier.on_gpu()) {
        (to_device(args), ...);
        std::get<sizeof...(args) - 1>(std::tie(args...)).set_host_dirty(false);  // the output is written only
    }
    const int status = compiled(std::forward<Args>(args)...);
    if (tier.on_gpu()) {
        (from_device(args), ...);
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
