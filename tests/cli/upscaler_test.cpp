#include "host/upscaler.h"

#include "tests/catch.h"
#include "tests/cli/fake_library.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale;
using namespace slimscale::host;

TEST_CASE("images of one size share a plan, with and without a border") {
    Model model;
    REQUIRE(choose_model(compiled_models(), "fake_x2", 2, false, model).error() == "");
    HandleOptions options;
    options.widths = model.usable_widths(false);
    for (const Border border : {Border::zeros, Border::replicate, Border::automatic}) {
        CAPTURE(static_cast<int>(border));
        Upscaler upscaler;
        REQUIRE(upscaler.open(model, options).error() == "");
        upscaler.use_border(border);
        const slimscale_request request = SLIMSCALE_REQUEST_INIT;
        slimscale_report report;
        images::Image output;
        const images::Image image = images::noise_image(2, 9, 3, 8);  // thinner than the network sees
        REQUIRE(upscaler.upscale(image, request, output, report).error() == "");
        const int after_first = slimscale_fake_plans;
        for (int i = 0; i < 3; i++)
            REQUIRE(upscaler.upscale(image, request, output, report).error() == "");
        CHECK(slimscale_fake_plans == after_first);
        REQUIRE(upscaler.upscale(images::noise_image(9, 2, 3, 8), request, output, report).error() == "");
        CHECK(slimscale_fake_plans == after_first + 1);
    }
}
