// Everything that depends on the frame's size: layouts of all opened widths, one workspace for all of them, and an
// arena per worker.
#pragma once

#include "runtime/executor/executor.h"

namespace slimscale::runtime {

constexpr int kMaxWidths = 32;

// What a plan is made from; outlives it.
struct PlanInputs {
    const slimscale_model *model;
    const slimscale_tier *tier;
    const slimscale_network_plan *widths[kMaxWidths];  // opened, narrowest first
    int width_count;
    const Filters *filters;
    Device *device;  // null: the CPU
    ColorTransform color;
    int scale;
    slimscale_allocator allocator;
    slimscale_thread_pool pool;
    size_t memory_cap;
    int band_rows;       // as in slimscale_options
    bool device_images;  // likewise
};

// On devices everything but the tables lies in their memory, and the device must be entered.
class FramePlan {
public:
    // On failure the earlier plan stays. Where the caller left it open, the band's height is chosen: as tall as the
    // memory cap allows, and whole frames where they take no more memory than bands.
    slimscale_status make(const PlanInputs &inputs, int width, int height, Error &error);
    // With a probe the output is not written and may be empty.
    slimscale_status run(int index, const slimscale_image &input, const slimscale_image &output, Error &error,
                         RangeProbe *probe = nullptr);
    void swap(FramePlan &other);

    int width() const { return width_; }
    int height() const { return height_; }
    // Of the widest width; the frame's height if it runs as a whole.
    int band_rows() const {
        const int rows = frames_[inputs_.width_count - 1].band_rows;
        return rows > 0 ? rows : height_;
    }
    size_t bytes() const { return tables_.size() + workspace_.size() + scratch_.size() + device_memory_.size(); }
    void close();   // for devices: gives their memory back
    void forget();  // where they cannot be entered any more

private:
    enum class Fit { fits,
                     over_cap,
                     too_large };

    slimscale_status allocate_tables(Error &error);
    slimscale_status choose_bands(int &most_rows, Error &error);
    slimscale_status allocate(Error &error);
    Fit try_bands(int most_rows);
    size_t lay_out_width(int index, int band_rows);
    bool indexable() const;
    size_t staging() const;
    size_t needed_bytes() const;
    size_t most_bytes() const;
    slimscale_status allocate_on_device(Error &error);
    Execution execution(int index);

    PlanInputs inputs_{};
    Block tables_, workspace_, scratch_;
    DeviceBlock device_memory_;  // workspace, then what Winograd's pipelines leave to each other, then staging
    TensorLayout *tensors_[kMaxWidths] = {};
    FrameLayout frames_[kMaxWidths] = {};
    Call call_{};
    int width_ = 0, height_ = 0;
    size_t workspace_bytes_ = 0, chunk_bytes_ = 0, arena_bytes_ = 0;
    int cleared_for_ = -1;  // width whose zero rows are in place
};

}  // namespace slimscale::runtime
