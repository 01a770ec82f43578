// Decides which of a model's targets this machine runs, on which device, and which of them each opened width takes.
#pragma once

#include "contract/blob_view.h"
#include "contract/target.h"
#include "runtime/executor/frame_plan.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

constexpr int kMaxTargets = 64;  // of a model

// The model's target of this name; null: it has none.
const slimscale_compiled_target *find_target(const slimscale_model &model, const char *name);

// Whether this machine runs the target, and on what, or why not. Of AMX the kernel is asked again where it refused
// before, and not asked where it has not been yet.
slimscale_status describe_target(const slimscale_compiled_target &target, const DeviceOptions &options, char *text,
                                 size_t text_size);
bool runs_here(const slimscale_compiled_target &target);  // on device 0

// The backend for a target's kind of device.
const Backend &backend_of(const slimscale_compiled_target &target);

// Whether filters packed for one target serve the other's pipelines.
bool share_filters(const slimscale_compiled_target &a, const slimscale_compiled_target &b);

// slimscale_loss_db of targets with this data type.
double loss_db(contract::DataType type);

bool is_automatic(const char *target);

// What the choice of targets depends on.
struct TargetRequest {
    const char *name;  // a target's; "auto" or null: by the rule
    DeviceOptions device;
    double loss_db = SLIMSCALE_LOSS_DB;          // the most; below 0: none
    const slimscale_profile *profile = nullptr;  // of the model and this processor, and as many threads; null: none
    int threads = 0;
    bool passed_over[kMaxTargets] = {};  // of the model's targets: "auto" does not take these
};

// The opened widths and what is chosen for each.
struct WidthTargets {
    const slimscale_network_plan *const *widths;
    int count;
    const BlobView &blob;
    const slimscale_compiled_target **targets;
    slimscale_target_reason *reasons;
};

// Chooses the target of each width as slimscale.h has it ("Which target"). All are of one kind of device. A device that
// is requested by number, context or stream must exist.
slimscale_status choose_targets(const slimscale_model &model, const TargetRequest &request, const WidthTargets &out,
                                Error &error);

}  // namespace slimscale::runtime
