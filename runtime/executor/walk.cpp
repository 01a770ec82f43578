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

BandRows band_rows(const Execution &e, int band) {
    const Rows last = step_rows(e.last_step(), e.tensors, e.frame, band);
    return {loaded_rows(e.frame, band), last.empty() ? Rows{} : stored_rows(e, last)};
}

bool Walk::next(WalkPoint &point) {
    const int end = e_.bands.end > 0 ? e_.bands.end : e_.frame.bands;
    for (; band_ < end; band_++, place_ = -1)
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

int Walk::rows_complete() const {
    const int done = place_ > e_.plan->step_count ? band_ : band_ - 1;  // the last band that is complete
    if (done < 0)
        return 0;
    const Rows last = step_rows(e_.last_step(), e_.tensors, e_.frame, done);
    return std::clamp(stored_rows(e_, last).end / e_.scale(), 0, e_.frame.height);
}

slimscale_status walk(const Execution &e, FrameSteps &frame, Error &error) {
    Walk at(e);
    for (WalkPoint point{}; at.next(point);) {
        slimscale_status status = e.watch ? e.watch->check(at.rows_complete(), e.frame.height, error) : SLIMSCALE_OK;
        if (status != SLIMSCALE_OK)
            return status;
        switch (point.kind) {
        case WalkPoint::Kind::load:
            status = frame.load(point.rows, error);
            break;
        case WalkPoint::Kind::step:
            status = frame.run(*point.step, point.rows, error);
            break;
        case WalkPoint::Kind::store:
            status = frame.store(point.rows, error);
            if (status == SLIMSCALE_OK && e.watch)
                status = e.watch->tell(at.rows_complete(), e.frame.height, error);
        }
        if (status != SLIMSCALE_OK)
            return status;
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
