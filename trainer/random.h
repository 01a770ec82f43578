// The random numbers of a run: base/random.h with a stream for each purpose, so that a resumed run draws what an
// unbroken one draws, and several processes share one sequence.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace slimscale::trainer {

enum class Stream : uint64_t {
    patches = 1,
    widths,
    negatives,
    contrast,
    degradations,
};

class Random : public base::Random {
public:
    Random(uint64_t seed, Stream stream, uint64_t step, uint64_t index = 0)
        : base::Random(seed, static_cast<uint64_t>(stream), step, index) {}
};

}  // namespace slimscale::trainer
