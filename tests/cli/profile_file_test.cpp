#include <cstdlib>

#include "base/files.h"
#include "host/profile_file.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::host;
using namespace slimscale::images;

namespace {

slimscale_profile table() {
    slimscale_profile profile{};
    profile.size = sizeof profile;
    profile.version = SLIMSCALE_PROFILE_VERSION;
    profile.cost_count = 2;
    std::snprintf(profile.model, sizeof profile.model, "m");
    std::snprintf(profile.machine, sizeof profile.machine, "%s", slimscale_machine());
    profile.costs[0] = {16, 2, "fast", 1, 2};
    profile.costs[1] = {64, 2, "fast", 3, 4};
    return profile;
}

ProfileKey key(const std::string &target, int threads, const std::vector<int> &widths) {
    ProfileKey key{slimscale_machine(), threads, {}};
    for (const int channels : widths)
        key.rows.push_back({channels, target});
    return key;
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

TEST_CASE("a profile is kept, and used only for what it was measured on") {
    Scratch scratch;
    const std::string path = scratch / "a/b/m.profile";
    slimscale_profile read{};
    CHECK_FALSE(load_profile(path, model(), key("fast", 2, {16}), read));
    REQUIRE(save_profile(path, model(), table()).error() == "");
    REQUIRE(load_profile(path, model(), key("fast", 2, {16, 64}), read));
    CHECK(read.costs[1].ns_per_pixel == 4);
    Model other = model();
    other.name = "other";
    CHECK_FALSE(load_profile(path, other, key("fast", 2, {16}), read));
    CHECK_FALSE(load_profile(path, model(), key("slow", 2, {16}), read));
    CHECK_FALSE(load_profile(path, model(), {"another GPU", 2, {}}, read));
    CHECK_FALSE(load_profile(path, model(), key("fast", 4, {16}), read));
    CHECK_FALSE(load_profile(path, model(), key("fast", 2, {16, 32}), read));
}

TEST_CASE("rows of other targets and threads stay when a profile is saved") {
    Scratch scratch;
    const std::string path = scratch / "m.profile";
    slimscale_profile other = table(), again = table(), read{};
    for (slimscale_cost &row : other.costs)
        std::snprintf(row.target, sizeof row.target, "slow");
    other.costs[1].threads = 4;
    again.cost_count = 1;
    again.costs[0].ns_per_pixel = 7;
    for (const slimscale_profile &saved : {table(), other, again})
        REQUIRE(save_profile(path, model(), saved).error() == "");
    ProfileKey all = key("fast", 2, {16, 64});
    all.rows.push_back({16, "slow"});
    REQUIRE(load_profile(path, model(), all, read));
    CHECK(read.cost_count == 4);
    CHECK(read.costs[0].ns_per_pixel == 7);
    CHECK(read.costs[1].ns_per_pixel == 4);
    CHECK(load_profile(path, model(), key("slow", 4, {64}), read));

    slimscale_profile foreign = table();  // nothing of it is kept
    foreign.machine[0] ^= 1;
    REQUIRE(save_profile(path, model(), foreign).error() == "");
    REQUIRE(save_profile(path, model(), again).error() == "");
    REQUIRE(load_profile(path, model(), key("fast", 2, {16}), read));
    CHECK(read.cost_count == 1);
}

TEST_CASE("another network of the same name has no profile") {
    Scratch scratch;
    const std::string path = scratch / "m.profile";
    REQUIRE(save_profile(path, model(), table()).error() == "");
    Model network = model(), scale = model(), colors = model(), channels = model(), widths = model();
    network.network = "net2";
    scale.scale = 4;
    colors.colors = 1;
    channels.channels = 128;
    widths.widths.push_back({128, false});
    slimscale_profile read{};
    for (const Model &other : {network, scale, colors, channels, widths})
        CHECK_FALSE(load_profile(path, other, key("fast", 2, {16}), read));
    Model retrained = model();
    retrained.widths[0].trained = false;
    CHECK(load_profile(path, retrained, key("fast", 2, {16}), read));
}

TEST_CASE("a damaged profile is none") {
    Scratch scratch;
    const std::string path = scratch / "m.profile";
    REQUIRE(save_profile(path, model(), table()).error() == "");
    const auto whole = base::read_file(path);
    REQUIRE(whole.error() == "");
    const Bytes &bytes = *whole;
    slimscale_profile read{};
    for (size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 97) {
        Bytes damaged = bytes;
        damaged[at] ^= 1;
        REQUIRE(base::write_file(path, damaged).error() == "");
        CAPTURE(at);
        CHECK_FALSE(load_profile(path, model(), key("fast", 2, {16}), read));
    }
    REQUIRE(base::write_file(path, bytes.data(), bytes.size() - 1).error() == "");
    CHECK_FALSE(load_profile(path, model(), key("fast", 2, {16}), read));

    slimscale_profile negative = table();
    negative.costs[0].ns_per_pixel = -1;
    CHECK(save_profile(path, model(), negative).error() != "");
}

TEST_CASE("the path says model, machine and threads") {
    setenv("XDG_CACHE_HOME", "/cache", 1);
    CHECK(profile_path("carn_m_x2", slimscale_machine(), 4) == "/cache/slimscale/carn_m_x2-Fake-CPU-R-1-GHz-4.profile");
    setenv("XDG_CACHE_HOME", "relative", 1);
    setenv("HOME", "/home/me", 1);
    CHECK(cache_folder() == "/home/me/.cache/slimscale");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    CHECK(profile_path("m", slimscale_machine(), 1) == "");
    CHECK(save_profile("", model(), table()).error() != "");
}
