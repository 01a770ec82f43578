// The caller's pixels into the loaded image's rows and back. Colors and chroma are the coefficients and taps of
// frames/colors.h; here they are applied, a row of the image at a time. Alpha goes its own way, bicubically.
#pragma once

#include "runtime/frames/colors.h"

namespace slimscale::runtime::cpu {

// One row: `row` receives numbers x width floats, interleaved.
void load_row(const Loading &loading, int y, float *row);

// Rows of the network's last tensor: row y lies at first + (y + base) % ring * stride.
struct NumberRows {
    const float *first;
    int base, ring;
    int64_t stride;

    const float *at(int y) const { return first + (y + base) % ring * stride; }
};

// Stores row y of the output's components at full resolution, except alpha.
void store_row(const Storing &storing, int y, const NumberRows &numbers);
// Stores row y of its subsampled chroma, which reads the numbers of several rows (complete_chroma_rows).
void store_chroma_row(const Storing &storing, int y, const NumberRows &numbers);

// Stores row y of the output's alpha, if it has any: bicubic (a = -0.5, edges repeated) from the input's, clamped.
// Opaque stays opaque, and without alpha in the input the output is opaque.
void store_alpha_row(const Storing &storing, int y);

}  // namespace slimscale::runtime::cpu
