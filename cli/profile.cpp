#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "contract/target.h"
#include "host/console.h"
#include "host/profile_file.h"

namespace slimscale::cli {

using namespace host;

namespace {

constexpr double kMegapixel = 1e6;

void print_table(const slimscale_profile &profile) {
    std::printf("%-11s %8s %8s %14s %12s\n", "target", "channels", "threads", "ms/megapixel", "fixed ms");
    for (uint32_t i = 0; i < profile.cost_count; i++) {
        const slimscale_cost &cost = profile.costs[i];
        std::printf("%-11s %8d %8d %14.1f %12.3f\n", cost.target, cost.channels, cost.threads,
                    cost.ns_per_pixel * kMegapixel / 1e6, cost.fixed_ns / 1e6);
    }
}

bool has_row(const slimscale_profile &profile, const std::string &target, int channels) {
    return std::any_of(profile.costs, profile.costs + profile.cost_count,
                       [&](const slimscale_cost &row) { return row.channels == channels && target == row.target; });
}

// The widths that the target could run and that have no row yet: fixed point runs where there are ranges.
std::vector<int> widths_to_measure(const Session &session, const std::string &target) {
    contract::Target parsed;
    const bool fixed_point = contract::parse_target(target, parsed) && parsed.type == contract::DataType::q16;
    std::vector<int> missing;
    for (const Model::Width &width : session.model.widths) {
        const std::vector<int> &opened = session.upscaler.widths();
        if (std::find(opened.begin(), opened.end(), width.channels) != opened.end() &&
            (width.has_ranges || !fixed_point) && !has_row(session.profile, target, width.channels))
            missing.push_back(width.channels);
    }
    return missing;
}

// Measures the processor's targets that the session's handle could not, since they read filters of their own.
Status measure_others(Session &session, const ProfileOptions &options) {
    for (const Model::Target &target : session.model.targets) {
        if (!target.runnable || target.where != slimscale_machine() || target.name == "naive")
            continue;
        HandleOptions open;
        open.widths = widths_to_measure(session, target.name);
        open.target = target.name;
        open.threads = session.upscaler.threads();
        open.memory_cap = options.network.memory_cap;
        open.allow_untrained = options.network.allow_untrained;
        if (open.widths.empty())
            continue;
        Upscaler upscaler;
        if (const Status opened = upscaler.open(session.model, open); !opened) {
            note(target.name + " is not measured: " + opened.error());
            continue;
        }
        slimscale_profile measured{};
        if (slimscale_measure_profile(upscaler.handle(), options.budget_ms, &measured) != SLIMSCALE_OK)
            return Error{slimscale_error(upscaler.handle())};
        if (slimscale_merge_profile(&session.profile, &measured) != SLIMSCALE_OK)
            return Error{"a profile holds " + std::to_string(SLIMSCALE_MAX_COSTS) +
                         " times, fewer than there are targets and widths: measure some by --target"};
    }
    return Status();
}

Status measure(Session &session, const ProfileOptions &options) {
    SLIMSCALE_RETURN_IF_ERROR(session.open(options.network, Widths::all));
    SLIMSCALE_RETURN_IF_ERROR(session.measure_profile(options.budget_ms));
    const bool on_processor = std::strcmp(slimscale_device(session.upscaler.handle()), slimscale_machine()) == 0;
    return options.network.target == "auto" && on_processor ? measure_others(session, options) : Status();
}

}  // namespace

int run_profile(const ProfileOptions &options) {
    Session session;
    Status status = measure(session, options);
    std::string path;
    if (status) {
        path =
            profile_path(session.model.name, slimscale_device(session.upscaler.handle()), session.upscaler.threads());
        status = save_profile(path, session.model, session.profile);
    }
    if (!status) {
        complain("", status.error());
        return kCannotRun;
    }
    std::printf("%s on %s; pixels of the input\n", session.model.name.c_str(),
                slimscale_device(session.upscaler.handle()));
    print_table(session.profile);
    std::printf("kept in %s\n", base::one_line(path).c_str());
    return kOk;
}

}  // namespace slimscale::cli
