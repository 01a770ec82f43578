#include <cstdio>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "host/console.h"
#include "host/profile_file.h"

namespace slimscale::cli {

using namespace host;

namespace {

constexpr double kMegapixel = 1e6;

void print_table(const slimscale_profile &profile) {
    std::printf("%-10s %8s %8s %14s %12s\n", "target", "channels", "threads", "ms/megapixel", "fixed ms");
    for (uint32_t i = 0; i < profile.cost_count; i++) {
        const slimscale_cost &cost = profile.costs[i];
        std::printf("%-10s %8d %8d %14.1f %12.3f\n", cost.target, cost.channels, cost.threads,
                    cost.ns_per_pixel * kMegapixel / 1e6, cost.fixed_ns / 1e6);
    }
}

}  // namespace

int run_profile(const ProfileOptions &options) {
    Session session;
    Status status = session.open(options.network, Widths::all);
    if (status)
        status = session.measure_profile(options.budget_ms);
    if (!status) {
        complain("", status.error());
        return kCannotRun;
    }
    const std::string path =
        profile_path(session.model.name, slimscale_device(session.upscaler.handle()), session.upscaler.threads());
    status = save_profile(path, session.model, session.profile);
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
