#include "runtime/api/choice.h"

#include <cstring>

#include "runtime/platform/cpu.h"
#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

slimscale_profile table() {
    slimscale_profile t{};
    t.size = sizeof t;
    t.version = SLIMSCALE_PROFILE_VERSION;
    t.cost_count = 3;
    std::strcpy(t.model, "edsr_x2");
    std::strncpy(t.machine, machine_name(), sizeof t.machine - 1);
    t.costs[0] = {16, 2, "avx2", 1e5, 100};  // 0.1 ms + 0.1 us per pixel
    t.costs[1] = {32, 2, "avx2", 1e5, 300};
    t.costs[2] = {64, 2, "avx2", 1e5, 1000};
    return t;
}

struct Answer {
    int width = -1;
    double ms = 0;
    int meets = -1;
    slimscale_status status;
};

Answer answer(double budget_ms, const char *target = "avx2", int threads = 2) {
    const slimscale_profile t = table();
    const int widths[] = {16, 32, 64};
    Answer c;
    c.status = slimscale_choose(&t, target, threads, widths, 3, 100, 100, budget_ms, &c.width, &c.ms, &c.meets);
    return c;
}

}  // namespace

TEST_CASE("the widest width that is predicted to fit is chosen") {
    CHECK(answer(1000).width == 64);
    CHECK(answer(10.1).width == 64);  // 0.1 + 10 ms exactly
    CHECK(answer(10.0).width == 32);
    CHECK(answer(3.0).width == 16);
    CHECK(answer(1000).ms == Approx(10.1));
    CHECK(answer(3.2).meets == 1);
}

TEST_CASE("each width may be predicted on a target of its own") {
    slimscale_profile t = table();
    t.cost_count = 4;
    t.costs[3] = {64, 2, "fast", 0, 20};
    const int widths[] = {16, 32, 64};
    const char *targets[] = {"avx2", "avx2", "fast"};
    Choice choice{};
    REQUIRE(choose(t, {nullptr, targets, 2, widths, 3, 100, 100, 0.2}, choice));
    CHECK(choice.channels == 64);
    CHECK(choice.predicted_ms == Approx(0.2));
    targets[0] = targets[1] = "fast";
    CHECK(choose(t, {nullptr, targets, 2, widths, 3, 100, 100, 0.2}, choice));
    CHECK_FALSE(choose(t, {nullptr, targets, 2, widths, 3, 100, 100, 0.1}, choice));  // no row for the next one
}

TEST_CASE("if none fits, the narrowest runs and says so") {
    const Answer c = answer(0.5);
    CHECK(c.width == 16);
    CHECK(c.meets == 0);
    CHECK(c.ms == Approx(1.1));
}

TEST_CASE("a table without the asked rows is an error, not a guess") {
    CHECK(answer(10, "baseline").status == SLIMSCALE_INVALID_PROFILE);
    CHECK(answer(10, "avx2", 4).status == SLIMSCALE_INVALID_PROFILE);
    CHECK(slimscale_choose(nullptr, "avx2", 2, nullptr, 0, 1, 1, 1, nullptr, nullptr, nullptr) ==
          SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("tables of another version, model or machine are refused") {
    Error error;
    slimscale_profile t = table();
    CHECK(check_profile(t, "edsr_x2", machine_name(), error) == SLIMSCALE_OK);
    CHECK(check_profile(t, "rcan_x2", machine_name(), error) == SLIMSCALE_INVALID_PROFILE);
    t.machine[0] ^= 1;
    CHECK(check_profile(t, "edsr_x2", machine_name(), error) == SLIMSCALE_INVALID_PROFILE);
    t = table();
    t.version++;
    CHECK(check_profile(t, "edsr_x2", machine_name(), error) == SLIMSCALE_INVALID_PROFILE);
    CHECK(std::string(error.text).find("measure it again") != std::string::npos);
}

TEST_CASE("a table with a damaged count does not read past its end") {
    slimscale_profile t = table();
    t.cost_count = 4000000000u;
    const int unknown[] = {999}, known[] = {64};
    Choice choice{};
    CHECK_FALSE(choose(t, {"avx2", nullptr, 2, unknown, 1, 100, 100, 10}, choice));
    CHECK(choose(t, {"avx2", nullptr, 2, known, 1, 100, 100, 10}, choice));
}
