// Checks what one call of slimscale_run asks for against the handle.
#pragma once

#include "runtime/api/handle.h"

namespace slimscale::runtime {

int index_of_width(const slimscale_handle &s, int channels);  // among the opened ones; -1 if it is not opened
slimscale_status not_opened(slimscale_handle &s, int channels);

slimscale_status check_planned(slimscale_handle &s, const slimscale_image &input);
slimscale_status check_frame(slimscale_handle &s, const slimscale_image &input, const slimscale_image &output);

// The time that a request asks for, in milliseconds; 0: none.
double budget_of(const slimscale_request &request);

// Whether the handle's pace chooses the channels.
bool asks_for_time(const slimscale_request &request);

// Sets the index of the width to run, among the opened ones, and the report's channels and prediction, as the frame's
// request asks. If it asks for a time, also sets the profile's prediction for each opened channel count.
slimscale_status choose_width(slimscale_handle &s, QueuedFrame &frame);

}  // namespace slimscale::runtime
