#include "runtime/executor/frame_plan.h"

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

#include "contract/compiled_target.h"
#include "runtime/plan/tile_chunk.h"
#include "runtime/platform/stages.h"

namespace slimscale::runtime {

namespace {

// Bytes between the workers' arenas: small arenas side by side slow both cores on Zen 4 (docs/decisions/0043 has the
// runs; EDSR with 8 blocks at 16 channels, two threads, 128x128: 4.5 ms, and 3.6 with the gap).
constexpr size_t kArenaGap = size_t{64} << 10;

// The most scratch that one worker holds at a time, over the pipelines of the opened widths; 0 if they need none.
size_t scratch_per_worker(const PlanInputs &inputs) {
    uint64_t most = 0;
    for (int i = 0; i < inputs.width_count; i++) {
        const uint64_t *scratch_bytes = inputs.targets[i]->scratch_bytes;
        if (!scratch_bytes)
            return 0;  // a device's; then all are
        for (int k = 0; k < inputs.widths[i]->step_count; k++) {
            const slimscale_step &step = inputs.widths[i]->steps[k];
            most = std::max(most, scratch_bytes[step.pipeline] * static_cast<uint64_t>(step.groups));
        }
    }
    return round_up(static_cast<size_t>(most), kAlignment) + kArenaGap;
}

bool needs_whole_frame(const PlanInputs &inputs) {
    return std::any_of(inputs.widths, inputs.widths + inputs.width_count,
                       [](const slimscale_network_plan *plan) { return plan->whole_frame != 0; });
}

}  // namespace

// Allocates the call, one context per worker, the stages for a caller's pool, and the layouts of every opened width.
slimscale_status FramePlan::allocate_tables(Error &error) {
    size_t tensor_count = 0;
    for (int i = 0; i < inputs_.width_count; i++)
        tensor_count += static_cast<size_t>(inputs_.widths[i]->tensor_count);
    const size_t call_bytes = round_up(sizeof(Call), kAlignment);
    const size_t context_bytes = round_up(sizeof(Context) * arena_count(), kAlignment);
    const size_t stages_bytes = round_up(sizeof(Stages), kAlignment);
    const size_t shared_bytes = inputs_.threads ? 0 : stages_bytes + Stages::bytes(inputs_.pool.workers);
    if (!tables_.allocate(inputs_.allocator,
                          call_bytes + context_bytes + shared_bytes + sizeof(TensorLayout) * tensor_count))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the plan's tables");
    call_ = new (tables_.data()) Call();
    call_->pool = inputs_.pool;
    call_->threads = inputs_.threads;
    call_->contexts = reinterpret_cast<Context *>(tables_.data() + call_bytes);
    call_->device = inputs_.device;
    for (size_t i = 0; i < arena_count(); i++)
        (new (&call_->contexts[i]) Context())->call = call_;
    unsigned char *shared = tables_.data() + call_bytes + context_bytes;
    if (!inputs_.threads) {
        call_->stages = new (shared) Stages();
        call_->stages->use(shared + stages_bytes, inputs_.pool.workers);
    }
    auto *next = reinterpret_cast<TensorLayout *>(shared + shared_bytes);
    for (int i = 0; i < inputs_.width_count; i++) {
        tensors_[i] = next;
        next += inputs_.widths[i]->tensor_count;
    }
    return SLIMSCALE_OK;
}

size_t FramePlan::staging() const {
    return inputs_.backend->staging_bytes(width_, height_, inputs_.scale, inputs_.color.colors, inputs_.device_images);
}

size_t FramePlan::needed_bytes() const {
    return tables_.size() + memory_bytes() + arena_bytes_ * arena_count();
}

// The smaller of the cap and of what the device has left; 0: no limit.
size_t FramePlan::most_bytes() const {
    const size_t left = inputs_.device->free_bytes();
    return left && (!inputs_.memory_cap || left < inputs_.memory_cap) ? left : inputs_.memory_cap;
}

// Whether 32 bits are enough to index all tensors and images, as pipelines do.
bool FramePlan::indexable() const {
    if (!inputs_.backend->can_address(width_, height_, inputs_.scale))
        return false;
    for (int i = 0; i < inputs_.width_count; i++)
        for (int t = 0; t < inputs_.widths[i]->tensor_count; t++) {
            const TensorLayout &l = tensors_[i][t];
            if (inputs_.widths[i]->tensors[t].rank == 3 && (l.ring + int64_t{1}) * l.row > INT_MAX)
                return false;
        }
    return chunk_bytes_ / sizeof(float) <= INT_MAX;
}

int FramePlan::activation_bytes(int index) const {
    return contract::activation_bytes(contract::type_of(*inputs_.targets[index]));
}

size_t FramePlan::lay_out_bands(int i, int band_rows) {
    frames_[i] = lay_out(*inputs_.widths[i], width_, height_, band_rows, activation_bytes(i), tensors_[i]);
    return frames_[i].workspace_bytes;
}

// Lays out bands of at most `most_rows` rows. If the plan may choose the height, a width runs as a whole frame if that
// takes no more memory than its bands. Returns the workspace's bytes.
size_t FramePlan::lay_out_width(int i, int most_rows) {
    const slimscale_network_plan &plan = *inputs_.widths[i];
    const int tallest = std::min(most_rows, round_up(height_, kTileRows));  // taller bands would only waste memory
    if (inputs_.band_rows < 0 || plan.whole_frame)
        return lay_out_bands(i, 0);
    if (inputs_.band_rows > 0)
        return lay_out_bands(i, std::min(inputs_.band_rows, tallest));
    const int rows =
        inputs_.backend->band_rows(plan, {width_, height_, activation_bytes(i), tallest, inputs_.pool.workers});
    const size_t in_bands = lay_out_bands(i, rows), whole = lay_out_bands(i, 0);
    return whole <= in_bands ? whole : lay_out_bands(i, rows);
}

FramePlan::Fit FramePlan::try_bands(int most_rows) {
    workspace_bytes_ = chunk_bytes_ = 0;
    for (int i = 0; i < inputs_.width_count; i++) {
        workspace_bytes_ = std::max(workspace_bytes_, lay_out_width(i, most_rows));
        chunk_bytes_ =
            std::max(chunk_bytes_, chunk_bytes(*inputs_.widths[i], *inputs_.targets[i], tensors_[i], frames_[i]));
    }
    if (!indexable())
        return Fit::too_large;
    const size_t most = most_bytes();
    return most && needed_bytes() > most ? Fit::over_cap : Fit::fits;
}

slimscale_status FramePlan::choose_bands(int &most_rows, Error &error) {
    Fit fit = try_bands(most_rows);
    while (fit != Fit::fits && inputs_.band_rows == 0 && most_rows > kTileRows)
        fit = try_bands(most_rows = round_up(most_rows / 2, kTileRows));

    if (fit == Fit::over_cap && (!inputs_.memory_cap || needed_bytes() <= inputs_.memory_cap))
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "frames of %d x %d need %zu bytes of the device's memory and it has %zu left; plan smaller "
                         "frames, or open narrower widths only",
                         width_, height_, needed_bytes(), most_bytes());
    if (fit == Fit::over_cap)
        return error.set(SLIMSCALE_OVER_MEMORY_CAP,
                         "frames of %d x %d need %zu bytes of workspace and the cap is %zu; raise memory_cap, or open "
                         "narrower widths only",
                         width_, height_, needed_bytes(), inputs_.memory_cap);
    if (fit == Fit::too_large)
        return error.set(SLIMSCALE_INVALID_ARGUMENT,
                         "frames of %d x %d are too large for %s%s: plan smaller frames, or open narrower widths only",
                         width_, height_, inputs_.model->name,
                         needs_whole_frame(inputs_) ? ", which needs the whole frame at once" : "");
    return SLIMSCALE_OK;
}

