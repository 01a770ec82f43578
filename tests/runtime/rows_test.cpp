// Frames in bands of rows give the bytes of the whole frame with any bands, and their output as early as promised.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/guarded_image.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

int sub_y(slimscale_format format) {
    slimscale_format_info info{};
    info.size = sizeof info;
    REQUIRE(slimscale_describe_format(format, &info) == SLIMSCALE_OK);
    return info.subsampling_y;
}

// A view of rows [first, first + count) of an image.
slimscale_image part(const slimscale_image &image, int first, int count) {
    slimscale_image rows = image;
    rows.height = count;
    size_t bytes = 0;
    int one = 0;
    for (int p = 0;
         slimscale_plane_size(image.format, image.width, sub_y(image.format), p, &bytes, &one) == SLIMSCALE_OK; p++)
        rows.planes[p] =
            static_cast<unsigned char *>(image.planes[p]) + first / (sub_y(image.format) / one) * image.strides[p];
    return rows;
}

// A whole frame as a camera's loop runs it: it pushes bands of `push` rows and takes at most `take` rows at a time.
struct Loop {
    slimscale_handle *s;
    const slimscale_image &input, &output;
    int push, take;
    int pushed = 0, taken = 0, late = 0;  // late: the most rows that the output was behind

    void take_all(int scale) {
        for (int got = 1; got > 0 && taken < output.height;) {
            const slimscale_image room = part(output, taken, std::min(take, output.height - taken));
            INFO(slimscale_error(s));
            REQUIRE(slimscale_take_rows(s, &room, &got) == SLIMSCALE_OK);
            taken += got;
        }
        late = std::max(late, pushed - taken / scale);
    }
    void run(int scale) {
        while (pushed < input.height) {
            const slimscale_image rows = part(input, pushed, std::min(push, input.height - pushed));
            int got = -1;
            const slimscale_status status = slimscale_push_rows(s, &rows, &got);
            INFO(slimscale_error(s));
            REQUIRE(status == SLIMSCALE_OK);
            pushed += got;
            const int before = taken;
            take_all(scale);
            REQUIRE((got > 0 || taken > before));
        }
        CHECK(taken == output.height);
    }
};

void check_rows(const char *name, slimscale_format from, slimscale_format to, int width, int height, int band_rows,
                const std::vector<int> &pushes, slimscale_siting siting = SLIMSCALE_SITING_DEFAULT) {
    const slimscale_model *model = model_named(name);
    const int scale = describe(model).scale;
    const Handle s = open(model, {"auto", {}, 2, band_rows, true});
    REQUIRE(slimscale_plan(s.get(), width, height) == SLIMSCALE_OK);
    GuardedImage input(from, width, height), whole(to, width * scale, height * scale);
    input.fill(7);
    input.image.siting = siting;
    whole.set(1);
    INFO(name << ", " << slimscale_format_name(from) << " to " << slimscale_format_name(to) << ", " << width << "x"
              << height << ", bands of " << band_rows);
    REQUIRE(slimscale_run(s.get(), nullptr, &input.image, &whole.image, nullptr) == SLIMSCALE_OK);
    slimscale_rows_info info{};
    info.size = sizeof info;
    for (const int push : pushes) {
        GuardedImage rows(to, width * scale, height * scale, Side::left, push % 3 == 1);
        rows.set(1);
        INFO("pushed in bands of " << push);
        REQUIRE(slimscale_describe_rows(s.get(), nullptr, &input.image, &rows.image, &info) == SLIMSCALE_OK);
        REQUIRE(slimscale_begin_rows(s.get(), nullptr, &input.image, &rows.image) == SLIMSCALE_OK);
        Loop loop{s.get(), input.image, rows.image, push, push % 2 ? sub_y(to) : 64};
        loop.run(scale);
        REQUIRE(slimscale_end_rows(s.get(), nullptr) == SLIMSCALE_OK);
        CHECK(rows.bytes() == whole.bytes());
        if (push == sub_y(from))  // only the smallest bands show the latency
            CHECK((loop.late <= info.latency_rows && loop.late >= info.latency_rows - 1));
    }
}

}  // namespace

