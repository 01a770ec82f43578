#include "plugins/common/models.h"

#include <algorithm>

#include "tests/catch.h"

using namespace slimscale::plugins;

TEST_CASE("a plugin's models are found by name, and an unknown name is answered with all") {
    REQUIRE(!models().empty());
    for (const Model &model : models()) {
        const slimscale::Result<const Model *> found = find_model(model.name);
        REQUIRE(found);
        REQUIRE(*found == &model);
        REQUIRE(!model.channels.empty());
        REQUIRE(std::is_sorted(model.channels.begin(), model.channels.end()));
    }
    const slimscale::Result<const Model *> unknown = find_model("edsr_smal_x2");
    REQUIRE(!unknown);
    for (const Model &model : models())
        REQUIRE(unknown.error().find(model.name) != std::string::npos);
    REQUIRE(unknown.error().find("edsr_smal_x2") != std::string::npos);
}

TEST_CASE("without a name it is the first model for colors at x2") {
    const slimscale::Result<const Model *> model = find_model("");
    REQUIRE(model);
    REQUIRE((*model)->scale == 2);
    REQUIRE((*model)->colors == 3);
}

TEST_CASE("channels are trained ones or 0, and others are answered with those") {
    const Model model{nullptr, "some_x2", 2, 3, {16, 64}};
    REQUIRE(check_channels(model, 0));
    REQUIRE(check_channels(model, 16));
    REQUIRE(check_channels(model, 64));
    const slimscale::Status status = check_channels(model, 32);
    REQUIRE(!status);
    REQUIRE(status.error().find("16, 64") != std::string::npos);
    REQUIRE(!check_channels(model, -1));
}