int FramePlan::halo_px() const {
    const int last = inputs_.width_count - 1;
    const slimscale_network_plan &plan = *inputs_.widths[last];
    const int output = plan.steps[plan.step_count - 1].output, scale = plan.tensors[output].scale;
    return (tensors_[last][output].lag + scale - 1) / scale;
}

void FramePlan::close() {
    memory_.release();
}

void FramePlan::forget() {
    memory_.forget();
}

slimscale_status FramePlan::allocate(Error &error) {
    if (memory_.allocate(*inputs_.device, memory_bytes(), error) != SLIMSCALE_OK)
        return error.status;
    if (arena_bytes_ == 0)
        return SLIMSCALE_OK;
    if (!arenas_.allocate(inputs_.allocator, arena_bytes_ * arena_count()))
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the allocator has no %zu bytes for scratch; plan smaller frames or use fewer threads",
                         arena_bytes_ * arena_count());
    for (size_t i = 0; i < arena_count(); i++)
        call_->contexts[i].arena.use(arenas_.data() + i * arena_bytes_, arena_bytes_);
    return SLIMSCALE_OK;
}

// A device may have the memory but not in one piece, so bands are lowered until they fit.
slimscale_status FramePlan::allocate_smaller(int &most_rows, Error &error) {
    slimscale_status status = allocate(error);
    while (status == SLIMSCALE_OUT_OF_MEMORY && inputs_.device->may_be_fragmented() && inputs_.band_rows == 0 &&
           most_rows > kTileRows) {
        most_rows = round_up(most_rows / 2, kTileRows);
        const Error first = error;
        if (choose_bands(most_rows, error) != SLIMSCALE_OK)
            return error.set(first.status, "%s", first.text);
        status = allocate(error);
    }
    return status;
}