TEST_CASE("rows give the bytes of the frame, in bands of every size") {
    std::vector<int> all;
    for (int push = 1; push <= 40; push++)
        all.push_back(push);
    check_rows("golden_edsr_x2", SLIMSCALE_RGB8, SLIMSCALE_RGB8, 21, 37, 4, all);
}

TEST_CASE("rows give the bytes of the frame on every kind of network") {
    for (const char *name : {"golden_edsr_x2", "golden_edsr_x3", "golden_edsr_skip_x1", "golden_edsr_skip_x4",
                             "golden_carn_x2", "golden_carn_m_x3", "golden_compact_x1", "golden_compact_x4"})
        for (const int band_rows : {4, 8, 0, -1})
            check_rows(name, SLIMSCALE_RGB8, SLIMSCALE_RGB16, 19, 41, band_rows, {1, 6, 41});
}

TEST_CASE("rows of subsampled formats go by whole chroma rows, to odd ends") {
    for (const char *name : {"golden_edsr_luma_x2", "golden_edsr_x2"})
        for (const slimscale_siting siting :
             {SLIMSCALE_SITING_LEFT, SLIMSCALE_SITING_CENTER, SLIMSCALE_SITING_TOP_LEFT})
            for (const int height : {1, 2, 3, 30, 41}) {
                check_rows(name, SLIMSCALE_NV12, SLIMSCALE_NV12, 11, height, 4, {2, 4, 14, 100}, siting);
                check_rows(name, SLIMSCALE_I420_10, SLIMSCALE_I444, 11, height, 8, {2, 6}, siting);
                check_rows(name, SLIMSCALE_I444, SLIMSCALE_P010, 11, height, 4, {1, 7}, siting);
                check_rows(name, SLIMSCALE_RGBA8, SLIMSCALE_I420, 11, height, 4, {1, 9}, siting);
                check_rows(name, SLIMSCALE_I422, SLIMSCALE_RGBA8, 11, height, 4, {1, 9}, siting);
                check_rows(name, SLIMSCALE_RGBA8, SLIMSCALE_RGBA16, 11, height, 4, {1, 9}, siting);
            }
    check_rows("golden_compact_x1", SLIMSCALE_NV12, SLIMSCALE_NV12, 11, 33, 4, {2, 4, 14});
    check_rows("golden_edsr_x3", SLIMSCALE_NV12, SLIMSCALE_NV12, 11, 33, 4, {2, 4, 14});
    check_rows("golden_edsr_luma_x2", SLIMSCALE_GRAY8, SLIMSCALE_GRAY16, 11, 33, 4, {1, 5});
    check_rows("golden_edsr_x2", SLIMSCALE_PLANAR_F32, SLIMSCALE_PLANAR_F16, 11, 33, 4, {1, 5});
}

TEST_CASE("what waits for its turn does not grow with the frame") {
    const Handle s = open(model_named("golden_edsr_luma_x2"), {"auto", {}, 1, 8, true});
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.format = output.format = SLIMSCALE_NV12;
    input.width = 64;
    output.width = 128;
    size_t bytes[2] = {};
    int latency[2] = {};
    for (const int i : {0, 1}) {
        input.height = i ? 2000 : 500;
        output.height = 2 * input.height;
        REQUIRE(slimscale_plan(s.get(), input.width, input.height) == SLIMSCALE_OK);
        slimscale_rows_info info{};
        info.size = sizeof info;
        REQUIRE(slimscale_describe_rows(s.get(), nullptr, &input, &output, &info) == SLIMSCALE_OK);
        bytes[i] = info.bytes;
        latency[i] = info.latency_rows;
        CHECK(info.latency_ms == 0);
    }
    CHECK(bytes[0] == bytes[1]);
    CHECK(latency[0] == latency[1]);
    CHECK(latency[0] < 40);
    CHECK(bytes[0] < 100 * 128 * 2);
}

