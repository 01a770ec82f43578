#include "host/upscaler.h"

#include <utility>

#include "extras/images/channels.h"
#include "extras/images/metadata.h"
#include "extras/images/rows.h"
#include "host/alpha.h"
#include "tests/catch.h"
#include "tests/cli/fake_library.h"
#include "tests/extras/images/collected_rows.h"
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

TEST_CASE("an image in rows becomes what it becomes as a whole") {
    for (const char *name : {"fake_x2", "fake_luma_x2"})
        for (const Border border : {Border::zeros, Border::replicate})
            for (const int channels : {1, 2, 3, 4})
                for (const int bits : {8, 16})
                    for (const auto &[width, height] : {std::pair{1, 1}, {9, 40}, {5, 17}, {3, 16}}) {
                        const bool opaque = height != 40;
                        CAPTURE(name, static_cast<int>(border), channels, bits, width, height);
                        Model model;
                        REQUIRE(choose_model(compiled_models(), name, 2, false, model).error() == "");
                        HandleOptions options;
                        options.widths = model.usable_widths(false);
                        Upscaler upscaler;
                        REQUIRE(upscaler.open(model, options).error() == "");
                        upscaler.use_border(border);
                        images::Image image = images::noise_image(width, height, channels, bits);
                        if (image.has_alpha() && opaque)
                            images::make_opaque(image);
                        images::add_density(image.metadata, {3000, 3000, true});
                        images::Image whole;
                        slimscale_report report;
                        const slimscale_request request = SLIMSCALE_REQUEST_INIT;
                        REQUIRE(upscaler.upscale(image, request, whole, report).error() == "");

                        REQUIRE(upscaler.takes_rows(width, height));
                        if (!images::fully_opaque(image))
                            bleed_colors(image);
                        const images::Image about = upscaler.result_of(image);
                        CHECK(about.width == whole.width);
                        CHECK(about.height == whole.height);
                        CHECK(about.channels == whole.channels);
                        REQUIRE(about.metadata.size() == 1);
                        CHECK(about.metadata[0].data == whole.metadata[0].data);
                        images::CollectedRows rows(about.row_bytes());
                        const bool is_opaque = images::fully_opaque(image);
                        const int begun = slimscale_fake_rows;
                        const std::unique_ptr<images::RowReader> from = images::rows_of(image);
                        REQUIRE(upscaler.upscale(*from, is_opaque, request, rows, report).error() == "");
                        CHECK(slimscale_fake_rows == begun + 1);
                        CHECK(rows.rows == about.height);
                        CHECK(rows.bytes == whole.samples);
                        CHECK(report.channels == 64);
                    }
}

TEST_CASE("rows that cannot be written end the frame, and the next image can come") {
    Model model;
    REQUIRE(choose_model(compiled_models(), "fake_x2", 2, false, model).error() == "");
    HandleOptions options;
    options.widths = model.usable_widths(false);
    Upscaler upscaler;
    REQUIRE(upscaler.open(model, options).error() == "");
    const images::Image image = images::noise_image(9, 40, 3, 8);
    slimscale_report report;
    const slimscale_request request = SLIMSCALE_REQUEST_INIT;
    for (const int fails_after : {10, 1000}) {
        images::CollectedRows rows(upscaler.result_of(image).row_bytes());
        rows.fails_after = fails_after;
        const std::unique_ptr<images::RowReader> from = images::rows_of(image);
        CHECK(upscaler.upscale(*from, true, request, rows, report).error() ==
              (fails_after == 10 ? "the disk is full" : ""));
    }
}
