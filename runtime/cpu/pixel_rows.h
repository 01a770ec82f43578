// The loops of pixels.h as they are compiled, for one kind of processor each.
#pragma once

#include "runtime/cpu/pixels.h"

namespace slimscale::runtime::cpu {

struct PixelRows {
    void (*load)(const Loading &loading, int y, float *row);
    void (*store)(const Storing &storing, int y, const NumberRows &numbers);
    void (*store_chroma)(const Storing &storing, int y, const NumberRows &numbers);
    void (*store_alpha)(const Storing &storing, int y);
};

const PixelRows &baseline_pixel_rows();
const PixelRows *avx2_pixel_rows();  // null where they are not compiled

}  // namespace slimscale::runtime::cpu
