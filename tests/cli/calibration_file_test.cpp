#include <cstdlib>

#include "base/files.h"
#include "cli/calibration_file.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::cli;
using namespace slimscale::host;
using namespace slimscale::images;

namespace {

slimscale_calibration table() {
    slimscale_calibration calibration{};
    calibration.size = sizeof calibration;
    calibration.version = SLIMSCALE_CALIBRATION_VERSION;
    calibration.cost_count = 2;
    std::snprintf(calibration.model, sizeof calibration.model, "m");
    std::snprintf(calibration.machine, sizeof calibration.machine, "%s", slimscale_machine());
    calibration.costs[0] = {16, 2, "fast", 1, 2};
    calibration.costs[1] = {64, 2, "fast", 3, 4};
    return calibration;
}

Model model() {
    Model described;
    described.name = "m";
    described.network = "net";
    described.scale = 2;
    described.colors = 3;
    described.channels = 64;
    described.widths = {{16, true}, {64, true}};
    return described;
}

}  // namespace

TEST_CASE("a calibration is kept, and used only for what it was measured on") {
    Scratch scratch;
    const std::string path = scratch / "a/b/m.calibration";
    slimscale_calibration read{};
    CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "fast", 2, {16}}, read));
    REQUIRE(save_calibration(path, model(), table()).error() == "");
    REQUIRE(load_calibration(path, model(), {slimscale_machine(), "fast", 2, {16, 64}}, read));
    CHECK(read.costs[1].ns_per_pixel == 4);
    Model other = model();
    other.name = "other";
    CHECK_FALSE(load_calibration(path, other, {slimscale_machine(), "fast", 2, {16}}, read));
    CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "slow", 2, {16}}, read));
    CHECK_FALSE(load_calibration(path, model(), {"another GPU", "fast", 2, {16}}, read));
    CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "fast", 4, {16}}, read));
    CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "fast", 2, {16, 32}}, read));
}

TEST_CASE("another network of the same name has no calibration") {
    Scratch scratch;
    const std::string path = scratch / "m.calibration";
    REQUIRE(save_calibration(path, model(), table()).error() == "");
    Model network = model(), scale = model(), colors = model(), channels = model(), widths = model();
    network.network = "net2";
    scale.scale = 4;
    colors.colors = 1;
    channels.channels = 128;
    widths.widths.push_back({128, false});
    slimscale_calibration read{};
    for (const Model &other : {network, scale, colors, channels, widths})
        CHECK_FALSE(load_calibration(path, other, {slimscale_machine(), "fast", 2, {16}}, read));
    Model retrained = model();
    retrained.widths[0].trained = false;
    CHECK(load_calibration(path, retrained, {slimscale_machine(), "fast", 2, {16}}, read));
}

TEST_CASE("a damaged calibration is none") {
    Scratch scratch;
    const std::string path = scratch / "m.calibration";
    REQUIRE(save_calibration(path, model(), table()).error() == "");
    const auto whole = base::read_file(path);
    REQUIRE(whole.error() == "");
    const Bytes &bytes = *whole;
    slimscale_calibration read{};
    for (size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 97) {
        Bytes damaged = bytes;
        damaged[at] ^= 1;
        REQUIRE(base::write_file(path, damaged).error() == "");
        CAPTURE(at);
        CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "fast", 2, {16}}, read));
    }
    REQUIRE(base::write_file(path, bytes.data(), bytes.size() - 1).error() == "");
    CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "fast", 2, {16}}, read));

    slimscale_calibration negative = table();
    negative.costs[0].ns_per_pixel = -1;
    REQUIRE(save_calibration(path, model(), negative).error() == "");
    CHECK_FALSE(load_calibration(path, model(), {slimscale_machine(), "fast", 2, {16}}, read));
}

TEST_CASE("the path says model, machine and threads") {
    setenv("XDG_CACHE_HOME", "/cache", 1);
    CHECK(calibration_path("carn_m_x2", slimscale_machine(), 4) ==
          "/cache/slimscale/carn_m_x2-Fake-CPU-R-1-GHz-4.calibration");
    setenv("XDG_CACHE_HOME", "relative", 1);
    setenv("HOME", "/home/me", 1);
    CHECK(cache_folder() == "/home/me/.cache/slimscale");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    CHECK(calibration_path("m", slimscale_machine(), 1) == "");
    CHECK(save_calibration("", model(), table()).error() != "");
}
