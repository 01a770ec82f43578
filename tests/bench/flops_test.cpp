#include "bench/widths/flops.h"

#include <vector>

#include "networks/program.h"
#include "networks/walkers.h"
#include "tests/catch.h"
#include "tests/networks/lowered.h"

using namespace slimscale;

namespace {

// The steps as the plan writer prints them, with the fields that count operations.
std::vector<slimscale_step> steps_of(const networks::Program &program) {
    std::vector<slimscale_step> steps;
    for (const networks::Step &step : program.steps) {
        slimscale_step &plain = steps.emplace_back();
        plain.kind = static_cast<int32_t>(step.kind);
        plain.cin = step.cin;
        plain.cout = step.cout;
        plain.groups = step.groups;
        plain.shuffle = step.shuffle;
        plain.input_count = static_cast<int32_t>(step.inputs.size());
        plain.input_scale = step.input_scale;
    }
    return steps;
}

slimscale_network_plan plan_of(const std::vector<slimscale_step> &steps) {
    slimscale_network_plan plan{};
    plan.step_count = static_cast<int32_t>(steps.size());
    plan.steps = steps.data();
    return plan;
}

}  // namespace

TEST_CASE("The steps of a compiled network have the multiply-accumulates of its graph") {
    for (const std::string &name : networks::preset_names())
        for (int scale : {2, 3, 4}) {
            const networks::Network network = *networks::preset(name, scale);
            for (int channels : {networks::widths(network).front(), network.channels}) {
                CAPTURE(name, scale, channels);
                const std::vector<slimscale_step> steps = steps_of(networks::lowered(network, channels));
                CHECK(bench::macs_per_pixel(plan_of(steps)) ==
                      networks::macs_per_pixel(networks::build(network, channels)));
            }
        }
}

TEST_CASE("Winograd's share is the 3x3 convolutions between features") {
    const networks::Network network = *networks::preset("edsr_small", 2);  // 8 blocks, 64 channels
    const std::vector<slimscale_step> pair = steps_of(networks::lowered(network, 64, networks::Tail::plain));
    constexpr int64_t kBody = 17, kUpSampler = 4;  // convolutions of 64 -> 64 channels per pixel
    CHECK(bench::winograd_macs_per_pixel(plan_of(pair)) == (kBody + kUpSampler) * 9 * 64 * 64);
    constexpr int64_t kHead = 9 * 3 * 64, kTail = 4 * 9 * 64 * 3;
    CHECK(bench::macs_per_pixel(plan_of(pair)) == bench::winograd_macs_per_pixel(plan_of(pair)) + kHead + kTail);

    CHECK(bench::pointwise_macs_per_pixel(plan_of(pair)) == 0);

    const std::vector<slimscale_step> collapsed = steps_of(networks::lowered(network, 64));
    CHECK(bench::winograd_macs_per_pixel(plan_of(collapsed)) == kBody * 9 * 64 * 64);
    CHECK(bench::macs_per_pixel(plan_of(collapsed)) == bench::macs_per_pixel(plan_of(pair)));
    CHECK(bench::collapsed_macs_per_pixel(plan_of(pair)) == 0);
    CHECK(bench::collapsed_macs_per_pixel(plan_of(collapsed)) == kUpSampler * 9 * 64 * 64 + kTail - 4 * 16 * 64 * 3);
}
