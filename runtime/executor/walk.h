// Walks over a plan for one frame: band by band, or step by step over the whole frame (plan/layout.h).
#pragma once

#include "runtime/executor/execution.h"

namespace slimscale::runtime {

// One frame on one kind of device. Rows are not empty; the first failure ends the frame.
class FrameSteps {
public:
    virtual slimscale_status load(Rows rows, Error &error) = 0;  // of the input image, into tensor 0
    virtual slimscale_status run(const slimscale_step &step, Rows rows, Error &error) = 0;
    virtual slimscale_status store(Rows rows, Error &error) = 0;  // of the output image, from the last step's
};

slimscale_status walk(const Execution &execution, FrameSteps &frame, Error &error);

}  // namespace slimscale::runtime
