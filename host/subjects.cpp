#include "host/subjects.h"

namespace slimscale::host {
namespace {

std::string threads_text(int threads) {
    return std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace

std::vector<quality::Subject> subjects_of(Upscaler &upscaler, const std::string &name) {
    std::vector<quality::Subject> subjects;
    for (int channels : upscaler.widths()) {
        const std::string setting =
            slimscale_target_at(upscaler.handle(), channels, nullptr) + (", " + threads_text(upscaler.threads()));
        const auto upscale = [&upscaler, channels](const quality::Planes &small, quality::Planes &large) {
            return upscaler.upscale(small, channels, large);
        };
        const auto plan = [&upscaler](int width_px, int height_px) { return upscaler.plan(width_px, height_px); };
        subjects.push_back({{name, "compiled", channels, setting}, upscale, plan});
    }
    return subjects;
}

}  // namespace slimscale::host
