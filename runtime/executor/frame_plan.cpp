#include "runtime/executor/frame_plan.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <new>
#include <utility>

#include "runtime/gpu/frame.h"
#include "runtime/plan/tile_chunk.h"

namespace slimscale::runtime {

namespace {

// Rows per band where the caller leaves it open. Where whole tensors are small, their memory stays in a shared cache and
// bands only bring barriers: tall ones. Else 8, or as many as make a quarter of a megabyte, so that what a thread writes is
// still in its own L2 when it reads it. EDSR with 8 blocks on two Zen 4 threads: docs/decisions.md has the runs.
constexpr size_t kSmallTensor = 4 << 20;
constexpr size_t kTallBand = 1 << 20, kBandBytes = 256 << 10;  // of one tensor, at least
constexpr int kLeastRows = 8;
constexpr int kTasksPerWorker = 4;
constexpr int kStripColumns = 128;  // of a convolution's task of 4 rows, at most; other pipelines' tasks are rows

// Between the workers' arenas: small ones side by side slow both cores on Zen 4 (docs/decisions.md has the runs; EDSR with
// 8 blocks at 16 channels, two threads, 128x128: 4.5 ms, and 3.6 with the gap).
constexpr size_t kArenaGap = size_t{64} << 10;

constexpr int kMostDeviceRows = 65535;  // CUDA's grids have no more rows of blocks

int preferred_rows(const slimscale_network_plan &plan, int width, int height, int workers) {
    const size_t row_bytes = static_cast<size_t>(width) * static_cast<size_t>(plan.channels) * sizeof(float);
    const auto rows_of = [&](size_t bytes) { return static_cast<int>(std::min<size_t>(bytes / row_bytes, 1 << 16)); };
    const bool small = row_bytes * static_cast<size_t>(height) <= kSmallTensor;
    const int strips = (width + kStripColumns - 1) / kStripColumns;
    const int tile_rows = (kTasksPerWorker * workers + strips - 1) / strips;
    const int rows = rows_of(small ? kTallBand : kBandBytes);
    return round_up(std::max({kLeastRows, rows, tile_rows * kTileRows, workers}), kTileRows);
}

// The most that one worker holds at a time, over the pipelines of the opened widths.
size_t scratch_per_worker(const PlanInputs &inputs) {
    uint64_t most = 0;
    for (int i = 0; i < inputs.width_count; i++)
        for (int k = 0; k < inputs.widths[i]->step_count; k++) {
            const slimscale_step &step = inputs.widths[i]->steps[k];
            most = std::max(most, inputs.tier->scratch_bytes[step.pipeline] * static_cast<uint64_t>(step.groups));
        }
    return round_up(static_cast<size_t>(most), kAlignment) + kArenaGap;
}

bool needs_whole_frame(const PlanInputs &inputs) {
    return std::any_of(inputs.widths, inputs.widths + inputs.width_count,
                       [](const slimscale_network_plan *plan) { return plan->whole_frame != 0; });
}

}  // namespace

// One context per worker and one for what runs outside of parallel loops; the layouts of every opened width.
slimscale_status FramePlan::allocate_tables(Error &error) {
    const int workers = inputs_.pool.workers;
    size_t tensor_count = 0;
    for (int i = 0; i < inputs_.width_count; i++)
        tensor_count += static_cast<size_t>(inputs_.widths[i]->tensor_count);
    const size_t context_bytes = round_up(sizeof(Context) * static_cast<size_t>(workers + 1), kAlignment);
    if (!tables_.allocate(inputs_.allocator, context_bytes + sizeof(TensorLayout) * tensor_count))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the plan's tables");
    call_.pool = inputs_.pool;
    call_.contexts = reinterpret_cast<Context *>(tables_.data());
    call_.device = inputs_.device;
    for (int i = 0; i <= workers; i++)
        (new (&call_.contexts[i]) Context())->call = &call_;
    auto *next = reinterpret_cast<TensorLayout *>(tables_.data() + context_bytes);
    for (int i = 0; i < inputs_.width_count; i++) {
        tensors_[i] = next;
        next += inputs_.widths[i]->tensor_count;
    }
    return SLIMSCALE_OK;
}

size_t FramePlan::staging() const {
    const bool host_images = inputs_.device && !inputs_.device_images;
    return host_images ? staging_bytes(width_, height_, inputs_.scale, inputs_.color.colors) : 0;
}

size_t FramePlan::needed_bytes() const {
    return tables_.size() + workspace_bytes_ + chunk_bytes_ + staging() +
           arena_bytes_ * static_cast<size_t>(inputs_.pool.workers + 1);
}

// The cap, and on a device what it has left. 0: no limit.
size_t FramePlan::most_bytes() const {
    const size_t left = inputs_.device ? inputs_.device->free_bytes() : 0;
    return left && (!inputs_.memory_cap || left < inputs_.memory_cap) ? left : inputs_.memory_cap;
}

// Pipelines index with 32 bits, images of up to four samples per pixel too.
bool FramePlan::indexable() const {
    constexpr int64_t kMostSamples = 4;
    const int64_t output = int64_t{width_} * height_ * inputs_.scale * inputs_.scale;
    if (inputs_.device && (output * kMostSamples > INT_MAX || height_ > kMostDeviceRows))
        return false;
    for (int i = 0; i < inputs_.width_count; i++)
        for (int t = 0; t < inputs_.widths[i]->tensor_count; t++) {
            const TensorLayout &l = tensors_[i][t];
            if (inputs_.widths[i]->tensors[t].rank == 3 && (l.ring + int64_t{1}) * l.row > INT_MAX)
                return false;
        }
    return chunk_bytes_ / sizeof(float) <= INT_MAX;
}

size_t FramePlan::lay_out_width(int i, int band_rows) {
    frames_[i] = lay_out(*inputs_.widths[i], width_, height_, band_rows, inputs_.tier->activation_bytes, tensors_[i]);
    return frames_[i].workspace_bytes;
}

// Bands of at most `most_rows`; where the height is the plan's to choose, a width runs as a whole frame if that takes
// no more memory than its bands.
FramePlan::Fit FramePlan::try_bands(int most_rows) {
    workspace_bytes_ = chunk_bytes_ = 0;
    const int tallest = round_up(height_, kTileRows);  // a taller band is only memory
    for (int i = 0; i < inputs_.width_count; i++) {
        const slimscale_network_plan &plan = *inputs_.widths[i];
        // Bands keep a CPU's caches warm; to a GPU they are only more launches.
        const bool all_at_once = inputs_.device && inputs_.band_rows == 0 && most_rows >= tallest;
        const bool whole = inputs_.band_rows < 0 || plan.whole_frame || all_at_once;
        const int preferred = inputs_.device ? most_rows : preferred_rows(plan, width_, height_, inputs_.pool.workers);
        const int wanted = inputs_.band_rows > 0 ? inputs_.band_rows : preferred;
        size_t bytes = lay_out_width(i, whole ? 0 : std::min({wanted, most_rows, tallest}));
        if (!whole && inputs_.band_rows == 0) {
            const int rows = frames_[i].band_rows;
            bytes = lay_out_width(i, 0) <= bytes ? frames_[i].workspace_bytes : lay_out_width(i, rows);
        }
        workspace_bytes_ = std::max(workspace_bytes_, bytes);
        chunk_bytes_ = std::max(chunk_bytes_, chunk_bytes(plan, *inputs_.tier, tensors_[i], frames_[i]));
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

slimscale_status FramePlan::allocate_on_device(Error &error) {
    return device_memory_.allocate(*inputs_.device, workspace_bytes_ + chunk_bytes_ + staging(), error);
}

void FramePlan::close() {
    device_memory_.release();
}

void FramePlan::forget() {
    device_memory_.forget();
}

slimscale_status FramePlan::allocate(Error &error) {
    if (inputs_.device)
        return allocate_on_device(error);
    const size_t arenas = static_cast<size_t>(inputs_.pool.workers) + 1;
    if (!workspace_.allocate(inputs_.allocator, workspace_bytes_) ||
        !scratch_.allocate(inputs_.allocator, arena_bytes_ * arenas))
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the allocator has no %zu bytes for frames of %d x %d; plan smaller frames or set memory_cap",
                         needed_bytes(), width_, height_);
    std::memset(workspace_.data(), 0, workspace_.size());
    for (size_t i = 0; i < arenas; i++)
        call_.contexts[i].arena.use(scratch_.data() + i * arena_bytes_, arena_bytes_);
    return SLIMSCALE_OK;
}

slimscale_status FramePlan::make(const PlanInputs &inputs, int width, int height, Error &error) {
    const Error before = error;
    FramePlan fresh;
    fresh.inputs_ = inputs;
    fresh.width_ = width;
    fresh.height_ = height;
    fresh.arena_bytes_ = inputs.device ? 0 : scratch_per_worker(inputs);
    slimscale_status status = fresh.allocate_tables(error);
    int most_rows = round_up(height, kTileRows);
    if (status == SLIMSCALE_OK)
        status = fresh.choose_bands(most_rows, error);
    if (status == SLIMSCALE_OK)
        status = fresh.allocate(error);
    // A device may have so much memory, but not in one piece.
    while (status == SLIMSCALE_OUT_OF_MEMORY && inputs.device && inputs.band_rows == 0 && most_rows > kTileRows) {
        most_rows = round_up(most_rows / 2, kTileRows);
        const Error first = error;
        if (fresh.choose_bands(most_rows, error) != SLIMSCALE_OK)
            return error.set(first.status, "%s", first.text);
        status = fresh.allocate(error);
    }
    if (status != SLIMSCALE_OK)
        return status;
    error = before;
    swap(fresh);
    return SLIMSCALE_OK;
}

Execution FramePlan::execution(int index) {
    unsigned char *on_device = device_memory_.data();
    return {inputs_.widths[index],
            inputs_.tier,
            inputs_.model->pipeline_names,
            inputs_.model->pipeline_count,
            inputs_.filters,
            tensors_[index],
            frames_[index],
            inputs_.device ? on_device : workspace_.data(),
            inputs_.device ? on_device + workspace_bytes_ : nullptr,
            inputs_.device ? on_device + workspace_bytes_ + chunk_bytes_ : nullptr,
            inputs_.color,
            &call_};
}

void FramePlan::swap(FramePlan &other) {
    std::swap(inputs_, other.inputs_);
    tables_.swap(other.tables_);
    workspace_.swap(other.workspace_);
    scratch_.swap(other.scratch_);
    device_memory_.swap(other.device_memory_);
    std::swap(tensors_, other.tensors_);
    std::swap(frames_, other.frames_);
    std::swap(call_, other.call_);
    std::swap(width_, other.width_);
    std::swap(height_, other.height_);
    std::swap(workspace_bytes_, other.workspace_bytes_);
    std::swap(chunk_bytes_, other.chunk_bytes_);
    std::swap(arena_bytes_, other.arena_bytes_);
    std::swap(cleared_for_, other.cleared_for_);
    for (FramePlan *plan : {this, &other})
        for (int i = 0; plan->call_.contexts && i <= plan->call_.pool.workers; i++)
            plan->call_.contexts[i].call = &plan->call_;
}

slimscale_status FramePlan::run(int index, const slimscale_image &input, const slimscale_image &output, Error &error,
                                RangeProbe *probe) {
    Execution e = execution(index);
    e.probe = probe;
    call_.error = &error;
    if (cleared_for_ != index) {
        cleared_for_ = -1;
        if (clear_borders(e, error) != SLIMSCALE_OK)
            return error.status;
        cleared_for_ = index;
    }
    return run_frame(e, input, output, error);
}

}  // namespace slimscale::runtime
