#include "runtime/cpu/pixel_rows.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SLIMSCALE_AVX2_PIXELS 1
#pragma GCC push_options
#pragma GCC target("avx2")  // and not fma: the bytes are those of the baseline
#endif

namespace slimscale::runtime::cpu {

#if SLIMSCALE_AVX2_PIXELS
#include "runtime/cpu/pixel_rows.inc"
#pragma GCC pop_options

const PixelRows *avx2_pixel_rows() {
    return &kRows;
}
#else
const PixelRows *avx2_pixel_rows() {
    return nullptr;
}
#endif

}  // namespace slimscale::runtime::cpu
