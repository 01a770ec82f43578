// What differs between kinds of devices when they run plans: the part that the walker (walk.h) and the frame plan
// (frame_plan.h) leave to a backend. There are two, for processors (cpu/backend.h) and for GPUs (gpu/backend.h).
// Backends have no state; what a frame needs is in its Execution.
#pragma once

#include "runtime/executor/execution.h"

namespace slimscale::runtime {

// What the height of bands depends on, besides the network.
struct BandShape {
    int width, height;     // of frames, input pixels
    int activation_bytes;  // of a stored value
    int most_rows;
    int workers;
};

class Backend {
public:
    // ---- Open

    // Whether frames are computed by the thread pool. If not, the library starts no threads of its own, and profiles do
    // not depend on the number of threads that the caller requested.
    virtual bool uses_threads() const = 0;

    // ---- Plan

    // The input rows per band where the caller leaves them open, at most shape.most_rows; 0 for the whole frame at
    // once.
    virtual int band_rows(const slimscale_network_plan &plan, const BandShape &shape) const = 0;
    // Whether images of frames of so many input pixels can be addressed. Tensors are checked elsewhere.
    virtual bool can_address(int width, int height, int scale) const = 0;
    // The bytes of the memory for images, enough for a frame and its result in any format. `device_images`: none of
    // them lies in host memory.
    virtual size_t staging_bytes(int width, int height, int scale, int colors, bool device_images) const = 0;
    // Execution::whole_columns.
    virtual int whole_columns() const = 0;

    // ---- Run

    // Zeroes the values that steps read and never write. Needed before the first frame of a width in a workspace.
    virtual slimscale_status clear_borders(const Execution &execution, Error &error) const = 0;
    // Runs one frame. Allocates nothing.
    virtual slimscale_status run(const Execution &execution, const slimscale_image &input,
                                 const slimscale_image &output, Error &error) const = 0;
    // Whether Execution::probe is supported.
    virtual bool can_probe() const = 0;

    // ---- Profile

    // The largest frame that is worth timing, in input pixels. Small frames keep a processor busy; on GPUs the time of
    // launches matters up to far larger frames.
    virtual int64_t most_profiled_pixels() const = 0;
};

}  // namespace slimscale::runtime
