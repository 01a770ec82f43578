// The rows of variants.def as values; variants.def explains the columns.
#pragma once

#include <string>

namespace slimscale::generators {

struct Variant {
    const char *network;
    int scale, colors;
    const char *channels;  // "16 64"
    const char *precision;
    const char *targets;  // "avx2 baseline"
    const char *weights;  // "zoo" or "random"
};

inline constexpr Variant kVariants[] = {
#define SLIMSCALE_VARIANT(network, scale, colors, channels, precision, targets, weights) \
    {#network, scale, colors, channels, #precision, targets, #weights},
#include "generators/variants.def"
#undef SLIMSCALE_VARIANT
};

// "carn_m_x2", or "edsr_small_luma_x2" for a luma network: the model's name in cmake/SlimscaleModel.cmake.
inline std::string model_name(const Variant &variant) {
    return variant.network + std::string(variant.colors == 1 ? "_luma" : "") + "_x" + std::to_string(variant.scale);
}

}  // namespace slimscale::generators