TEST_CASE("refusals leave the handle usable") {
    GuardedImage input(SLIMSCALE_NV12, 12, 20), output(SLIMSCALE_NV12, 24, 40), again(SLIMSCALE_NV12, 24, 40);
    input.fill(3);
    const Handle s = open(model_named("golden_edsr_x2"), {"auto", {}, 2, 4, true});
    int count = 0;
    const auto says = [&](const char *part) {
        return std::string(slimscale_error(s.get())).find(part) != std::string::npos;
    };
    CHECK(slimscale_begin_rows(s.get(), nullptr, &input.image, &output.image) == SLIMSCALE_NOT_PLANNED);
    REQUIRE(slimscale_plan(s.get(), 12, 20) == SLIMSCALE_OK);
    CHECK(slimscale_push_rows(s.get(), &input.image, &count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_take_rows(s.get(), &output.image, &count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_end_rows(s.get(), nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_begin_rows(s.get(), nullptr, &input.image, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_begin_rows(s.get(), nullptr, &input.image, &input.image) == SLIMSCALE_INVALID_ARGUMENT);
    REQUIRE(slimscale_run(s.get(), nullptr, &input.image, &output.image, nullptr) == SLIMSCALE_OK);

    REQUIRE(slimscale_begin_rows(s.get(), nullptr, &input.image, &output.image) == SLIMSCALE_OK);
    CHECK(slimscale_begin_rows(s.get(), nullptr, &input.image, &output.image) == SLIMSCALE_BUSY);
    CHECK(slimscale_run(s.get(), nullptr, &input.image, &output.image, nullptr) == SLIMSCALE_BUSY);
    CHECK(slimscale_submit(s.get(), nullptr, &input.image, &output.image, nullptr, nullptr) == SLIMSCALE_BUSY);
    CHECK(slimscale_plan(s.get(), 30, 30) == SLIMSCALE_BUSY);
    const slimscale_image three = part(input.image, 0, 3), eight = part(input.image, 0, 8);
    CHECK(slimscale_push_rows(s.get(), &three, &count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("a row of chroma"));
    slimscale_image other = eight;
    other.format = SLIMSCALE_NV21;
    CHECK(slimscale_push_rows(s.get(), &other, &count) == SLIMSCALE_INVALID_ARGUMENT);
    other = eight;
    other.planes[1] = nullptr;
    CHECK(slimscale_push_rows(s.get(), &other, &count) == SLIMSCALE_INVALID_ARGUMENT);
    other = eight;
    other.height = 22;
    CHECK(slimscale_push_rows(s.get(), &other, &count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("the frame lacks 20"));
    CHECK(slimscale_push_rows(s.get(), &eight, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    // No refused call added a row. The frame goes on, is broken off, and the next frame is complete.
    Loop loop{s.get(), input.image, again.image, 8, 8};
    loop.run(2);
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    REQUIRE(slimscale_end_rows(s.get(), &report) == SLIMSCALE_OK);
    CHECK(report.actual_ms > 0);
    CHECK(report.channels > 0);
    CHECK(again.bytes() == output.bytes());
    REQUIRE(slimscale_begin_rows(s.get(), nullptr, &input.image, &output.image) == SLIMSCALE_OK);
    REQUIRE(slimscale_push_rows(s.get(), &eight, &count) == SLIMSCALE_OK);
    REQUIRE(slimscale_end_rows(s.get(), nullptr) == SLIMSCALE_OK);
    again.set(9);
    REQUIRE(slimscale_run(s.get(), nullptr, &input.image, &again.image, nullptr) == SLIMSCALE_OK);
    CHECK(again.bytes() == output.bytes());
}

TEST_CASE("networks that need the whole frame say so") {
    GuardedImage input(SLIMSCALE_RGB8, 12, 20), output(SLIMSCALE_RGB8, 24, 40);
    const Handle s = open(model_named("golden_rcan_x2"), {"auto", {}, 1, 0, true});
    REQUIRE(slimscale_plan(s.get(), 12, 20) == SLIMSCALE_OK);
    CHECK(slimscale_begin_rows(s.get(), nullptr, &input.image, &output.image) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(slimscale_error(s.get())).find("means over the whole frame") != std::string::npos);
}
