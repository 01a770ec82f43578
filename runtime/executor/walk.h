// Walks over a plan for one frame: band by band, or step by step over the whole frame (plan/layout.h).
#pragma once

#include "runtime/executor/execution.h"

namespace slimscale::runtime {

// One stage of a walk: rows of the input image to load, of a step's grid to compute, or of the output image to store.
// The rows are never empty.
struct WalkPoint {
    enum class Kind { load, step, store };
    Kind kind;
    const slimscale_step *step;  // of Kind::step
    Rows rows;
};

// Rows of the input that a band brings, and of the output that it completes; either may be empty.
struct BandRows {
    Rows input, output;
};
BandRows band_rows(const Execution &execution, int band);

class Walk {
public:
    explicit Walk(const Execution &execution) : e_(execution), band_(execution.bands.begin) {}

    // Moves to the next stage. Returns false if the bands are complete.
    bool next(WalkPoint &point);
    bool at_start() const { return band_ == e_.bands.begin && place_ < 0; }
    // Rows of the input whose output the stages so far have stored.
    int rows_complete() const;

private:
    const Execution &e_;
    int band_, place_ = -1;  // place in the band: -1 is loading; the steps follow, then storing
    Rows last_{};            // rows of the last step
};

// Runs one frame on one kind of device. The first failure ends the frame.
class FrameSteps {
public:
    virtual slimscale_status load(Rows rows, Error &error) = 0;  // of the input image, into tensor 0
    virtual slimscale_status run(const slimscale_step &step, Rows rows, Error &error) = 0;
    virtual slimscale_status store(Rows rows, Error &error) = 0;  // of the output image, from the last step's
};

slimscale_status walk(const Execution &execution, FrameSteps &frame, Error &error);

}  // namespace slimscale::runtime
