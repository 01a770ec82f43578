#include "runtime/cpu/backend.h"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/bands.h"
#include "runtime/cpu/conv3.h"
#include "runtime/cpu/pixels.h"
#include "runtime/cpu/ranges.h"
#include "runtime/executor/steps.h"
#include "runtime/executor/walk.h"

namespace slimscale::runtime::cpu {

namespace {

static_assert(kStoreHistory >= kMostTaps, "a chroma row is made from rows that are there");

// Rows of the caller's images, in parallel: of the output also those of subsampled chroma.
struct RowLoop {
    const Execution *e;
    const Loading *loading;
    const Storing *storing;
    Rows rows, chroma;
};

void load_task(void *data, int index, int) {
    const auto &loop = *static_cast<RowLoop *>(data);
    const TensorLayout &l = loop.e->tensors[0];
    const int y = loop.rows.begin + index;
    float *row = reinterpret_cast<float *>(loop.e->workspace + l.offset) + (y + l.base) % l.ring * l.row;
    std::memset(row, 0, static_cast<size_t>(l.pixel) * sizeof(float));
    load_row(*loop.loading, y, row + l.pixel);
    std::memset(row + (1 + l.width) * l.pixel, 0, static_cast<size_t>(zero_columns(l) * l.pixel) * sizeof(float));
}

void store_task(void *data, int index, int) {
    const auto &loop = *static_cast<RowLoop *>(data);
    const TensorLayout &l = loop.e->upscaled();
    const NumberRows numbers{reinterpret_cast<float *>(loop.e->workspace + l.offset) + l.pixel, l.base, l.ring, l.row};
    const int rows = loop.rows.end - loop.rows.begin;
    if (index >= rows)
        return store_chroma_row(*loop.storing, loop.chroma.begin + index - rows, numbers);
    store_row(*loop.storing, loop.rows.begin + index, numbers);
    store_alpha_row(*loop.storing, loop.rows.begin + index);
}

// Pipelines write whole tiles; the columns that the next 3x3 reads beyond the frame must be zero.
void clear_columns(const StepCall &call) {
    const TensorLayout &l = call.layout(call.s.output);
    const auto pixel_bytes = static_cast<size_t>(l.pixel) * sizeof(float);
    const auto right = static_cast<size_t>(zero_columns(l));
    for (int y = call.rows.begin * call.s.shuffle; y < call.rows.end * call.s.shuffle; y++) {
        float *row = reinterpret_cast<float *>(call.e.workspace + l.offset) + (y + l.base) % l.ring * l.row;
        std::memset(row, 0, pixel_bytes);
        std::memset(row + (1 + l.width) * l.pixel, 0, right * pixel_bytes);
    }
}

int run_piece(const StepCall &call) {
    const int status = run_step(call, conv3);
    if (status == 0 && !facts_of(call.s).writes_image() && call.e.plan->tensors[call.s.output].rank == 3)
        clear_columns(call);
    return status;
}

class CpuFrame final : public FrameSteps {
public:
    CpuFrame(const Execution &execution, const slimscale_image &input, const slimscale_image &output)
        : e_(execution), loading_(loading(input, e_.color)), storing_(storing(input, output, e_.color, e_.scale())) {}

    slimscale_status load(Rows rows, Error &) override {
        for_rows(load_task, rows, {});
        return SLIMSCALE_OK;
    }
    slimscale_status run(const slimscale_step &step, Rows rows, Error &error) override {
        if (e_.probe && facts_of(step).has_q16())
            probe_step(e_, step, rows, *e_.probe);
        return run_in_pieces(e_, step, rows, run_piece, error);
    }
    slimscale_status store(Rows rows, Error &) override {
        if (!e_.probe) {
            const RowRange chroma = complete_chroma_rows(storing_, rows.begin, rows.end);
            for_rows(store_task, rows, {chroma.begin, chroma.end});
        }
        return SLIMSCALE_OK;
    }

private:
    void for_rows(void (*task)(void *, int, int), Rows rows, Rows chroma) const {
        RowLoop loop{&e_, &loading_, &storing_, rows, chroma};
        const int count = rows.end - rows.begin + chroma.end - chroma.begin;
        e_.call->pool.run(e_.call->pool.opaque, count, task, &loop);
    }

    const Execution &e_;
    const Loading loading_;
    const Storing storing_;
};

}  // namespace

int CpuBackend::band_rows(const slimscale_network_plan &plan, int width, int height, int most_rows, int workers) const {
    return std::min(preferred_band_rows(plan, width, height, workers), most_rows);
}

// The zero row of every tensor; steps clear the columns themselves.
slimscale_status CpuBackend::clear_borders(const Execution &e, Error &) const {
    for (int t = 0; t < e.plan->tensor_count; t++) {
        if (e.plan->tensors[t].rank != 3)
            continue;
        const TensorLayout &l = e.tensors[t];
        std::memset(e.workspace + l.offset + static_cast<size_t>(l.ring * l.row) * sizeof(float), 0,
                    static_cast<size_t>(l.row) * sizeof(float));
    }
    return SLIMSCALE_OK;
}

slimscale_status CpuBackend::run(const Execution &e, const slimscale_image &input, const slimscale_image &output,
                                 Error &error) const {
    CpuFrame frame(e, input, output);
    return walk(e, frame, error);
}

}  // namespace slimscale::runtime::cpu
