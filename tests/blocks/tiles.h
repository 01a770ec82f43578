// What tests of pipelines in AMX tiles share: the target, rounding to bf16, and filters as such pipelines take them.
#pragma once

#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"

namespace slimscale::test {

// The target that archives have; null, and said once, where this processor cannot run it, even in software
// (tests/emulation/amx.h).
const TestTarget *target_for_tiles();

// A number as bf16 has it.
float rounded_bf16(double value);

// The filter of a layer in rows of pairs (contract/layout.h). It has more inputs than the layer, as when a narrower
// width reads a wider one's filter; what stands there and between blocks must not matter.
Halide::Runtime::Buffer<uint16_t, 3> paired(const Layer &layer);

// Adds up products as one tile instruction does, from 0: even and odd input channels are two chains of fused
// multiply-adds.
class TileChains {
public:
    void add(int channel, float pixel, float weight);
    float sum() const { return chains_[0] + chains_[1]; }

private:
    float chains_[2] = {0, 0};
};

}  // namespace slimscale::test
