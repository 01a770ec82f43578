#include "schedules/blocking.h"

#include "schedules/target_facts.h"

namespace slimscale::schedules {

using Halide::Target;

namespace {

constexpr int kFrequencies = 36;

}  // namespace

int tile_bytes(Channels channels, bool q16) {
    const int input = static_cast<int>(q16 ? sizeof(int16_t) : sizeof(float));
    return kFrequencies * (channels.in * input + channels.out * static_cast<int>(sizeof(float)));
}

Blocking blocking(Channels channels, bool q16, const Target &target) {
    Blocking b{};
    b.lanes = vector_lanes(target, channels.out);
    const int vectors = channels.out / b.lanes;
    const bool scarce = vector_registers(target) == 16;

    b.vectors = 1;
    for (int candidate : {2, 3, 4}) {
        // With 16 registers 4 vectors leave room for 2 tiles only: worth it at 4 lanes (128 against 118 GF/s).
        const bool fits = candidate != 4 || b.lanes == 4 || !scarce;
        if (vectors % candidate == 0 && fits) {
            b.vectors = candidate;
        }
    }
    b.tiles = !scarce ? 4 : b.vectors == 4 ? 2
                        : b.vectors == 1   ? 8
                                           : 4;
    if (b.lanes == 16) {
        // 8 accumulators of one vector: at two or four vectors and 4 tiles a network of 32 channels is slower than in AVX2,
        // so it is faster at every width (docs/decisions.md).
        b.vectors = 1;
        b.tiles = 8;
    }
    b.unroll = 4;
    b.unroll_groups = b.lanes * b.vectors % 16 != 0 && b.vectors > 1;

    b.strip = 32 * tile_bytes(channels, q16) <= l2_bytes(target) / 2 ? 32 : 16;
    return b;
}

}  // namespace slimscale::schedules
