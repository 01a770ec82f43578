// --plain-tail compiles the upsampler and the tail separately, as the plan says. network_test.cpp tests the output of
// these models.
#include "contract/model.h"
#include "networks/program.h"
#include "tests/catch.h"
#include "tests/networks/lowered.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

TEST_CASE("plans with a plain tail are the networks' own steps") {
    for (const slimscale_model *model : all_models()) {
        const networks::Network network = load(model).file.network;
        for (int i = 0; i < model->plan_count; i++) {
            const slimscale_network_plan &plan = model->plans[i];
            const networks::Program pair = networks::lowered(network, plan.channels, networks::Tail::plain);
            INFO(model->name << " at " << plan.channels << " channels");
            REQUIRE(plan.step_count == static_cast<int>(pair.steps.size()));
            CHECK(plan.steps[plan.step_count - 1].kind == static_cast<int>(networks::StepKind::tail));
            CHECK(plan.steps[plan.step_count - 2].kind == static_cast<int>(networks::StepKind::conv3x3));
            CHECK(plan.steps[plan.step_count - 2].shuffle > 1);
        }
    }
}
