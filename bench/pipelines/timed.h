// A compiled model whose pipelines are timed as the runtime calls them: it has the archive's tables, with timing
// functions in place of one device target's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "contract/model.h"
#include "contract/pipeline.h"

namespace slimscale::bench {

struct PipelineTime {
    contract::Pipeline pipeline;
    int calls = 0;            // in a frame
    double microseconds = 0;  // of one call on a frame of 640x360 pixels, from the large calls' times per pixel
};

class TimedModel {
public:
    // Only one may exist in a process at a time. `target` is a device target that the model has. Throws
    // std::runtime_error if the target has too many pipelines.
    TimedModel(const slimscale_model &model, const std::string &target);
    ~TimedModel();
    const slimscale_model *model() const { return &model_; }

    // Between these two every call is repeated on the device, for a few milliseconds in each of `rounds` rounds, the
    // best of which counts. Pipelines can run again on the same memory, since none overwrites what it reads.
    void start(int rounds);
    std::vector<PipelineTime> stop();

private:
    slimscale_model model_;
    slimscale_compiled_target target_;
    const char *target_name_;
    std::vector<slimscale_pipeline> pipelines_;
};

// Whether a model has this target and it is a device's.
bool has_device_target(const slimscale_model &model, const std::string &target);

}  // namespace slimscale::bench
