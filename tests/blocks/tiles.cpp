#include "tests/blocks/tiles.h"

#include <cmath>
#include <cstdio>

#include "tests/emulation/amx.h"

namespace slimscale::test {

namespace {

uint16_t bits_of(float value) {
    return stored_bits(value, contract::DataType::bf16);
}

}  // namespace

const TestTarget *target_for_tiles() {
    static const TestTarget in_tiles{{contract::Device::cpu, contract::Isa::amx, contract::DataType::bf16},
                                     "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake-avx512_cannonlake-"
                                     "avx512_zen4-avx512_sapphirerapids",
                                     contract::Schedule::fast};
    if (!emulate_amx()) {
        static const int said = std::fprintf(stderr, "test_blocks: left out: bf16, for want of AVX-512\n");
        static_cast<void>(said);
        return nullptr;
    }
    return &in_tiles;
}

float rounded_bf16(double value) {
    return rounded_to(contract::DataType::bf16, value);
}

Halide::Runtime::Buffer<uint16_t, 3> paired(const Layer &layer) {
    const int taps = layer.kernel * layer.kernel, chunks = layer.inputs / 32 + 2,
              blocks = round_up(layer.outputs, 16) / 16, rows = 16 * taps * chunks + 1;
    Halide::Runtime::Buffer<uint16_t, 3> filter(2, 16, rows * blocks);
    filter.fill(bits_of(3e30f));
    for (int o = 0; o < layer.outputs; o++)
        for (int i = 0; i < 32 * chunks; i++)
            for (int tap = 0; tap < taps; tap++) {
                const float weight =
                    i < layer.inputs ? layer.weight(o, i, tap / layer.kernel, tap % layer.kernel) : 7.f;
                filter(i % 2, o % 16, rows * (o / 16) + 16 * (tap + taps * (i / 32)) + i % 32 / 2) = bits_of(weight);
            }
    filter.raw_buffer()->type = halide_type_t(halide_type_bfloat, 16);
    return filter;
}

void TileChains::add(int channel, float pixel, float weight) {
    float &chain = chains_[channel % 2];
    chain = std::fma(pixel, weight, chain);
}

}  // namespace slimscale::test