slimscale_status FramePlan::make(const PlanInputs &inputs, int width, int height, Error &error) {
    const Error before = error;
    FramePlan fresh;
    fresh.inputs_ = inputs;
    fresh.width_ = width;
    fresh.height_ = height;
    fresh.arena_bytes_ = scratch_per_worker(inputs);
    int most_rows = round_up(height, kTileRows);
    if (fresh.allocate_tables(error) != SLIMSCALE_OK || fresh.choose_bands(most_rows, error) != SLIMSCALE_OK ||
        fresh.allocate_smaller(most_rows, error) != SLIMSCALE_OK)
        return error.status;
    error = before;
    *this = std::move(fresh);
    return SLIMSCALE_OK;
}

Execution FramePlan::execution(int index) {
    Execution e{};
    e.plan = inputs_.widths[index];
    e.target = inputs_.targets[index];
    e.pipeline_names = inputs_.model->pipeline_names;
    e.pipeline_count = inputs_.model->pipeline_count;
    e.filters = inputs_.filters[index];
    e.tensors = tensors_[index];
    e.frame = frames_[index];
    e.whole_columns = inputs_.backend->whole_columns();
    e.workspace = memory_.data();
    e.chunk = e.workspace + workspace_bytes_;
    e.staging = e.chunk + chunk_bytes_;
    e.color = inputs_.color;
    e.call = call_;
    return e;
}

slimscale_status FramePlan::run(int index, const slimscale_image &input, const slimscale_image &output, Error &error,
                                RangeProbe *probe, const Watch *watch, Bands bands) {
    Execution e = execution(index);
    e.probe = probe;
    e.watch = watch;
    e.bands = bands;
    call_->error = &error;
    call_->failed = false;
    if (cleared_for_ != index) {
        cleared_for_ = -1;
        if (inputs_.backend->clear_borders(e, error) != SLIMSCALE_OK)
            return error.status;
        cleared_for_ = index;
    }
    return inputs_.backend->run(e, input, output, error);
}

}  // namespace slimscale::runtime
