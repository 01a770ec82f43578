#include "runtime/plan.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace slimscale::runtime {

namespace {

// Bands of 16 rows keep barriers rare; more threads want more tile rows per band.
int default_band_rows(int workers) {
    return std::max(16, 2 * kTileRows * workers);
}

}  // namespace

size_t FramePlan::lay_out_all(int band_rows) {
    size_t most = 0;
    for (int i = 0; i < inputs_.width_count; i++) {
        const slimscale_network_plan &plan = *inputs_.widths[i];
        frames_[i] = lay_out(plan, width_, height_, plan.whole_frame ? 0 : band_rows, tensors_[i]);
        most = std::max(most, frames_[i].workspace_bytes);
    }
    return most;
}

slimscale_status FramePlan::check_cap(size_t bytes, Error &error) const {
    if (inputs_.memory_cap == 0 || bytes <= inputs_.memory_cap)
        return SLIMSCALE_OK;
    return error.set(SLIMSCALE_OVER_MEMORY_CAP, "over the memory cap");  // make() says it in full
}

// Pipelines work in strips of bounded length: a frame of a few strips shows how much scratch any wider one needs.
slimscale_status FramePlan::refuse(const PlanInputs &inputs, int width, int height, int band_rows, Error &error) {
    constexpr int kProbeWidth = 512, kProbeHeight = 4;
    PlanInputs uncapped = inputs;
    uncapped.memory_cap = 0;
    FramePlan probe;
    if (probe.make_with_bands(uncapped, std::min(width, kProbeWidth), std::min(height, kProbeHeight), band_rows,
                              error) != SLIMSCALE_OK)
        return error.status;
    const size_t scratch = probe.scratch_.size();
    probe.width_ = width;
    probe.height_ = height;
    return error.set(SLIMSCALE_OVER_MEMORY_CAP,
                     "frames of %d x %d need %zu bytes of workspace and the cap is %zu; raise memory_cap, or open "
                     "narrower widths only",
                     width, height, probe.lay_out_all(band_rows) + scratch, inputs.memory_cap);
}

// One context per worker and one for what runs outside of parallel loops; the layouts of every opened width.
slimscale_status FramePlan::allocate_tables(Error &error) {
    const int workers = inputs_.pool.workers;
    size_t tensor_count = 0;
    for (int i = 0; i < inputs_.width_count; i++)
        tensor_count += static_cast<size_t>(inputs_.widths[i]->tensor_count);
    const size_t context_bytes = round_up(sizeof(Context) * static_cast<size_t>(workers + 1), kAlignment);
    if (!tables_.allocate(inputs_.allocator, context_bytes + sizeof(TensorLayout) * tensor_count))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the plan's tables");
    call_ = {inputs_.pool, reinterpret_cast<Context *>(tables_.data()), nullptr};
    for (int i = 0; i <= workers; i++)
        (new (&call_.contexts[i]) Context())->call = &call_;
    auto *next = reinterpret_cast<TensorLayout *>(tables_.data() + context_bytes);
    for (int i = 0; i < inputs_.width_count; i++) {
        tensors_[i] = next;
        next += inputs_.widths[i]->tensor_count;
    }
    return SLIMSCALE_OK;
}

slimscale_status FramePlan::allocate_workspace(Error &error) {
    const size_t bytes = lay_out_all(band_rows_);
    if (check_cap(bytes, error) != SLIMSCALE_OK)
        return error.status;
    if (!workspace_.allocate(inputs_.allocator, bytes))
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the allocator has no %zu bytes for frames of %d x %d; plan smaller frames or set memory_cap",
                         bytes, width_, height_);
    std::memset(workspace_.data(), 0, workspace_.size());
    return SLIMSCALE_OK;
}

Execution FramePlan::execution(int index) {
    return {inputs_.widths[index], inputs_.tier, inputs_.model->pipeline_names,
            inputs_.filters, tensors_[index], frames_[index],
            workspace_.data(), inputs_.color, &call_};
}

