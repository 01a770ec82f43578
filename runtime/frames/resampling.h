// Keys' cubic (a = -0.5) along one axis, as tables of taps, which enlarge, reduce and move chroma and alpha. To reduce,
// the cubic is stretched over as many more samples, as in MATLAB's imresize.
#pragma once

#include "contract/blob_format.h"
#include "slimscale/slimscale.h"

namespace slimscale::runtime {

// Samples along an axis: the first lies at `first`, the others `step` further each, in pixels of the same image, whose
// left edge is 0.
struct Sites {
    double first, step;
};

inline constexpr Sites kEveryPixel{0.5, 1};

// The sites of chroma with one sample for `sub` pixels.
Sites chroma_columns(slimscale_siting siting, int sub);
Sites chroma_rows(slimscale_siting siting, int sub);

enum class Edge { mirrored, repeated };

// The sample that is used for index i of `count`: i itself if it lies inside; else, with Edge::mirrored, the mirrored
// one if that lies inside; else the nearest.
constexpr int inside(int i, int count, Edge edge = Edge::mirrored) {
    if (edge == Edge::mirrored)
        i = i < 0 ? -1 - i : i >= count ? 2 * count - 1 - i : i;
    return i < 0 ? 0 : i >= count ? count - 1 : i;
}

// An output period is at most a scale times a step; the cubic has four taps, and twice as many where it halves.
constexpr int kMostStep = 2, kMostPhases = kMaxScale * kMostStep, kMostTaps = 4 * kMostStep;

// Output o = out_period*i + p is the sum over k < taps of weights[p][k] times sample in_period*i + first[p] + k.
struct Resampling {
    int out_period = 1, in_period = 1;
    int taps = 1;
    float at = 0;  // where output 0 lies, in samples
    int first[kMostPhases] = {};
    float weights[kMostPhases][kMostTaps] = {};

    int first_tap(int o) const { return o / out_period * in_period + first[o % out_period]; }
    const float *taps_of(int o) const { return weights[o % out_period]; }
    bool copies() const { return taps == 1 && out_period == 1 && in_period == 1; }  // output o is sample o
};

// From samples at `from` in an image to samples at `to` in one that is `scale` times as large. Scales are 1 to
// kMaxScale, steps 1 or 2.
Resampling resampling(Sites from, Sites to, int scale);

}  // namespace slimscale::runtime
