#include "trainer/ablation.h"

#include <nlohmann/json.hpp>

#include <filesystem>

#include "tests/catch.h"
#include "tests/trainer/training_folder.h"

using namespace slimscale;
using trainer_tests::contains;

namespace {

trainer::Config tiny_ablation(const Scratch &scratch) {
    trainer::Config config = trainer_tests::tiny_config(scratch, "ablation");
    config.patch = 32;  // the smallest patch for the contrast
    config.steps = 2;
    config.validate_every = 2;
    config.contrast.backbone = SLIMSCALE_SOURCE_DIR "/tests/trainer/data/vgg19.safetensors";
    config.contrast.count = 2;
    return config;
}

}  // namespace

TEST_CASE("mean and sample standard deviation") {
    CHECK(trainer::spread_of({2, 4, 9}).mean == Approx(5));
    CHECK(trainer::spread_of({2, 4, 9}).deviation == Approx(std::sqrt((9.0 + 1 + 16) / 2)));
    CHECK(trainer::spread_of({7}).deviation == 0);
    CHECK(trainer::spread_of({}).mean == 0);
}

TEST_CASE("an ablation trains every variant with every seed, once, and tables them") {
    const Scratch scratch;
    const trainer::Config config = tiny_ablation(scratch);
    const trainer::Outcome outcome = trainer::run_ablation(config, {{1, 2}});
    INFO(outcome.sentence);
    REQUIRE(outcome.code == trainer::kOk);
    const auto json = nlohmann::json::parse(trainer_tests::read_text(config.out + "/ablation.json"));
    for (const char *variant : {"joint", "joint_contrast", "own_affine"})
        for (const char *width : {"8", "16"})
            CHECK(json["psnr"][variant][width].size() == 2);
    CHECK(json["psnr"]["alone"]["8"].size() == 2);
    CHECK(json["psnr"]["alone"]["16"].empty());
    CHECK(json["psnr"]["widest"]["8"].empty());
    // They start from different weights, so they end with different ones.
    CHECK(json["psnr"]["alone"]["8"] != json["psnr"]["from_widest"]["8"]);
    CHECK(contains(trainer_tests::read_text(config.out + "/ablation.md"), "| the narrow width alone, from scratch "));

    const std::string checkpoint = config.out + "/joint_seed1/checkpoint.safetensors";
    const auto written = std::filesystem::last_write_time(checkpoint);
    CHECK(trainer::run_ablation(config, {{1, 2}}).code == trainer::kOk);
    CHECK(std::filesystem::last_write_time(checkpoint) == written);
}

TEST_CASE("an ablation says what it lacks") {
    const Scratch scratch;
    trainer::Config config = tiny_ablation(scratch);
    config.widths = {16};
    CHECK(contains(trainer::run_ablation(config, {}).sentence, "two widths"));
    config.widths = {8, 16};
    config.contrast.backbone.clear();
    CHECK(contains(trainer::run_ablation(config, {}).sentence, "--backbone"));
    config.validate.clear();
    CHECK(contains(trainer::run_ablation(config, {}).sentence, "--validate"));
}
