#include "runtime/api/rows.h"

#include <algorithm>

#include "runtime/api/profile.h"

namespace slimscale::runtime {

namespace {

// Calls add(row) for every row that the results [begin, end) of `taps` read of a component with `count` rows. `row`
// counts rows of the image, `sub` of which are one of the component's.
template <class Add>
void each_tap(const Resampling &taps, int begin, int end, int count, int sub, Edge edge, Add add) {
    for (int y = begin; y < end; y++)
        for (int k = 0; k < taps.taps; k++) {
            const int row = inside(taps.first_tap(y) + k, count, edge);
            add(row * sub);
            add(row * sub + sub - 1);
        }
}

}  // namespace

// The rows of the input that a band's loads and stores read. For a band that stores nothing, the next row counts.
RowStream::Reach RowStream::input_of(const BandRows &rows) const {
    const Format &from = *loading_.format, &to = *storing_.format;
    const int height = frame_.input.height, out_height = frame_.output.height;
    Reach reach{height, 0};
    const auto add = [&](int row) { reach.add(std::min(row, height - 1)); };
    const auto chroma_rows = [&](int c) { return samples_of(height, from.sub_y, c); };
    if (!rows.input.empty()) {
        reach.add(rows.input.begin);
        reach.add(rows.input.end - 1);
        if (loading_.codes > 1 && from.subsampled())
            each_tap(loading_.rows, rows.input.begin, rows.input.end, chroma_rows(1), from.sub_y, Edge::mirrored, add);
    }
    const Rows stored = rows.output.empty() ? Rows{0, 1} : rows.output;
    const RowRange made = complete_chroma_rows(storing_, stored.begin, stored.end);
    const int out_chroma = samples_of(out_height, to.sub_y, 1);
    const RowRange chroma{std::min(made.begin, out_chroma - 1),
                          std::max(made.end, std::min(made.begin + 1, out_chroma))};
    for (int j = 0; j < storing_.codes; j++)
        for (int d = 0; d < 3; d++) {
            if (storing_.by_code[j][d] == 0)
                continue;
            const bool to_chroma = Storing::is_chroma(to, j), from_chroma = Storing::is_chroma(from, d);
            const int sub = from_chroma ? from.sub_y : 1;
            each_tap(storing_.way(d, j).rows, to_chroma ? chroma.begin : stored.begin,
                     to_chroma ? chroma.end : stored.end, from_chroma ? chroma_rows(d) : height, sub, Edge::mirrored,
                     add);
        }
    if (from.has_alpha() && to.has_alpha())
        each_tap(storing_.ways[false][false].rows, stored.begin, stored.end, height, 1, Edge::repeated, add);
    return reach;
}

// How many of the output's first `stored` rows are final, including chroma, in whole chroma rows.
int RowStream::final_rows(int stored) const {
    const Format &to = *storing_.format;
    const int height = frame_.output.height;
    if (stored >= height || !to.subsampled())
        return std::min(stored, height);
    const int chroma = complete_chroma_rows(storing_, 0, stored).end;
    return std::min(stored, chroma * to.sub_y) / to.sub_y * to.sub_y;
}

void RowStream::prepare(FramePlan &plan, const QueuedFrame &frame, const ColorTransform &network, int scale) {
    frame_ = frame;
    loading_ = loading(frame.input, network);
    storing_ = storing(frame.input, frame.output, network, scale);
    frame_.input = loading_.image;
    frame_.output = storing_.image;
    bands_ = plan.band_count(frame.width_index);
    latency_ = 0;
    int in_rows = 0, needed = 0, stored = 0;
    out_rows_ = 0;
    for (int b = 0; b < bands_; b++) {
        const BandRows rows = band(plan, b);
        const Reach reach = input_of(rows);
        const int final_before = final_rows(stored);
        if (reach.end > needed)
            latency_ = std::max(latency_, reach.end - 1 - final_before / scale);
        needed = std::max(needed, reach.end);
        stored = std::max(stored, rows.output.end);
        in_rows = std::max(in_rows, needed - reach.first / loading_.format->sub_y * loading_.format->sub_y);
        out_rows_ = std::max(out_rows_, stored - final_before);
    }
    in_bytes_ = in_.lay_out(frame_.input, network.colors, in_rows);
    bytes_ = in_bytes_ + out_.lay_out(frame_.output, network.colors, out_rows_);
    report = frame.report;
    report.actual_ms = 0;
}

bool RowStream::begin(const slimscale_allocator &allocator) {
    if (memory_.size() < bytes_ && !memory_.allocate(allocator, bytes_))
        return false;
    in_.use(memory_.data());
    out_.use(memory_.data() + in_bytes_);
    next_band_ = taken_ = 0;
    active_ = true;
    return true;
}

// Runs the bands whose input is there, as long as there is room for their output.
slimscale_status RowStream::advance(FramePlan &plan, Error &error) {
    const double start = now_ms();
    while (next_band_ < bands_) {
        const BandRows rows = band(plan, next_band_);
        const Reach reach = input_of(rows);
        const bool there = in_.end() >= reach.end || in_.end() == frame_.input.height;
        const bool place =
            rows.output.empty() || rows.output.end - out_.begin() <= round_up(out_rows_, storing_.format->sub_y);
        if (!there || !place)
            break;
        if (plan.run(frame_.width_index, in_.view(), out_.view(), error, nullptr, nullptr,
                     {next_band_, next_band_ + 1}) != SLIMSCALE_OK) {
            active_ = false;
            return error.status;
        }
        if (!rows.output.empty())
            out_.extend(rows.output.end);
        if (++next_band_ < bands_)
            in_.drop(input_of(band(plan, next_band_)).first);
    }
    report.actual_ms += now_ms() - start;
    return SLIMSCALE_OK;
}

slimscale_status RowStream::push(FramePlan &plan, const slimscale_image &rows, int &pushed, Error &error) {
    const int sub = loading_.format->sub_y;
    for (pushed = 0; pushed < rows.height;) {
        const bool ends = in_.end() + rows.height - pushed == frame_.input.height;
        int count = std::min(in_.room(), rows.height - pushed);
        if (!(ends && count == rows.height - pushed))
            count = count / sub * sub;
        if (count > 0)
            in_.append(rows, pushed, count);
        pushed += count;
        if (advance(plan, error) != SLIMSCALE_OK)
            return error.status;
        if (count == 0 && in_.room() < sub)
            break;  // rows must be taken first
    }
    return SLIMSCALE_OK;
}

slimscale_status RowStream::take(FramePlan &plan, const slimscale_image &rows, int &taken, Error &error) {
    const int sub = storing_.format->sub_y;
    for (taken = 0;;) {
        const int ready = final_rows(out_.end()) - taken_, left = rows.height - taken;
        int count = std::min(ready, left);
        if (taken_ + count < frame_.output.height)
            count = count / sub * sub;
        if (count > 0) {
            out_.copy(taken_, count, rows, taken);
            taken_ += count;
            taken += count;
            out_.drop(taken_);
        }
        const int before = out_.end();
        if (advance(plan, error) != SLIMSCALE_OK)
            return error.status;
        if (count <= 0 && out_.end() == before)
            return SLIMSCALE_OK;
    }
}

}  // namespace slimscale::runtime
