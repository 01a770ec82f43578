#include <CLI/CLI.hpp>

#include <fstream>

#include "tests/catch.h"
#include "tests/trainer/training_folder.h"

using namespace slimscale;
using trainer::Config;
using trainer_tests::contains;

namespace {

// Reads options as main() does. Throws CLI::ParseError.
Config parsed(const std::vector<std::string> &arguments) {
    CLI::App app;
    Config config;
    trainer::declare(app, &config);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
    return config;
}

}  // namespace

TEST_CASE("a run's printed options are a config file that means the same") {
    const Config config =
        parsed({"--network", "carn_m", "--widths", "16,64", "--data", "a b,c", "--decay", "step", "--learning-rate",
                "0.00025", "--seed", "12345678901", "--negatives", "paper", "--leading-slices", "--out", "x"});
    CHECK(config.data == std::vector<std::string>{"a b", "c"});
    const Scratch scratch;
    const std::string path = scratch / "options.toml";
    std::ofstream(path) << trainer::options_text(config);
    const Config again = parsed({"--config", path});
    CHECK(trainer::options_text(again) == trainer::options_text(config));
    CHECK(again.seed == 12345678901);
    CHECK(again.input_skip);
    std::ofstream(path) << trainer::options_text(parsed({"--no-input-skip", "--no-feature-residual"}));
    CHECK_FALSE(parsed({"--config", path}).input_skip);
    CHECK_FALSE(parsed({"--config", path}).feature_residual);
    CHECK(parsed({"--config", path, "--input-skip"}).input_skip);
    std::ofstream(path) << trainer::options_text(config);
    CHECK(again.leading_slices);
    CHECK(again.contrast.negatives == trainer::Negatives::paper);
    // Flags override the file.
    CHECK(parsed({"--config", path, "--seed", "7"}).seed == 7);
}

TEST_CASE("the paper's settings, and what is given beside them") {
    const Config paper = parsed({"--preset", "paper"});
    CHECK(paper.network == "edsr");
    CHECK(paper.widths == std::vector<int>{64, 256});
    CHECK(paper.patch == 192);
    CHECK(paper.batch == 16);
    CHECK(paper.contrast.lambda == 200);
    CHECK(paper.lambda_teacher == 1);
    CHECK_FALSE(paper.input_skip);
    CHECK(paper.contrast.count == 10);
    CHECK(paper.contrast.negatives == trainer::Negatives::paper);
    const Config smaller = parsed({"--batch", "4", "--preset", "paper", "--widths", "128,256"});
    CHECK(smaller.batch == 4);
    CHECK(smaller.widths == std::vector<int>{128, 256});
}

TEST_CASE("what cannot be trained is refused with what to do") {
    const auto fault = [](auto change) {
        const Scratch scratch;
        Config config = trainer_tests::tiny_config(scratch, "run");
        change(config);
        return trainer::complete(&config).error();
    };
    CHECK(fault([](Config &) {}).empty());
    CHECK(contains(fault([](Config &c) { c.network = "vdsr"; }), "edsr_small"));
    CHECK(contains(fault([](Config &c) { c.widths = {12}; }), "the nearest are 8 and 16"));
    CHECK(contains(fault([](Config &c) { c.scale = 5; }), "scale must be 1, 2, 3 or 4"));
    CHECK(contains(fault([](Config &c) { c.data.clear(); }), "--data"));
    CHECK(contains(fault([](Config &c) { c.patch = 17; }), "multiple of the scale"));
    CHECK(contains(fault([](Config &c) { c.contrast.lambda = 200; }), "--backbone"));
    CHECK(contains(fault([](Config &c) { c.grow = {1, 2}; }), "--grow"));
    CHECK(contains(fault([](Config &c) { c.ema = 1; }), "--ema"));
    CHECK(contains(fault([](Config &c) { c.freeze = 12; }), "--freeze must be one of --widths"));
    CHECK(contains(fault([](Config &c) { c.freeze = 16; }), "not the widest"));
    CHECK(contains(fault([](Config &c) { c.freeze = 8, c.grow = {1}; }), "exclude each other"));
    CHECK(contains(fault([](Config &c) { c.width_weights = {1}; }), "--width-weights"));
    CHECK(contains(fault([](Config &c) { c.l2_share = 2; }), "--l2-share"));
    CHECK(contains(fault([](Config &c) { c.minutes = -1; }), "--minutes"));
    CHECK(contains(fault([](Config &c) { c.expansion = -1; }), "--expansion"));
}

TEST_CASE("a contrast that cannot be computed is refused before the run") {
    const auto fault = [](auto change) {
        const Scratch scratch;
        Config config = trainer_tests::tiny_config(scratch, "run");
        config.patch = 32;
        config.contrast.lambda = 200;
        config.contrast.backbone = "vgg19.safetensors";
        change(config);
        return trainer::complete(&config).error();
    };
    CHECK(fault([](Config &) {}).empty());
    CHECK(contains(fault([](Config &c) { c.colors = 1; }), "--colors 3"));
    CHECK(contains(fault([](Config &c) { c.widths = {16}; }), "two --widths"));
    CHECK(contains(fault([](Config &c) { c.patch = 30; }), "32 pixels"));
    CHECK(contains(fault([](Config &c) { c.contrast.crop = 16; }), "32 pixels"));
    CHECK(contains(fault([](Config &c) { c.contrast.crop = 34; }), "--contrast-crop"));
    CHECK(contains(fault([](Config &c) { c.contrast.images = -1; }), "--contrast-images"));
    CHECK(contains(fault([](Config &c) { c.batch = 1; }), "--negatives paper"));
    const auto paper_alone = [](Config &c) {
        c.batch = 1;
        c.contrast.negatives = trainer::Negatives::paper;
    };
    CHECK(fault(paper_alone).empty());
}

TEST_CASE("widths are sorted, and the full one is the default") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    config.widths = {16, 8, 16};
    REQUIRE(trainer::complete(&config).ok());
    CHECK(config.widths == std::vector<int>{8, 16});
    config.widths.clear();
    REQUIRE(trainer::complete(&config).ok());
    CHECK(config.widths == std::vector<int>{16});
}
