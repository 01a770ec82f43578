// Requested speed -> channels: pure arithmetic on a profile, the table of times that slimscale_measure_profile measures
// (profile.h).
#pragma once

#include "runtime/platform/error.h"
#include "slimscale/slimscale.h"

namespace slimscale::runtime {

// Refuses a table of another version, model or machine.
slimscale_status check_profile(const slimscale_profile &profile, const char *model, const char *machine, Error &error);

// For whom one of several widths is chosen.
struct ChoiceInputs {
    const char *target;
    int threads;
    const int *channels;  // ascending
    int channels_length;
    int width_px, height_px;  // of the low-resolution frame
    double budget_ms;
};

struct Choice {
    int channels;
    double predicted_ms;
    bool meets_budget;
};

// The widest that is predicted to take at most the budget, or the narrowest. False if the profile lacks a row that is
// needed to say so.
bool choose(const slimscale_profile &profile, const ChoiceInputs &inputs, Choice &choice);

}  // namespace slimscale::runtime
