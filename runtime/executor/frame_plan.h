// Everything that depends on the frame's size: layouts of all opened widths, one workspace for all of them, and an
// arena per worker.
#pragma once

#include "runtime/executor/backend.h"
#include "runtime/executor/walk.h"

namespace slimscale::runtime {

constexpr int kMaxWidths = 32;

// What a plan is made from. The pointers are not owned; what they point to outlives the plan.
struct PlanInputs {
    const slimscale_model *model;
    const slimscale_network_plan *widths[kMaxWidths];      // the opened widths, ascending in channels
    const slimscale_compiled_target *targets[kMaxWidths];  // of each width; `backend` and `device` are those of all
    const Filters *filters[kMaxWidths];                    // of each width, packed for its target
    int width_count;
    Device *device;  // holds the activations
    const Backend *backend;
    ColorTransform color;
    int scale;
    slimscale_allocator allocator;
    slimscale_thread_pool pool;
    Threads *threads;  // the library's pool; null: the caller brought one
    size_t memory_cap;
    int band_rows;       // as in slimscale_options
    bool device_images;  // likewise
};

// The layouts and the memory of one frame size. make(), run() and close() need the device entered. Not thread-safe. A
// plan that was moved from is empty.
class FramePlan {
public:
    // On failure the earlier plan stays usable. If PlanInputs.band_rows is 0 the height of bands is chosen: as tall as
    // the memory cap allows, and whole frames where they take no more memory than bands.
    slimscale_status make(const PlanInputs &inputs, int width, int height, Error &error);
    // Runs one frame of the planned size at the opened width `index`. With a probe the output is not written and may be
    // empty.
    slimscale_status run(int index, const slimscale_image &input, const slimscale_image &output, Error &error,
                         RangeProbe *probe = nullptr, const Watch *watch = nullptr, Bands bands = {});

    // The bands of opened width `index`. They are run in their order, each once for a frame, without bands of another
    // frame in between.
    int band_count(int index) const { return frames_[index].bands; }
    BandRows rows_of_band(int index, int band) { return runtime::band_rows(execution(index), band); }

    int width() const { return width_; }
    int height() const { return height_; }
    // Input rows per band at the widest width; the frame's height if it runs as a whole.
    int band_rows() const {
        const int rows = frames_[inputs_.width_count - 1].band_rows;
        return rows > 0 ? rows : height_;
    }
    // At the most channels, how many pixels around an input pixel its results depend on.
    int halo_px() const;
    size_t bytes() const { return tables_.size() + memory_.size() + arenas_.size(); }
    void close();   // releases the device's memory
    void forget();  // for a device that cannot be entered any more: nothing is released

private:
    enum class Fit { fits, over_cap, too_large };

    slimscale_status allocate_tables(Error &error);
    slimscale_status choose_bands(int &most_rows, Error &error);
    slimscale_status allocate(Error &error);
    slimscale_status allocate_smaller(int &most_rows, Error &error);
    Fit try_bands(int most_rows);
    size_t lay_out_width(int index, int most_rows);
    size_t lay_out_bands(int index, int band_rows);
    bool indexable() const;
    int activation_bytes(int index) const;
    size_t staging() const;
    size_t arena_count() const { return static_cast<size_t>(inputs_.pool.workers); }
    size_t memory_bytes() const { return workspace_bytes_ + chunk_bytes_ + staging(); }
    size_t needed_bytes() const;
    size_t most_bytes() const;
    Execution execution(int index);

    PlanInputs inputs_{};
    Block tables_, arenas_;
    DeviceBlock memory_;    // workspace, then the intermediates of Winograd's pipelines, then staging
    Call *call_ = nullptr;  // in tables_, like the next: contexts point to it
    TensorLayout *tensors_[kMaxWidths] = {};
    FrameLayout frames_[kMaxWidths] = {};
    int width_ = 0, height_ = 0;
    size_t workspace_bytes_ = 0, chunk_bytes_ = 0, arena_bytes_ = 0;
    int cleared_for_ = -1;  // width whose zero rows are in place
};

}  // namespace slimscale::runtime
