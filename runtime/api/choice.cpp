#include "runtime/api/choice.h"

#include <algorithm>
#include <cstring>

namespace slimscale::runtime {

namespace {

// The row of the profile for `channels`, or null.
const slimscale_cost *find_cost(const slimscale_profile &profile, const char *target, int threads, int channels) {
    for (uint32_t i = 0; i < std::min<uint32_t>(profile.cost_count, SLIMSCALE_MAX_COSTS); i++) {
        const slimscale_cost &c = profile.costs[i];
        if (c.channels == channels && c.threads == threads && std::strncmp(c.target, target, sizeof c.target) == 0)
            return &c;
    }
    return nullptr;
}

double predict_ms(const slimscale_cost &cost, int width_px, int height_px) {
    return (cost.fixed_ns + cost.ns_per_pixel * width_px * height_px) * 1e-6;
}

}  // namespace

slimscale_status check_profile(const slimscale_profile &profile, const char *model, const char *machine, Error &error) {
    if (profile.size != sizeof profile || profile.version != SLIMSCALE_PROFILE_VERSION)
        return error.set(SLIMSCALE_INVALID_PROFILE, "the profile is of another library version; measure it again");
    if (std::strncmp(profile.model, model, sizeof profile.model) != 0)
        return error.set(SLIMSCALE_INVALID_PROFILE, "the profile is of another model than %s; measure it again", model);
    if (std::strncmp(profile.machine, machine, sizeof profile.machine) != 0)
        return error.set(SLIMSCALE_INVALID_PROFILE, "the profile is of another machine than this %s; measure it again",
                         machine);
    return SLIMSCALE_OK;
}

slimscale_status merge_profile(slimscale_profile &into, const slimscale_profile &from, Error &error) {
    if (check_profile(into, from.model, from.machine, error) != SLIMSCALE_OK ||
        check_profile(from, into.model, into.machine, error) != SLIMSCALE_OK)
        return error.status;
    slimscale_profile both = into;
    for (uint32_t i = 0; i < std::min<uint32_t>(from.cost_count, SLIMSCALE_MAX_COSTS); i++) {
        const slimscale_cost &row = from.costs[i];
        const slimscale_cost *old = find_cost(both, row.target, row.threads, row.channels);
        const uint32_t place = old ? static_cast<uint32_t>(old - both.costs) : both.cost_count;
        if (place >= SLIMSCALE_MAX_COSTS)
            return error.set(SLIMSCALE_INVALID_PROFILE, "the two profiles hold more than %d rows; keep fewer channels",
                             SLIMSCALE_MAX_COSTS);
        both.costs[place] = row;
        both.cost_count += !old;
    }
    into = both;
    return SLIMSCALE_OK;
}

bool choose(const slimscale_profile &profile, const ChoiceInputs &in, Choice &choice) {
    for (int i = in.channels_length - 1; i >= 0; i--) {
        const char *target = in.targets ? in.targets[i] : in.target;
        const slimscale_cost *cost = find_cost(profile, target, in.threads, in.channels[i]);
        if (!cost)
            return false;
        const double ms = predict_ms(*cost, in.width_px, in.height_px);
        if (ms > in.budget_ms && i > 0)
            continue;
        choice = {in.channels[i], ms, ms <= in.budget_ms};
        return true;
    }
    return false;
}

}  // namespace slimscale::runtime
