#include "runtime/cpu/pixel_rows.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace slimscale::runtime::cpu {

#include "runtime/cpu/pixel_rows.inc"

const PixelRows &baseline_pixel_rows() {
    return kRows;
}

}  // namespace slimscale::runtime::cpu
