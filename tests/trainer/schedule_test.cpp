#include <map>

#include "tests/catch.h"
#include "trainer/schedule.h"

using namespace slimscale::trainer;

TEST_CASE("learning rates") {
    Config config;
    config.steps = 1000;
    config.learning_rate = 0.5;
    config.decay_to = 0.1;
    CHECK(learning_rate(config, 0) == Approx(0.5));
    CHECK(learning_rate(config, 500) == Approx(0.5 * (0.1 + 0.9 / 2)));
    CHECK(learning_rate(config, 1000) == Approx(0.05));

    config.decay = Decay::step;
    config.decay_every = 200;
    config.decay_factor = 0.5;
    CHECK(learning_rate(config, 199) == Approx(0.5));
    CHECK(learning_rate(config, 200) == Approx(0.25));
    CHECK(learning_rate(config, 999) == Approx(0.5 / 16));

    config.decay = Decay::constant;
    config.warmup = 10;
    CHECK(learning_rate(config, 0) == Approx(0.05));
    CHECK(learning_rate(config, 9) == Approx(0.5));
    CHECK(learning_rate(config, 700) == Approx(0.5));
}

TEST_CASE("a width that joins warms up again") {
    Config config;
    config.widths = {16, 32, 64};
    config.grow = {100, 300};
    config.decay = Decay::constant;
    config.learning_rate = 1;
    config.warmup = 4;
    CHECK(learning_rate(config, 99) == Approx(1));
    CHECK(learning_rate(config, 100) == Approx(0.25));
    CHECK(learning_rate(config, 103) == Approx(1));
    CHECK(joined_widths(config, 99) == std::vector<int>{16});
    CHECK(joined_widths(config, 100) == std::vector<int>{16, 32});
    CHECK(joined_widths(config, 300) == std::vector<int>{16, 32, 64});
}

TEST_CASE("the sandwich: widest first, narrowest always, the others at random and all in the end") {
    Config config;
    config.widths = {16, 24, 32, 48, 64};
    config.widths_per_step = 3;
    std::map<int, int> drawn;
    constexpr int kSteps = 600;
    for (int step = 0; step < kSteps; step++) {
        const std::vector<int> widths = widths_of_step(config, step);
        REQUIRE(widths.size() == 3);
        CHECK(widths.front() == 64);
        CHECK(widths.back() == 16);
        drawn[widths[1]]++;
        CHECK(widths == widths_of_step(config, step));
    }
    // A third each: 200 of 600, with a standard deviation of 12.
    for (const int width : {24, 32, 48})
        CHECK(std::abs(drawn[width] - kSteps / 3) < 60);
    config.widths_per_step = 0;
    CHECK(widths_of_step(config, 5) == std::vector<int>{64, 48, 32, 24, 16});
    config.widths_per_step = 1;
    CHECK(widths_of_step(config, 5) == std::vector<int>{64});
}

TEST_CASE("frozen widths take no part") {
    Config config;
    config.widths = {16, 32, 48, 64};
    config.widths_per_step = 0;
    config.freeze = 32;
    CHECK(widths_of_step(config, 0) == std::vector<int>{64, 48});
    config.freeze = 48;
    CHECK(widths_of_step(config, 0) == std::vector<int>{64});
}

TEST_CASE("the last steps' loss is l2") {
    Config config;
    config.steps = 100;
    CHECK(loss_of_step(config, 99) == Loss::l1);
    config.l2_share = 0.25;
    CHECK(loss_of_step(config, 74) == Loss::l1);
    CHECK(loss_of_step(config, 75) == Loss::l2);
}

TEST_CASE("bf16 runs end in f32") {
    Config config;
    config.steps = 100;
    CHECK(precision_of_step(config, 0) == Precision::f32);
    config.precision = Precision::bf16;
    config.f32_share = 0.1;
    CHECK(precision_of_step(config, 89) == Precision::bf16);
    CHECK(precision_of_step(config, 90) == Precision::f32);
}