// The arenas start empty, serve everything by malloc and remember the most; then they get that much.
slimscale_status FramePlan::allocate_scratch(Error &error) {
    const int workers = call_.pool.workers;
    call_.error = &error;
    for (int i = 0; i < inputs_.width_count; i++)
        if (touch_pipelines(execution(i), error) != SLIMSCALE_OK)
            return error.status;
    size_t worker_bytes = 0;
    for (int i = 0; i < workers; i++)
        worker_bytes = std::max(worker_bytes, call_.contexts[i].arena.peak());
    const size_t outer_bytes = call_.outer()->arena.peak();
    const size_t bytes = worker_bytes * static_cast<size_t>(workers) + outer_bytes;
    if (check_cap(workspace_.size() + bytes, error) != SLIMSCALE_OK)
        return error.status;
    if (!scratch_.allocate(inputs_.allocator, bytes))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no %zu bytes for scratch memory", bytes);
    for (int i = 0; i < workers; i++)
        call_.contexts[i].arena.use(scratch_.data() + static_cast<size_t>(i) * worker_bytes, worker_bytes);
    call_.outer()->arena.use(scratch_.data() + static_cast<size_t>(workers) * worker_bytes, outer_bytes);
    return SLIMSCALE_OK;
}

slimscale_status FramePlan::make_with_bands(const PlanInputs &inputs, int width, int height, int band_rows,
                                            Error &error) {
    FramePlan fresh;
    fresh.inputs_ = inputs;
    fresh.width_ = width;
    fresh.height_ = height;
    fresh.band_rows_ = band_rows;
    if (fresh.allocate_tables(error) != SLIMSCALE_OK || fresh.allocate_workspace(error) != SLIMSCALE_OK ||
        fresh.allocate_scratch(error) != SLIMSCALE_OK)
        return error.status;
    swap(fresh);
    return SLIMSCALE_OK;
}

slimscale_status FramePlan::make(const PlanInputs &inputs, int width, int height, Error &error) {
    const bool free_choice = inputs.band_rows == 0;
    int band_rows = free_choice ? default_band_rows(inputs.pool.workers) : std::max(0, inputs.band_rows);
    for (;;) {
        error.status = SLIMSCALE_OK;
        if (make_with_bands(inputs, width, height, band_rows, error) != SLIMSCALE_OVER_MEMORY_CAP)
            return error.status;
        if (!free_choice || band_rows <= kTileRows)
            return refuse(inputs, width, height, band_rows, error);
        band_rows = round_up(band_rows / 2, kTileRows);
    }
}

void FramePlan::swap(FramePlan &other) {
    std::swap(inputs_, other.inputs_);
    tables_.swap(other.tables_);
    workspace_.swap(other.workspace_);
    scratch_.swap(other.scratch_);
    std::swap(tensors_, other.tensors_);
    std::swap(frames_, other.frames_);
    std::swap(call_, other.call_);
    std::swap(width_, other.width_);
    std::swap(height_, other.height_);
    std::swap(band_rows_, other.band_rows_);
    std::swap(cleared_for_, other.cleared_for_);
    for (FramePlan *plan : {this, &other})
        for (int i = 0; plan->call_.contexts && i <= plan->call_.pool.workers; i++)
            plan->call_.contexts[i].call = &plan->call_;
}

slimscale_status FramePlan::run(int index, const slimscale_image &input, const slimscale_image &output, Error &error) {
    const Execution e = execution(index);
    call_.error = &error;
    if (cleared_for_ != index)
        clear_zero_rows(e);
    cleared_for_ = index;
    return run_frame(e, input, output, error);
}

size_t FramePlan::scratch_fallbacks() const {
    size_t total = 0;
    for (int i = 0; call_.contexts && i <= call_.pool.workers; i++)
        total += call_.contexts[i].arena.fallbacks();
    return total;
}

}  // namespace slimscale::runtime
