#include "runtime/cpu/backend.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "runtime/cpu/bands.h"
#include "runtime/cpu/conv3.h"
#include "runtime/cpu/pixels.h"
#include "runtime/cpu/ranges.h"
#include "runtime/executor/steps.h"
#include "runtime/executor/walk.h"
#include "runtime/platform/threads.h"

namespace slimscale::runtime::cpu {

namespace {

static_assert(kStoreHistory >= kMostTaps, "a chroma row is made from rows that are there");

unsigned char *row_of(const Execution &e, const TensorLayout &l, int y) {
    return e.workspace + l.offset + static_cast<size_t>((y + l.base) % l.ring * l.row * l.value_bytes);
}

// Zeroes the pixel before a row of a tensor, and those after it that a convolution reads.
void clear_sides(unsigned char *row, const TensorLayout &l) {
    const auto pixel = static_cast<size_t>(l.pixel * l.value_bytes);
    std::memset(row, 0, pixel);
    std::memset(row + static_cast<size_t>(1 + l.width) * pixel, 0, static_cast<size_t>(zero_columns(l)) * pixel);
}

// Zeroes the columns beyond the frame that the next 3x3 convolution reads. Pipelines write whole tiles, so they write
// there too.
void clear_columns(const StepCall &call) {
    const TensorLayout &l = call.layout(call.s.output);
    if (call.columns.end < l.width / call.s.shuffle)
        return;
    for (int y = call.rows.begin * call.s.shuffle; y < call.rows.end * call.s.shuffle; y++)
        clear_sides(row_of(call.e, l, y), l);
}

int run_piece(const StepCall &call) {
    const int status = run_step(call, conv3);
    if (status == 0 && !facts_of(call.s).writes_image() && call.e.plan->tensors[call.s.output].rank == 3)
        clear_columns(call);
    return status;
}

// How the rows of a stage are split into tasks: parts of equally many rows and, where a step allows it, of columns.
struct Cut {
    int rows, count, strips, strip_columns;
};

// A part takes 20 to 100 microseconds. Many small parts let workers that begin at different times end together, and a
// worker that loses its processor in the middle of a part delays little; smaller parts would cost more in calls.
constexpr int kPartsPerWorker = 4;
constexpr int64_t kLeastMacs = 3 << 20, kMostMacs = 12 << 20;  // of a part
constexpr int kStripColumns = 128;                             // whole strips of every blocking
constexpr int kPixelMacs = 400;                                // cost of loading or storing a pixel

Cut cut_rows(Rows rows, int unit, int64_t macs_per_row, int workers) {
    const int units = (rows.end - rows.begin + unit - 1) / unit;
    if (workers == 1)
        return {units * unit, 1, 1, INT_MAX};
    const int64_t macs = macs_per_row * (rows.end - rows.begin);
    int64_t parts =
        std::max<int64_t>(macs / kMostMacs, std::min<int64_t>(macs / kLeastMacs, kPartsPerWorker * workers));
    parts = parts < workers && 2 * workers * macs >= kLeastMacs ? workers : parts / workers * workers;
    const int units_each = static_cast<int>(units / std::max<int64_t>(1, std::min<int64_t>(parts, units)));
    return {units_each * unit, (units + units_each - 1) / units_each, 1, INT_MAX};
}

// Runs one frame as stages: workers load rows, compute the rows of a step, or store complete rows (executor/walk.h).
class CpuFrame {
public:
    CpuFrame(const Execution &execution, const slimscale_image &input, const slimscale_image &output, Error &error)
        : e_(execution), loading_(loading(input, e_.color)), storing_(storing(input, output, e_.color, e_.scale())),
          error_(error), walk_(execution) {}

    slimscale_status run() {
        const StagedWork work{this, &CpuFrame::next, &CpuFrame::task};
        Call &call = *e_.call;
        if (call.threads) {
            call.threads->run(work);
        } else {
            call.stages->begin(work, call.pool.workers);
            call.pool.run(
                call.pool.opaque, call.pool.workers,
                [](void *stages, int, int worker) { static_cast<Stages *>(stages)->work(worker); }, call.stages);
        }
        return call.failed ? error_.status : SLIMSCALE_OK;
    }

private:
    static int next(void *self) {
        CpuFrame &frame = *static_cast<CpuFrame *>(self);
        return frame.goes_on() && frame.walk_.next(frame.at_) ? frame.cut() : 0;
    }
    static void task(void *self, int index, int worker) { static_cast<CpuFrame *>(self)->run_part(index, worker); }

    bool failed() const { return __atomic_load_n(&e_.call->failed, __ATOMIC_ACQUIRE); }

    // Called before each stage.
    bool goes_on() {
        if (!e_.watch || failed())
            return !failed();
        const bool stored = !walk_.at_start() && at_.kind == WalkPoint::Kind::store;
        const int rows = walk_.rows_complete();
        Error said;
        if ((stored ? e_.watch->tell(rows, e_.frame.height, said) : e_.watch->check(rows, e_.frame.height, said)) !=
                SLIMSCALE_OK &&
            e_.call->fail_first())
            error_ = said;
        return !failed();
    }

