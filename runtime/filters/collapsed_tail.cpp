#include "runtime/filters/collapsed_tail.h"

#include <algorithm>

namespace slimscale::runtime {

namespace {

constexpr int kKernel = 3, kTaps = kKernel * kKernel;

// One axis of a collapsed filter: its phase, and which of the tail's taps (-1, 0, 1) lie inside the frame.
struct Axis {
    int phase, first_inside, last_inside;
};

Axis axis_of(int filter, int shuffle) {
    if (filter < shuffle)
        return {filter, -1, 1};
    return filter == shuffle ? Axis{0, 0, 1} : Axis{shuffle - 1, -1, 0};
}

// The tail's tap k at output phase `phase` reads the upsampler's phase `upsampled` of the pixel `pixel` away.
struct Source {
    int pixel, upsampled;
};

Source source_of(int phase, int k, int shuffle) {
    const int fine = phase + k + shuffle;  // not negative
    return {fine / shuffle - 1, fine % shuffle};
}

struct Collapse {
    const BlobFilter *upsampler;
    const float *upsampler_weights, *upsampler_bias, *tail_weights, *tail_bias;
    CollapsedTail to;

    // The tail's weights of input c and tap t. Outputs are innermost; images have fewer of them than a block.
    const float *tail_at(int c, int t) const { return tail_weights + (int64_t{c} * kTaps + t) * kFilterBlock; }
    // The upsampler's weights of output c and input ci, whose taps are kFilterBlock apart.
    const float *upsampler_at(int phase, int c, int ci) const {
        const int64_t block = phase * static_cast<int64_t>(block_count(*upsampler)) + c / kFilterBlock;
        return upsampler_weights + (block * upsampler->inputs + ci) * kTaps * kFilterBlock + c % kFilterBlock;
    }
    float upsampler_bias_at(int phase, int c) const {
        return upsampler_bias[phase * static_cast<int64_t>(bias_stride(*upsampler)) + c];
    }
};

struct Sums {
    double taps[kCollapsedTaps][kCollapsedTaps][kMaxColors];
};

// What one tap of the tail contributes to all taps of input channel `ci`: (y, x) is the first of its 3x3.
void add_tap(const Collapse &w, int ci, int tail_tap, int phase, int y, int x, Sums &sums) {
    for (int c = 0; c < w.to.channels; c++) {
        const float *tail = w.tail_at(c, tail_tap), *upsampler = w.upsampler_at(phase, c, ci);
        for (int j = 0; j < kTaps; j++)
            for (int o = 0; o < w.to.colors; o++)
                sums.taps[y + j / kKernel][x + j % kKernel][o] += double{upsampler[j * kFilterBlock]} * tail[o];
    }
}

// Calls visit(tail's tap, upsampler's phase, first row, first column among the 4x4) for each tap inside the frame.
template <typename Visit>
void for_each_tap(int row_filter, int column_filter, int shuffle, Visit visit) {
    const Axis rows = axis_of(row_filter, shuffle), columns = axis_of(column_filter, shuffle);
    for (int ky = rows.first_inside; ky <= rows.last_inside; ky++)
        for (int kx = columns.first_inside; kx <= columns.last_inside; kx++) {
            const Source y = source_of(rows.phase, ky, shuffle), x = source_of(columns.phase, kx, shuffle);
            visit((ky + 1) * kKernel + kx + 1, y.upsampled * shuffle + x.upsampled, y.pixel - 1 - first_tap(row_filter),
                  x.pixel - 1 - first_tap(column_filter));
        }
}

void collapse_channel(const Collapse &w, int filter, int ci) {
    const int side = collapsed_filters(w.to.shuffle);
    Sums sums{};
    for_each_tap(filter / side, filter % side, w.to.shuffle,
                 [&](int tail_tap, int phase, int y, int x) { add_tap(w, ci, tail_tap, phase, y, x, sums); });
    float *out = w.to.weights + filter * w.to.filter_floats() + ci;
    for (int o = 0; o < w.to.colors; o++)
        for (int tap = 0; tap < kCollapsedTaps * kCollapsedTaps; tap++)
            out[(o * kCollapsedTaps * kCollapsedTaps + tap) * w.to.padded] =
                static_cast<float>(sums.taps[tap / kCollapsedTaps][tap % kCollapsedTaps][o]);
}

void collapse_bias(const Collapse &w, int filter) {
    const int side = collapsed_filters(w.to.shuffle);
    for (int o = 0; o < w.to.colors; o++) {
        double sum = w.tail_bias[o];
        for_each_tap(filter / side, filter % side, w.to.shuffle, [&](int tail_tap, int phase, int, int) {
            for (int c = 0; c < w.to.channels; c++)
                sum += double{w.upsampler_bias_at(phase, c)} * w.tail_at(c, tail_tap)[o];
        });
        w.to.bias[filter * kFilterBlock + o] = static_cast<float>(sum);
    }
}

// index runs over filters x input channels.
void run_collapse(void *data, int index, int) {
    const auto &w = *static_cast<Collapse *>(data);
    const int filter = index / w.to.channels, ci = index % w.to.channels;
    collapse_channel(w, filter, ci);
    if (ci == 0)
        collapse_bias(w, filter);
}

}  // namespace

int phase_spans(int phase, int shuffle, Rows range, int size, PhaseSpan *spans) {
    int count = 0;
    const auto add = [&](int filter, int begin, int end) {
        begin = std::max(begin, range.begin);
        end = std::min(end, range.end);
        if (begin < end)
            spans[count++] = {filter, begin, end};
    };
    const bool first = phase == 0, last = phase == shuffle - 1;
    if (first)
        add(shuffle, 0, 1);
    add(phase, first ? 1 : 0, last ? size - 1 : size);
    if (last)
        add(shuffle + 1, size - 1, size);
    return count;
}

void collapse_tail(const BlobView &blob, const slimscale_step &step, const CollapsedTail &tail,
                   const slimscale_thread_pool &pool) {
    const auto f = static_cast<uint32_t>(step.filter), f2 = static_cast<uint32_t>(step.filter2);
    Collapse work{&blob.filters[f], blob.weights(f), blob.bias(f), blob.weights(f2), blob.bias(f2), tail};
    pool.run(pool.opaque, tail.filters() * tail.channels, run_collapse, &work);
}

}  // namespace slimscale::runtime
