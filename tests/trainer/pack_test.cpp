#include "trainer/pack.h"

#include <filesystem>
#include <set>

#include "extras/images/image.h"
#include "tests/catch.h"
#include "tests/trainer/training_folder.h"

using namespace slimscale;
using trainer_tests::contains;

namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const std::string &folder) {
    std::set<std::string> names;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
        names.insert(entry.path().filename().native());
    return names;
}

// A picture whose left half is gray and whose right half is a fine board.
void write_half_flat(const std::string &path) {
    images::Image image{192, 96, 3, 8, {}, {}};
    image.allocate();
    for (int y = 0; y < 96; y++)
        for (int x = 0; x < 192; x++)
            for (int c = 0; c < 3; c++) {
                const int at = (y * 192 + x) * 3 + c;
                image.samples[static_cast<size_t>(at)] = x < 96 ? 128 : static_cast<uint8_t>((x + y) % 2 * 255);
            }
    REQUIRE(images::write_image(path, image, {}).ok());
}

}  // namespace

TEST_CASE("the more detailed half of all crops is packed, pixel by pixel") {
    const Scratch scratch;
    fs::create_directories(scratch / "in");
    write_half_flat(scratch / "in/board.png");
    trainer::PackConfig config;
    config.data = {scratch / "in"};
    config.side = 48;
    config.out = scratch / "out";
    REQUIRE(trainer::run_pack(config).sentence.empty());
    CHECK(names_in(config.out) ==
          std::set<std::string>{"board_96_0.png", "board_144_0.png", "board_96_48.png", "board_144_48.png"});
    images::Image crop, whole;
    REQUIRE(images::read_image(config.out + "/board_144_48.png", crop).ok());
    REQUIRE(images::read_image(scratch / "in/board.png", whole).ok());
    CHECK(crop.width == 48);
    CHECK(
        std::equal(crop.samples.begin(), crop.samples.begin() + 48 * 3, whole.samples.begin() + (48 * 192 + 144) * 3));
}

TEST_CASE("crops stay below the megabytes, and the seed chooses them") {
    const Scratch scratch;
    trainer_tests::write_pictures(scratch / "in", 3, 200, 150);
    trainer::PackConfig config;
    config.data = {scratch / "in"};
    config.side = 48;
    config.out = scratch / "all";
    REQUIRE(trainer::run_pack(config).sentence.empty());
    const size_t all = names_in(config.out).size();
    const auto bytes = [](const std::string &folder) {
        uintmax_t sum = 0;
        for (const fs::directory_entry &entry : fs::directory_iterator(folder))
            sum += entry.file_size();
        return static_cast<double>(sum);
    };
    config.megabytes = bytes(config.out) / 2 / 1e6;
    std::set<std::set<std::string>> chosen;
    for (const uint64_t seed : {1, 1, 2, 3}) {
        config.seed = seed;
        config.out = scratch / "some";
        fs::remove_all(config.out);
        REQUIRE(trainer::run_pack(config).sentence.empty());
        CHECK(bytes(config.out) <= config.megabytes * 1e6);
        CHECK(names_in(config.out).size() >= all / 3);
        chosen.insert(names_in(config.out));
    }
    CHECK(chosen.size() == 3);
}

TEST_CASE("what cannot be packed is refused") {
    const Scratch scratch;
    trainer_tests::write_pictures(scratch / "in", 1, 100, 100);
    trainer::PackConfig config;
    config.data = {scratch / "in"};
    config.out = scratch / "out";
    const auto fault = [&](auto change) {
        trainer::PackConfig changed = config;
        change(changed);
        return trainer::run_pack(changed).sentence;
    };
    CHECK(contains(fault([](trainer::PackConfig &) {}), "smaller than a patch"));
    CHECK(contains(fault([](trainer::PackConfig &c) { c.side = 50; }), "--side"));
    CHECK(contains(fault([](trainer::PackConfig &c) { c.side = 48, c.megabytes = 0; }), "--megabytes"));
    CHECK(contains(fault([](trainer::PackConfig &c) { c.side = 48, c.megabytes = 1e-6; }), "not one crop"));
}