    int cut() {
        const int workers = e_.call->pool.workers;
        int64_t macs_per_row = 0;
        int unit = 1;
        span_ = at_.rows;
        switch (at_.kind) {
        case WalkPoint::Kind::load:
            macs_per_row = int64_t{kPixelMacs} * e_.frame.width;
            span_ = {0, at_.rows.end - at_.rows.begin};
            break;
        case WalkPoint::Kind::store: {
            const RowRange chroma = complete_chroma_rows(storing_, at_.rows.begin, at_.rows.end);
            chroma_ = {chroma.begin, chroma.end};
            macs_per_row = int64_t{kPixelMacs} * e_.upscaled().width;
            span_ = {0, at_.rows.end - at_.rows.begin + chroma.end - chroma.begin};
            break;
        }
        case WalkPoint::Kind::step: {
            const slimscale_step &s = *at_.step;
            const bool sums = e_.plan->tensors[s.output].rank == 2, whole = e_.plan->tensors[s.output].rank == 1;
            unit = whole ? at_.rows.end - at_.rows.begin : kTileRows;
            macs_per_row =
                static_cast<int64_t>(e_.frame.width) * s.input_scale *
                (sums ? s.cin
                      : std::max<int64_t>(s.cin, contract::macs_per_pixel(operation_of(s), s.cin, s.cout, s.input_count,
                                                                          s.groups, s.shuffle * s.shuffle)));
        }
        }
        cut_ = cut_rows(span_, unit, macs_per_row, workers);
        const bool cuts_columns =
            at_.kind == WalkPoint::Kind::step &&
            (facts_of(*at_.step).runs == contract::Runs::together || facts_of(*at_.step).runs == contract::Runs::apart);
        if (cuts_columns && workers > 1) {
            const int64_t macs = macs_per_row * (span_.end - span_.begin);
            const int columns = e_.frame.width * at_.step->input_scale;
            const int strips = (columns + kStripColumns - 1) / kStripColumns;
            const bool few = cut_.count < kPartsPerWorker * workers && macs / (cut_.count * strips) >= kLeastMacs;
            if (few || macs_per_row * cut_.rows > kMostMacs) {
                cut_.strip_columns = kStripColumns;
                cut_.strips = strips;
            }
        }
        while (cut_.count * cut_.strips > Stages::kMostTasks) {
            cut_.rows *= 2;
            cut_.count = (span_.end - span_.begin + cut_.rows - 1) / cut_.rows;
        }
        return cut_.count * cut_.strips;
    }

    // Row `index` of those that the stage loads.
    void load(int index) {
        const TensorLayout &l = e_.tensors[0];
        const int y = at_.rows.begin + index;
        unsigned char *row = row_of(e_, l, y);
        load_row(loading_, y, reinterpret_cast<float *>(row) + l.pixel);
        clear_sides(row, l);
    }

    // Row `index` of those that the stage stores: luma and whatever has its rows, then subsampled chroma.
    void store(int index) {
        const TensorLayout &l = e_.upscaled();
        const NumberRows numbers{reinterpret_cast<float *>(e_.workspace + l.offset) + l.pixel, l.base, l.ring, l.row};
        const int rows = at_.rows.end - at_.rows.begin;
        if (index >= rows)
            return store_chroma_row(storing_, chroma_.begin + index - rows, numbers);
        store_row(storing_, at_.rows.begin + index, numbers);
        store_alpha_row(storing_, at_.rows.begin + index);
    }

    // Strips of the same rows have consecutive indices.
    void run_part(int index, int worker) {
        if (failed())
            return;
        const int first = span_.begin + index / cut_.strips * cut_.rows;
        const Rows rows{first, std::min(first + cut_.rows, span_.end)};
        switch (at_.kind) {
        case WalkPoint::Kind::load:
            for (int y = rows.begin; y < rows.end; y++)
                load(y);
            break;
        case WalkPoint::Kind::step: {
            const slimscale_step &step = *at_.step;
            const int strip = index % cut_.strips, begin = cut_.strips > 1 ? strip * cut_.strip_columns : 0;
            const Columns columns{begin, cut_.strips > 1 ? begin + cut_.strip_columns : INT_MAX};
            if (e_.probe && facts_of(step).has_q16() && strip == 0)
                probe_step(e_, step, rows, *e_.probe);
            run_in_pieces(e_, step, rows, run_piece, error_, worker, columns);
            break;
        }
        case WalkPoint::Kind::store:
            for (int y = rows.begin; y < rows.end && !e_.probe; y++)
                store(y);
        }
    }

    const Execution &e_;
    const Loading loading_;
    const Storing storing_;
    Error &error_;
    Walk walk_;
    WalkPoint at_{};  // the current stage
    Rows span_{};     // the rows that are split among tasks: rows of the step's grid or of an image
    Rows chroma_{};   // in a stage that stores: rows of subsampled chroma, whose tasks follow those of luma
    Cut cut_{};
};

}  // namespace

int CpuBackend::band_rows(const slimscale_network_plan &plan, const BandShape &shape) const {
    return std::min(preferred_band_rows(plan, shape), shape.most_rows);
}

// Zeroes the zero row of every tensor. Steps zero their columns themselves.
slimscale_status CpuBackend::clear_borders(const Execution &e, Error &) const {
    for (int t = 0; t < e.plan->tensor_count; t++) {
        if (e.plan->tensors[t].rank != 3)
            continue;
        const TensorLayout &l = e.tensors[t];
        const auto row = static_cast<size_t>(l.row * l.value_bytes);
        std::memset(e.workspace + l.offset + static_cast<size_t>(l.ring) * row, 0, row);
    }
    return SLIMSCALE_OK;
}

slimscale_status CpuBackend::run(const Execution &e, const slimscale_image &input, const slimscale_image &output,
                                 Error &error) const {
    return CpuFrame(e, input, output, error).run();
}

}  // namespace slimscale::runtime::cpu
