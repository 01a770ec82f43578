// Images in rows against whole ones, over the library itself and every small compiled network.
#include <utility>

#include "extras/images/rows.h"
#include "host/models.h"
#include "host/upscaler.h"
#include "tests/catch.h"
#include "tests/extras/images/collected_rows.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale;
using namespace slimscale::host;

TEST_CASE("borders by name") {
    Border border = Border::zeros;
    REQUIRE(parse_border("replicate", border).ok());
    CHECK(border == Border::replicate);
    REQUIRE(parse_border("auto", border).ok());
    CHECK(parse_border("zero", border).error() == "'zero' is no border: there are auto, zeros, replicate");
    CHECK(border == Border::automatic);
}

TEST_CASE("rows give the bytes of whole images with every network that takes them") {
    int in_rows = 0, refused = 0;
    for (const Model &model : compiled_models()) {
        CAPTURE(model.name);
        Upscaler upscaler;
        HandleOptions options;
        options.widths = model.usable_widths(true);
        options.allow_untrained = true;
        options.threads = 2;
        REQUIRE(upscaler.open(model, options).error() == "");
        for (const auto &[width, height] : {std::pair{61, 83}, {35, 1}}) {
            CAPTURE(width, height);
            if (!upscaler.takes_rows(width, height)) {
                CHECK(model.network.find("rcan") != std::string::npos);
                refused++;
                continue;
            }
            in_rows++;
            for (const Border border : {Border::zeros, Border::replicate})
                for (const int channels : {1, 3, 4}) {
                    CAPTURE(static_cast<int>(border), channels);
                    upscaler.use_border(border);
                    const images::Image image = images::smooth_image(width, height, channels);
                    const bool opaque = !image.has_alpha();
                    images::Image whole;
                    slimscale_report report;
                    slimscale_request request = SLIMSCALE_REQUEST_INIT;
                    REQUIRE(upscaler.upscale(image, request, whole, report).error() == "");
                    images::CollectedRows rows(whole.row_bytes());
                    const std::unique_ptr<images::RowReader> from = images::rows_of(image);
                    REQUIRE(upscaler.upscale(*from, opaque, request, rows, report).error() == "");
                    CHECK(rows.bytes == whole.samples);
                    CHECK(report.actual_ms > 0);
                }
        }
    }
    CHECK(in_rows > 10);
    CHECK(refused > 0);
}
