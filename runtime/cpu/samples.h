// Samples of any format to floats and back, a run at a time: codes, not yet colors.
#pragma once

#include "runtime/frames/image.h"
#include "runtime/frames/resampling.h"

namespace slimscale::runtime::cpu {

// Row y of a component, `count` samples wide.
struct SampleRow {
    const Format *format;
    const Component *component;
    unsigned char *row;
    int count;
};

// Component c of the image; y counts the component's own rows.
SampleRow sample_row(const slimscale_image &image, const Format &format, int c, int y);

// Codes of samples [begin, end), which lie in the row.
void fetch(const SampleRow &row, int begin, int end, float *codes);
// Of samples that may lie outside: those stand for them that Edge says.
void fetch_around(const SampleRow &row, int begin, int end, Edge edge, float *codes);

// Integers: limited to the component's codes and rounded, half up; NaN becomes 0. Of a word that several components
// share the bits of the others stay.
void put(const SampleRow &row, int begin, int end, const float *codes);
// A pixel's first three components in one word: its other bits are set.
void put_together(const SampleRow (&rows)[3], int begin, int end, const float *const (&codes)[3]);

}  // namespace slimscale::runtime::cpu
