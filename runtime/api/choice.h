// Requested speed -> channels: pure arithmetic on a profile, the table of times that slimscale_measure_profile measures
// (profile.h).
#pragma once

#include "runtime/platform/error.h"
#include "slimscale/slimscale.h"

namespace slimscale::runtime {

// Returns SLIMSCALE_INVALID_PROFILE for a profile of another version, model or machine.
slimscale_status check_profile(const slimscale_profile &profile, const char *model, const char *machine, Error &error);

// Adds the rows of `from` to `into`, in the place of those for the same channels, threads and target. On failure `into`
// is left alone.
slimscale_status merge_profile(slimscale_profile &into, const slimscale_profile &from, Error &error);

// What the choice of a channel count depends on.
struct ChoiceInputs {
    const char *target;          // of all channel counts, unless there are `targets`
    const char *const *targets;  // of each channel count; or null
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

// Chooses the largest channel count that is predicted to take at most the budget; the smallest one if none does.
// Returns false if the profile lacks a row that the prediction needs.
bool choose(const slimscale_profile &profile, const ChoiceInputs &inputs, Choice &choice);

}  // namespace slimscale::runtime
