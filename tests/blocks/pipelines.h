// Pipelines compiled in memory from the generators that the archives are compiled from, once per tier and program run.
#pragma once

#include <string>
#include <vector>

#include "Halide.h"

namespace slimscale::test {

struct TestTier {
    std::string name;      // "naive", "baseline", "avx2", "avx512"
    std::string target;
    std::string schedule;
};

const std::vector<TestTier> &tiers();       // those that this machine runs
std::vector<TestTier> fast_tiers();         // without naive
const TestTier &naive_tier();

Halide::Callable &pipeline(const std::string &name, const TestTier &tier);

// Calls count what they draw through halide_malloc: the most at any one time since the last reset, in bytes.
class ScratchMeter : public Halide::JITUserContext {
public:
    ScratchMeter();
    size_t peak_bytes() const;
};

// Runs the pipeline; fails the test if it returns an error.
template <typename... Args>
void call(const std::string &name, const TestTier &tier, Args &&...args) {
    const int status = pipeline(name, tier)(std::forward<Args>(args)...);
    if (status != 0) {
        throw std::runtime_error(name + " (" + tier.name + ") returned " + std::to_string(status));
    }
}

}  // namespace slimscale::test
