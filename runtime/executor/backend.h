// How one kind of device runs plans: what the walker (walk.h) and the frame's plan (frame_plan.h) leave to it. There
// are two: processors' (cpu/backend.h) and GPUs' (gpu/backend.h). Backends hold nothing; what a frame needs stands in
// its Execution.
#pragma once

#include "runtime/executor/execution.h"

namespace slimscale::runtime {

class Backend {
public:
    // ---- Open

    // Whether frames are computed by the thread pool. Else the library starts no threads of its own, and profiles do
    // not depend on how many the caller asked for.
    virtual bool uses_threads() const = 0;

    // ---- Plan

    // Rows of the input per band where the caller leaves them open, at most `most_rows`; 0: the whole frame at once.
    virtual int band_rows(const slimscale_network_plan &plan, int width, int height, int most_rows,
                          int workers) const = 0;
    // Whether frames of so many input pixels can be addressed, tensors apart.
    virtual bool can_address(int width, int height, int scale) const = 0;
    // Bytes between the caller's host memory and the device, for a frame and its result in any format.
    virtual size_t staging_bytes(int width, int height, int scale, int colors) const = 0;
    // Execution::whole_columns.
    virtual int whole_columns() const = 0;

    // ---- Run

    // What no step ever writes must be zero before the first frame of a width runs in a workspace.
    virtual slimscale_status clear_borders(const Execution &execution, Error &error) const = 0;
    // One frame. Allocates nothing.
    virtual slimscale_status run(const Execution &execution, const slimscale_image &input,
                                 const slimscale_image &output, Error &error) const = 0;
    // Whether Execution::probe is heard.
    virtual bool can_probe() const = 0;

    // ---- Profile

    // The largest frame that is worth timing, in pixels of the input: small frames fill a processor, and a GPU's
    // launches count until far larger ones.
    virtual int64_t most_profiled_pixels() const = 0;
};

}  // namespace slimscale::runtime
