// What one call of slimscale_run asks for, checked against the handle.
#pragma once

#include "runtime/api/handle.h"

namespace slimscale::runtime {

int index_of_width(const slimscale_handle &s, int channels);  // of the opened ones; -1: it is none
slimscale_status not_opened(slimscale_handle &s, int channels);

slimscale_status check_planned(slimscale_handle &s, const slimscale_image &input);
slimscale_status check_frame(slimscale_handle &s, const slimscale_image &input, const slimscale_image &output);

// The time that a request asks for, in milliseconds; 0: none.
double budget_of(const slimscale_request &request);

// Whether the handle's pace chooses the channels.
bool asks_for_time(const slimscale_request &request);

// What the request's profile says of each opened channel count at the planned size; false: it lacks a row.
bool predict_all(const slimscale_handle &s, const slimscale_request &request, double *predicted_ms);

// Index of the width to run; fills the report's width and prediction.
slimscale_status choose_width(slimscale_handle &s, const slimscale_request &request, slimscale_report &report,
                              int &index);

}  // namespace slimscale::runtime
