// The last upsampler convolution (C -> s*s*C), its pixel shuffle and the tail (C -> colors) as one convolution of the
// features at low resolution, per output phase (dy, dx): 3x3 taps of 3x3 taps of a grid s times finer are 4x4.
//
// The tail's zeros around the frame stand between the two: at the frame's outermost output pixels some of its taps meet
// no feature, nor the upsampler's bias. So phases 0 and s-1, along each axis, have a second filter for those pixels.
// The filters along an axis are numbered: phase p's is p, that of the first pixel (phase 0) s, of the last (phase s-1)
// s+1.
#pragma once

#include "contract/blob_view.h"
#include "contract/operation.h"
#include "runtime/plan/layout.h"
#include "slimscale/slimscale.h"

namespace slimscale::runtime {

using contract::kCollapsedTaps;
constexpr int kMaxColors = 3;

// Per axis; their square in all.
constexpr int collapsed_filters(int shuffle) {
    return shuffle + 2;
}

// Where the first of an axis's four taps lies, in low-resolution pixels: phase 0 reads one further back.
constexpr int first_tap(int filter) {
    return filter == 0 ? -2 : -1;
}

// Low-resolution pixels along one axis whose output pixels of one phase share a filter.
struct PhaseSpan {
    int filter;
    int begin, end;
};

// Those of `phase` within `range`, of `size` pixels in all, in ascending order. Returns how many, at most 2.
int phase_spans(int phase, int shuffle, Rows range, int size, PhaseSpan *spans);

// Where the filters of one width go: each (ci to `padded`, kx, ky, o), its biases (o) likewise one after the other; row
// filter r and column filter c are number r * collapsed_filters(shuffle) + c.
struct CollapsedTail {
    int channels, colors, shuffle;
    int padded;  // channels, rounded up to kFilterBlock
    float *weights, *bias;

    int filters() const { return collapsed_filters(shuffle) * collapsed_filters(shuffle); }
    int64_t filter_floats() const { return int64_t{kCollapsedTaps} * kCollapsedTaps * padded * colors; }
};

// Fills them from the blob's plain filters, on the pool. Sums are in double.
void collapse_tail(const BlobView &blob, const slimscale_step &step, const CollapsedTail &tail,
                   const slimscale_thread_pool &pool);

}  // namespace slimscale::runtime
