#include "trainer/shrink.h"

#include <filesystem>

#include "extras/images/image.h"
#include "tests/catch.h"
#include "tests/trainer/training_folder.h"
#include "trainer/pictures.h"

using namespace slimscale;
using trainer_tests::contains;

namespace fs = std::filesystem;

TEST_CASE("the small images are those that a run trains on") {
    const Scratch scratch;
    trainer_tests::write_pictures(scratch / "in", 3, 40, 36);
    trainer::ShrinkConfig config;
    config.data = {scratch / "in"};
    config.exclude = {"wave2"};
    config.scale = 3;
    config.out = scratch / "small/deeper";
    REQUIRE(trainer::run_shrink(config).sentence.empty());
    CHECK(!fs::exists(scratch / "small/deeper/wave2.png"));

    trainer::PictureOptions options;
    options.paths = config.data;
    options.exclude = config.exclude;
    options.scale = config.scale;
    const auto pictures = trainer::load_pictures(options);
    REQUIRE(pictures.ok());
    for (size_t i = 0; i < 2; i++) {
        images::Image image;
        REQUIRE(images::read_image(config.out + "/wave" + std::to_string(i) + ".png", image).ok());
        CHECK(image.samples == pictures->pairs[i].low.samples);
    }
}

TEST_CASE("pictures of one name cannot be shrunk together") {
    const Scratch scratch;
    trainer_tests::write_pictures(scratch / "a", 1, 24, 24);
    trainer_tests::write_pictures(scratch / "b", 1, 24, 24);
    trainer::ShrinkConfig config;
    config.data = {scratch / "a", scratch / "b"};
    config.out = scratch / "small";
    const trainer::Outcome outcome = trainer::run_shrink(config);
    CHECK(outcome.code == trainer::kBadUsage);
    CHECK(contains(outcome.sentence, "a/wave0.png have one name"));
    CHECK(!fs::exists(config.out));
}
