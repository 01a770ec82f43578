// Everything that depends on the frame's size: layouts of all opened widths, one workspace for all of them, and an
// arena per worker, sized by running each pipeline once.
#pragma once

#include "runtime/executor.h"

namespace slimscale::runtime {

constexpr int kMaxWidths = 32;

// What a plan is made from; outlives it.
struct PlanInputs {
    const slimscale_model *model;
    const slimscale_tier *tier;
    const slimscale_network_plan *widths[kMaxWidths];  // opened, narrowest first
    int width_count;
    const Filters *filters;
    ColorTransform color;
    slimscale_allocator allocator;
    slimscale_thread_pool pool;
    size_t memory_cap;
    int band_rows;  // as in slimscale_options
};

class FramePlan {
public:
    // On failure nothing is held. Fits the memory cap by lowering the band's height where the caller left it open.
    slimscale_status make(const PlanInputs &inputs, int width, int height, Error &error);
    slimscale_status run(int index, const slimscale_image &input, const slimscale_image &output, Error &error);
    void swap(FramePlan &other);

    int width() const { return width_; }
    int height() const { return height_; }
    int band_rows() const { return band_rows_ > 0 ? band_rows_ : height_; }
    size_t bytes() const { return tables_.size() + workspace_.size() + scratch_.size(); }
    size_t scratch_fallbacks() const;  // allocations that the arenas could not serve since make()

private:
    slimscale_status make_with_bands(const PlanInputs &inputs, int width, int height, int band_rows, Error &error);
    static slimscale_status refuse(const PlanInputs &inputs, int width, int height, int band_rows, Error &error);
    slimscale_status allocate_tables(Error &error);
    slimscale_status allocate_workspace(Error &error);
    slimscale_status allocate_scratch(Error &error);
    slimscale_status check_cap(size_t bytes, Error &error) const;
    size_t lay_out_all(int band_rows);
    Execution execution(int index);

    PlanInputs inputs_{};
    Block tables_, workspace_, scratch_;
    TensorLayout *tensors_[kMaxWidths] = {};
    FrameLayout frames_[kMaxWidths] = {};
    Call call_{};
    int width_ = 0, height_ = 0, band_rows_ = 0;
    int cleared_for_ = -1;  // width whose zero rows are in place
};

}  // namespace slimscale::runtime
