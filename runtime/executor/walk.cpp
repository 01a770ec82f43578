#include "runtime/executor/walk.h"

#include <algorithm>

namespace slimscale::runtime {

namespace {

// Rows of the input image that a band brings.
Rows loaded_rows(const FrameLayout &frame, int band) {
    const int rows = frame.band_rows > 0 ? frame.band_rows : frame.height;
    return {band * rows, std::min((band + 1) * rows, frame.height)};
}

// Rows of the output image that the last step's grid rows complete.
Rows stored_rows(const Execution &e, Rows last) {
    const int factor = e.last_step().shuffle;
    return {std::max(0, last.begin * factor), std::min(last.end * factor, e.upscaled().height)};
}

}  // namespace

bool Walk::next(WalkPoint &point) {
    for (; band_ < e_.frame.bands; band_++, place_ = -1)
        while (place_ <= e_.plan->step_count) {
            const int place = place_++;
            if (place < 0) {
                point = {WalkPoint::Kind::load, nullptr, loaded_rows(e_.frame, band_)};
            } else if (place < e_.plan->step_count) {
                const slimscale_step &step = e_.plan->steps[place];
                last_ = step_rows(step, e_.tensors, e_.frame, band_);
                point = {WalkPoint::Kind::step, &step, last_};
            } else {
                point = {WalkPoint::Kind::store, nullptr, stored_rows(e_, last_)};
            }
            if (!point.rows.empty())
                return true;
        }
    return false;
}

slimscale_status walk(const Execution &e, FrameSteps &frame, Error &error) {
    Walk at(e);
    for (WalkPoint point{}; at.next(point);) {
        slimscale_status status = SLIMSCALE_OK;
        switch (point.kind) {
        case WalkPoint::Kind::load:
            status = frame.load(point.rows, error);
            break;
        case WalkPoint::Kind::step:
            status = frame.run(*point.step, point.rows, error);
            break;
        case WalkPoint::Kind::store:
            status = frame.store(point.rows, error);
        }
        if (status != SLIMSCALE_OK)
            return status;
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
