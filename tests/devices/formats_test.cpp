// Frames of every format on devices: the output is what the network makes of the input in floats, stored as the
// formulas say, and the same in bands and as whole frames. Around every row lie pages that nobody may touch.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.h"
#include "tests/devices/devices.h"
#include "tests/runtime/frame_numbers.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/guarded_image.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

constexpr int kWidth = 11;

bool in_f16(const std::string &target) {
    return target.find("f16") != std::string::npos;
}

void run_frame(slimscale_handle *s, const slimscale_image &input, const slimscale_image &output) {
    const slimscale_status status = slimscale_run(s, nullptr, &input, &output, nullptr);
    INFO(slimscale_error(s));
    REQUIRE(status == SLIMSCALE_OK);
}

// Handles with a plan for frames of one size.
struct Planned {
    Handle whole, bands;

    Planned(const slimscale_model *model, const std::string &target, int height)
        : whole(open(model, {target, {}, 1, -1, true})), bands(open(model, {target, {}, 1, 4, true})) {
        for (const Handle *s : {&whole, &bands})
            REQUIRE(slimscale_plan(s->get(), kWidth, height) == SLIMSCALE_OK);
    }
};

void check_runs(const slimscale_model *model, const std::string &target, const Planned &handles, int height,
                slimscale_format from, const std::vector<slimscale_format> &to) {
    const slimscale_model_info info = describe(model);
    GuardedImage input(from, kWidth, height);
    input.fill(77);
    const auto numbers = numbers_of(handles.whole.get(), input.image, info.colors, info.scale);
    for (const slimscale_format format : to) {
        // A float's rounding in the input becomes a half's in activations, which codes of more than 8 bits show.
        if (in_f16(target) && layout_of(format, info.colors).bits != 8)
            continue;
        const int columns = kWidth * info.scale, rows = height * info.scale;
        GuardedImage first(format, columns, rows), second(format, columns, rows, Side::left, true);
        first.set(1);
        second.set(1);
        INFO(info.name << " on " << target << ", " << slimscale_format_name(from) << " to "
                       << slimscale_format_name(format) << ", " << height << " rows");
        run_frame(handles.whole.get(), input.image, first.image);
        run_frame(handles.bands.get(), input.image, second.image);
        CHECK((first.bytes() == second.bytes()));
        CHECK(worst_step(input.image, first.image, info.colors, info.scale, numbers) < (in_f16(target) ? 1.5 : 1));
    }
}

void check_model(const char *name, const std::vector<slimscale_format> &each_to,
                 const std::vector<slimscale_format> &to_all) {
    const slimscale_model *model = model_named(name);
    const slimscale_model_info info = describe(model);
    for (const std::string &target : device_targets(info, model))
        for (const int height : {1, 13}) {
            const Planned handles(model, target, height);
            for (const slimscale_format from : formats_of(info.colors)) {
                std::vector<slimscale_format> to = each_to;
                to.push_back(from);
                check_runs(model, target, handles, height, from, to);
            }
            for (const slimscale_format from : to_all)
                check_runs(model, target, handles, height, from, formats_of(info.colors));
        }
}

}  // namespace

TEST_CASE("a color network on a device takes every format and gives every other") {
    check_model("golden_edsr_x3", {SLIMSCALE_RGB8, SLIMSCALE_NV12}, {SLIMSCALE_P010});
}

TEST_CASE("a luma network on a device takes every format and gives every other") {
    check_model("golden_edsr_luma_x2", {SLIMSCALE_RGB8, SLIMSCALE_P010}, {SLIMSCALE_I422_10, SLIMSCALE_BGRA8});
}

TEST_CASE("a device and the processor give the same picture") {
    const slimscale_model *model = model_named("golden_edsr_luma_x2");
    for (const std::string &target : device_targets(describe(model), model))
        for (const slimscale_format format : {SLIMSCALE_NV12, SLIMSCALE_RGBA8, SLIMSCALE_P010, SLIMSCALE_GRAYA8}) {
            GuardedImage input(format, kWidth, 6), want(format, 2 * kWidth, 12), got(format, 2 * kWidth, 12);
            input.fill(3);
            for (const auto &[name, output] : {std::make_pair(std::string("baseline"), &want), {target, &got}}) {
                const Handle s = open(model, {name, {}, 1, 0, true});
                REQUIRE(slimscale_plan(s.get(), kWidth, 6) == SLIMSCALE_OK);
                run_frame(s.get(), input.image, output->image);
            }
            const Layout layout = layout_of(format, 1);
            double worst = 0;
            for (int c = 0; c < 4; c++) {
                const bool there = c == 3 ? layout.alpha_bits > 0 : c == 0 || layout.model != Layout::Model::gray;
                const bool chroma = layout.model == Layout::Model::yuv && c > 0;
                for (int y = 0; there && y < 12 / (chroma ? layout.sub_y : 1); y++)
                    for (int x = 0; x < 2 * kWidth / (chroma ? layout.sub_x : 1); x++)
                        worst =
                            std::max(worst, std::abs(code_at(want.image, 1, c, x, y) - code_at(got.image, 1, c, x, y)));
            }
            INFO(target << ", " << slimscale_format_name(format));
            const int steps = layout.bits > 8 ? 4 : 1;
            CHECK(worst <= (in_f16(target) ? 2 * steps : 1));
        }
}
