// Weights files for the models that fake_library.cpp has compiled in.
#include "host/models.h"
#include "tests/catch.h"
#include "tests/cli/tool.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale;
using namespace slimscale::cli;
using namespace slimscale::host;

TEST_CASE("a weights file says which widths are trained, and which are not compiled") {
    Scratch scratch;
    save_trained(scratch / "mine.safetensors", {16, 24, 32, 40});
    Model model;
    REQUIRE(choose_model(compiled_models(), scratch / "mine.safetensors", 0, false, model).error() == "");
    CHECK(model.name == "fake_x2");
    CHECK(model.title == "mine");
    CHECK(model.usable_widths(false) == std::vector<int>{16, 32});
    CHECK(model.lacking == std::vector<int>{24, 40});
}

TEST_CASE("of two compiled models of a file's network, the one with more of its widths is taken") {
    Scratch scratch;
    save_trained(scratch / "mine.safetensors", {16, 24});
    std::vector<Model> compiled = compiled_models();
    Model wider = compiled.back();
    wider.name = "mine";
    wider.widths = {{16, false}, {24, false}};
    compiled.push_back(wider);
    Model model;
    REQUIRE(choose_model(compiled, scratch / "mine.safetensors", 0, false, model).error() == "");
    CHECK(model.name == "mine");
    CHECK(model.lacking.empty());
    REQUIRE(choose_model(compiled, "fake_x2", 0, false, model).error() == "");
    CHECK(model.title == "fake_x2");
}

TEST_CASE("a network that is compiled at x1 alone is found without a scale") {
    Model restoring = compiled_models().back();
    restoring.name = "restore_x1";
    restoring.network = "restore";
    restoring.scale = 1;
    Model model;
    for (const char *wanted : {"", "restore", "restore_x1"}) {
        CAPTURE(wanted);
        CHECK(choose_model({restoring}, wanted, 0, false, model).error() == "");
        CHECK(model.name == "restore_x1");
        model.name = "";
    }
    // Enlarging networks come first.
    std::vector<Model> compiled = compiled_models();
    compiled.insert(compiled.begin(), restoring);
    CHECK(choose_model(compiled, "", 0, false, model).error() == "");
    CHECK(model.scale == 2);
}

TEST_CASE("evaluate at all widths wants every width of the file compiled") {
    Scratch scratch;
    const images::Image image = images::smooth_image(40, 32, 3);
    REQUIRE(images::write_image(scratch / "a.png", image, {}).error() == "");
    save_trained(scratch / "some.safetensors", {16, 32});
    save_trained(scratch / "more.safetensors", {16, 24});
    const Outcome outcome = run_tool(scratch, "evaluate a.png --model ./some.safetensors --width all");
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out.find("# some, x2, 1 image") == 0);
    const Outcome refused = run_tool(scratch, "evaluate a.png --model more.safetensors --width all");
    CHECK(refused.exit_code == 3);
    CHECK(refused.err.find("24 channels too, which are not compiled in; run: make generate") != std::string::npos);
    CHECK(run_tool(scratch, "evaluate a.png --model more.safetensors --widths 16").exit_code == 0);
}
