// The last upsampler convolution (C -> s*s*C), its pixel shuffle and the tail (C -> colors) as one convolution of the
// features at low resolution, per output phase (dy, dx): 3x3 taps of 3x3 taps of a grid s times finer are 4x4.
//
// The network pads with zeros between the two convolutions. At the outermost output pixels of the frame some taps of
// the tail therefore read neither a feature nor the upsampler's bias, so phases 0 and s-1 have, along each axis, a
// second filter for those pixels. The filters along an axis are numbered: phase p's is p, that of the first pixel
// (phase 0) s, of the last (phase s-1) s+1.
#pragma once

#include "contract/blob_view.h"
#include "contract/operation.h"
#include "runtime/plan/layout.h"
#include "slimscale/slimscale.h"

namespace slimscale::runtime {

using contract::kCollapsedTaps;
constexpr int kMaxColors = 3;

// Filters along one axis; a collapsed tail has the square of that.
constexpr int collapsed_filters(int shuffle) {
    return shuffle + 2;
}

// The position of the first of the four taps along an axis, in low-resolution pixels. Phase 0 reads one pixel further
// back than the other phases.
constexpr int first_tap(int filter) {
    return filter == 0 ? -2 : -1;
}

// A range of low-resolution pixels along one axis whose output pixels of one phase share a filter.
struct PhaseSpan {
    int filter;
    int begin, end;
};

// Writes the ranges of `phase` within `range`, out of `size` pixels, in ascending order. Returns their number, at
// most 2.
int phase_spans(int phase, int shuffle, Rows range, int size, PhaseSpan *spans);

// The places of one width's filters, each (ci up to `padded`, kx, ky, o), and of their biases (o), one after the other.
// The filter of row filter r and column filter c has number r * collapsed_filters(shuffle) + c.
struct CollapsedTail {
    int channels, colors, shuffle;
    int padded;  // channels, rounded up to kFilterBlock
    float *weights, *bias;

    int filters() const { return collapsed_filters(shuffle) * collapsed_filters(shuffle); }
    int64_t filter_floats() const { return int64_t{kCollapsedTaps} * kCollapsedTaps * padded * colors; }
};

// Computes the filters from the plain filters of the blob, on the pool, with sums in double precision.
void collapse_tail(const BlobView &blob, const slimscale_step &step, const CollapsedTail &tail,
                   const slimscale_thread_pool &pool);

}  // namespace slimscale::runtime
