// Pipelines compiled in memory from the generators that the archives are compiled from, once per tier and program run.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "Halide.h"

namespace slimscale::test {

struct TestTier {
    std::string name;  // "naive", "baseline", "avx2", "avx512"
    std::string target;
    std::string schedule;
};

const std::vector<TestTier> &tiers();  // those that this machine runs
std::vector<TestTier> fast_tiers();    // without naive
const TestTier &naive_tier();

Halide::Callable &pipeline(const std::string &name, const TestTier &tier);

// Counting what calls draw through halide_malloc.
void reset_scratch();
// "" or how far the calls since the last reset went beyond blocks::scratch_bytes.
std::string scratch_error(const std::string &name, const TestTier &tier);

// Runs the pipeline; throws, failing the test, if it returns an error or takes more scratch than it may.
template <typename... Args>
void call(const std::string &name, const TestTier &tier, Args &&...args) {
    Halide::Callable &compiled = pipeline(name, tier);
    reset_scratch();
    const int status = compiled(std::forward<Args>(args)...);
    if (status != 0) {
        throw std::runtime_error(name + " (" + tier.name + ") returned " + std::to_string(status));
    }
    const std::string error = scratch_error(name, tier);
    if (!error.empty()) {
        throw std::runtime_error(error);
    }
}

}  // namespace slimscale::test
