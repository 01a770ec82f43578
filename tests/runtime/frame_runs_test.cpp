// Frames of every format through networks give what the network computes in floats, stored by the formulas, with the
// same bytes in bands and as whole frames.
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/runtime/frame_numbers.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/guarded_image.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

void run_frame(slimscale_handle *s, const slimscale_image &input, const slimscale_image &output) {
    INFO(slimscale_format_name(input.format) << " to " << slimscale_format_name(output.format));
    REQUIRE(slimscale_plan(s, input.width, input.height) == SLIMSCALE_OK);
    const slimscale_status status = slimscale_run(s, nullptr, &input, &output, nullptr);
    INFO(slimscale_error(s));
    REQUIRE(status == SLIMSCALE_OK);
}

void check_runs(const std::string &name, slimscale_format from, const std::vector<slimscale_format> &to) {
    const slimscale_model *model = model_named(name);
    const slimscale_model_info info = describe(model);
    const Handle whole = open(model, {"auto", {}, 2, -1, true}), bands = open(model, {"auto", {}, 2, 4, true});
    for (const int height : {1, 13}) {
        GuardedImage input(from, 11, height);
        input.fill(77);
        REQUIRE(slimscale_plan(whole.get(), 11, height) == SLIMSCALE_OK);
        const auto numbers = numbers_of(whole.get(), input.image, info.colors, info.scale);
        for (const slimscale_format format : to) {
            GuardedImage first(format, 11 * info.scale, height * info.scale),
                second(format, 11 * info.scale, height * info.scale, Side::left, true);
            first.set(1);
            second.set(1);  // a luma network does not write two of the three planes
            run_frame(whole.get(), input.image, first.image);
            run_frame(bands.get(), input.image, second.image);
            INFO(name << ", " << slimscale_format_name(from) << " to " << slimscale_format_name(format) << ", "
                      << height << " rows");
            CHECK(first.bytes() == second.bytes());
            CHECK(worst_step(input.image, first.image, info.colors, info.scale, numbers) < 1);
        }
    }
}

}  // namespace

TEST_CASE("a color network takes every format and gives every other") {
    const std::vector<slimscale_format> all = formats_of(3);
    for (const slimscale_format from : all)
        check_runs("golden_edsr_x2", from, {from, SLIMSCALE_RGB8});
    check_runs("golden_edsr_x2", SLIMSCALE_NV12, all);
}

TEST_CASE("a luma network takes every format and gives every other") {
    const std::vector<slimscale_format> all = formats_of(1);
    for (const slimscale_format from : all)
        check_runs("golden_edsr_luma_x2", from, {from, SLIMSCALE_RGB8, SLIMSCALE_P010});
    check_runs("golden_edsr_luma_x2", SLIMSCALE_I422_10, all);
    check_runs("golden_edsr_luma_x2", SLIMSCALE_BGRA8, all);
}

TEST_CASE("chroma is averaged across bands at every scale, with and without a collapsed tail") {
    for (const char *name :
         {"golden_edsr_x3", "golden_carn_m_x3", "golden_carn_x4", "golden_compact_x1", "golden_compact_x3"})
        check_runs(name, SLIMSCALE_I420, {SLIMSCALE_NV12, SLIMSCALE_P010});
}
