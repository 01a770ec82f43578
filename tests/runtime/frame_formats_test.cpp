// Every format into the network's numbers and back, with a network in between that does nothing, against plain loops in
// double precision. Each row lies between pages without access.
#include <cmath>
#include <string>
#include <vector>

#include "runtime/cpu/pixel_rows.h"
#include "runtime/cpu/pixels.h"
#include "runtime/platform/cpu.h"
#include "tests/catch.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/guarded_image.h"

using namespace slimscale;
using namespace slimscale::test;
using namespace slimscale::runtime;

namespace {

std::vector<slimscale_format> all_formats() {
    std::vector<slimscale_format> formats;
    for (int f = 0; slimscale_format_name(static_cast<slimscale_format>(f)); f++)
        formats.push_back(static_cast<slimscale_format>(f));
    return formats;
}

bool is_gray(slimscale_format f, int colors) {
    return layout_of(f, colors).model == Layout::Model::gray;
}

ColorTransform network(int colors) {
    return colors == 3 ? ColorTransform{3, 255, {0.4488f, 0.4371f, 0.4040f}} : ColorTransform{1, 1, {0.25f, 0, 0}};
}

// A network's made-up output, with values beyond black and white as well.
struct MadeUp {
    ColorTransform t;
    int width, height;
    std::vector<float> rows;  // numbers, interleaved

    MadeUp(const ColorTransform &transform, int w, int h) : t(transform), width(w), height(h) {
        uint32_t seed = 99;
        const int size = width * height * t.colors;
        rows.resize(static_cast<size_t>(size));
        for (size_t i = 0; i < rows.size(); i++) {
            seed = seed * 1664525u + 1013904223u;
            const float unit = static_cast<float>(seed >> 8) / (1 << 24) * 1.2f - 0.1f;
            rows[i] = (unit - t.mean[i % static_cast<size_t>(t.colors)]) * t.range;
        }
    }
    runtime::cpu::NumberRows view() const { return {rows.data(), 0, height, static_cast<int64_t>(width) * t.colors}; }
    Numbers operator()(int x, int y) const {
        Numbers n{};
        for (int c = 0; c < t.colors; c++) {
            const int at = (y * width + x) * t.colors + c;
            const float value = rows[static_cast<size_t>(at)];
            n.of[c] = static_cast<double>(value) / t.range + static_cast<double>(t.mean[c]);
        }
        return n;
    }
};

void store_all(const Storing &s, const runtime::cpu::NumberRows &rows, int band) {
    for (int begin = 0; begin < s.image.height; begin += band) {
        const int end = std::min(begin + band, s.image.height);
        for (int y = begin; y < end; y++) {
            runtime::cpu::store_row(s, y, rows);
            runtime::cpu::store_alpha_row(s, y);
        }
        const RowRange chroma = complete_chroma_rows(s, begin, end);
        for (int y = chroma.begin; y < chroma.end; y++)
            runtime::cpu::store_chroma_row(s, y, rows);
    }
}

void check_load(slimscale_image image, int colors) {
    const ColorTransform t = network(colors);
    const Loading l = loading(image, t);
    std::vector<float> row(static_cast<size_t>(image.width * colors));
    double worst = 0;
    for (int y = 0; y < image.height; y++) {
        runtime::cpu::load_row(l, y, row.data());
        for (int x = 0; x < image.width; x++) {
            const Numbers want = load_oracle(image, colors, x, y);
            for (int c = 0; c < colors; c++) {
                const int at = x * colors + c;
                const double got =
                    static_cast<double>(row[static_cast<size_t>(at)]) / t.range + static_cast<double>(t.mean[c]);
                worst = std::max(worst, std::fabs(got - want.of[c]));
            }
        }
    }
    INFO(slimscale_format_name(image.format)
         << " of " << colors << " colors, matrix " << image.matrix << ", range " << image.range << ", siting "
         << image.siting << ", " << image.width << "x" << image.height);
    CHECK(worst < 2e-6 * 4);
}

void check_store(const slimscale_image &input, const slimscale_image &output, int colors, int scale, double most) {
    const MadeUp made(network(colors), output.width, output.height);
    store_all(storing(input, output, made.t, scale), made.view(), 6);
    INFO(slimscale_format_name(input.format)
         << " to " << slimscale_format_name(output.format) << " of " << colors << " colors, x" << scale << ", matrix "
         << input.matrix << " to " << output.matrix << ", range " << input.range << " to " << output.range
         << ", siting " << input.siting << " to " << output.siting << ", " << input.width << "x" << input.height);
    CHECK(worst_step(input, output, colors, scale, made) < most);
}

// Half a step of rounding and the error of floats, which is near the steps of 16-bit codes and halves.
constexpr double kMost = 0.75;

}  // namespace

TEST_CASE("every format is loaded as the formulas say, and nothing beside it is read") {
    for (int colors : {3, 1})
        for (const slimscale_format format : all_formats()) {
            if (colors == 3 && is_gray(format, 3))
                continue;
            for (const Side side : {Side::left, Side::right}) {
                GuardedImage image(format, 21, 7, side, side == Side::left);
                image.fill(5);
                check_load(image.image, colors);
            }
        }
}

TEST_CASE("matrix, range and siting are the image's") {
    for (int colors : {3, 1})
        for (const slimscale_format format :
             {SLIMSCALE_NV12, SLIMSCALE_I422_10, SLIMSCALE_I444, SLIMSCALE_P010, SLIMSCALE_RGB8, SLIMSCALE_RGB_F16})
            for (int matrix = 0; matrix <= SLIMSCALE_MATRIX_BT2020; matrix++)
                for (int range = 0; range <= SLIMSCALE_RANGE_LIMITED; range++)
                    for (int siting = 0; siting <= SLIMSCALE_SITING_TOP_LEFT; siting++) {
                        GuardedImage image(format, 9, 6);
                        image.fill(8);
                        image.image.matrix = static_cast<slimscale_matrix>(matrix);
                        image.image.range = static_cast<slimscale_range>(range);
                        image.image.siting = static_cast<slimscale_siting>(siting);
                        check_load(image.image, colors);
                        GuardedImage output(SLIMSCALE_I420, 18, 12);
                        output.image.matrix = SLIMSCALE_MATRIX_BT709;
                        check_store(image.image, output.image, colors, 2, kMost);
                    }
}

TEST_CASE("every format is stored as the formulas say, whatever the input is, and nothing beside it is written") {
    for (int colors : {3, 1})
        for (const slimscale_format from : all_formats()) {
            if (colors == 3 && is_gray(from, 3))
                continue;
            GuardedImage input(from, 5, 4);
            input.fill(17);
            for (const slimscale_format to : all_formats()) {
                if (colors == 3 && is_gray(to, 3))
                    continue;
                GuardedImage output(to, 10, 8, colors == 3 ? Side::left : Side::right, colors == 3);
                output.set(0xff);
                check_store(input.image, output.image, colors, 2, kMost);
            }
        }
}

TEST_CASE("sitings move chroma on the way out, at every scale") {
    for (const slimscale_format format : {SLIMSCALE_NV12, SLIMSCALE_I422})
        for (int colors : {3, 1})
            for (int scale : {1, 2, 3, 4})
                for (int in = SLIMSCALE_SITING_LEFT; in <= SLIMSCALE_SITING_TOP_LEFT; in++)
                    for (int out = SLIMSCALE_SITING_DEFAULT; out <= SLIMSCALE_SITING_TOP_LEFT; out++)
                        for (const slimscale_format to : {format, SLIMSCALE_I444, SLIMSCALE_RGB8}) {
                            GuardedImage input(format, 7, 5), output(to, 7 * scale, 5 * scale);
                            input.fill(3);
                            input.image.siting = static_cast<slimscale_siting>(in);
                            output.image.siting = static_cast<slimscale_siting>(out);
                            check_store(input.image, output.image, colors, scale, kMost);
                        }
}

TEST_CASE("frames of every small size, and wide ones") {
    for (const slimscale_format format : {SLIMSCALE_I420, SLIMSCALE_P010, SLIMSCALE_NV16, SLIMSCALE_BGR8})
        for (int colors : {3, 1}) {
            for (int height = 1; height <= 5; height++)
                for (int width = 1; width <= 5; width++)
                    for (int scale : {1, 2, 3}) {
                        GuardedImage input(format, width, height), output(format, width * scale, height * scale);
                        input.fill(static_cast<uint32_t>(width));
                        check_load(input.image, colors);
                        check_store(input.image, output.image, colors, scale, kMost);
                    }
            GuardedImage input(format, 1001, 2), output(format, 2002, 4);
            input.fill(2);
            check_load(input.image, colors);
            check_store(input.image, output.image, colors, 2, kMost);
        }
}

TEST_CASE("luma networks leave YUV as it is: a network that does nothing gives the same codes") {
    for (const slimscale_format format : all_formats()) {
        if (layout_of(format, 1).model != Layout::Model::yuv)
            continue;
        for (const slimscale_range range : {SLIMSCALE_RANGE_DEFAULT, SLIMSCALE_RANGE_FULL}) {
            GuardedImage input(format, 7, 5), output(format, 7, 5);
            input.fill(31);
            input.image.range = range;
            const ColorTransform t = network(1);
            std::vector<float> rows(7 * 5);
            const Loading l = loading(input.image, t);
            for (int y = 0; y < 5; y++)
                runtime::cpu::load_row(l, y, rows.data() + 7 * y);
            store_all(storing(input.image, output.image, t, 1), {rows.data(), 0, 5, 7}, 2);
            INFO(slimscale_format_name(format) << " " << range);
            bool same = true;
            for (int c = 0; c < 3; c++)
                for (int y = 0; y < 5; y++)
                    for (int x = 0; x < 7; x++) {
                        const Layout layout = layout_of(format, 1);
                        if (c > 0 && (x >= (6 + layout.sub_x) / layout.sub_x || y >= (4 + layout.sub_y) / layout.sub_y))
                            continue;
                        same = same && code_at(input.image, 1, c, x, y) == code_at(output.image, 1, c, x, y);
                    }
            CHECK(same);
        }
    }
}

TEST_CASE("rows are the same bytes in vectors of every width") {
    const runtime::cpu::PixelRows *wide = runtime::cpu::avx2_pixel_rows();
    if (!wide || !detect_cpu().avx2)
        return;
    const runtime::cpu::PixelRows &plain = runtime::cpu::baseline_pixel_rows();
    for (int colors : {3, 1})
        for (const slimscale_format format : all_formats()) {
            if (colors == 3 && is_gray(format, 3))
                continue;
            GuardedImage input(format, 211, 4);
            input.fill(61);
            const ColorTransform t = network(colors);
            const Loading l = loading(input.image, t);
            std::vector<float> first(static_cast<size_t>(211 * colors)), second(first.size());
            plain.load(l, 1, first.data());
            wide->load(l, 1, second.data());
            INFO(slimscale_format_name(format) << " of " << colors << " colors");
            CHECK(first == second);
            const MadeUp made(t, 422, 8);
            std::vector<std::vector<unsigned char>> results;
            for (const runtime::cpu::PixelRows *rows : {&plain, wide}) {
                GuardedImage output(format, 422, 8);
                output.set(3);
                const Storing s = storing(input.image, output.image, t, 2);
                for (int y = 0; y < 8; y++) {
                    rows->store(s, y, made.view());
                    rows->store_alpha(s, y);
                }
                for (int y = 0; y < complete_chroma_rows(s, 0, 8).end; y++)
                    rows->store_chroma(s, y, made.view());
                results.push_back(output.bytes());
            }
            CHECK(results[0] == results[1]);
        }
}

TEST_CASE("names of formats are read back, and others' names for the same layout") {
    for (const slimscale_format format : all_formats()) {
        slimscale_format parsed{};
        CHECK(slimscale_parse_format(slimscale_format_name(format), &parsed) == SLIMSCALE_OK);
        CHECK(parsed == format);
    }
    slimscale_format parsed = SLIMSCALE_RGB8;
    CHECK(slimscale_parse_format("yuv420p10le", &parsed) == SLIMSCALE_OK);
    CHECK(parsed == SLIMSCALE_I420_10);
    CHECK(slimscale_parse_format("NV12", &parsed) == SLIMSCALE_OK);
    CHECK(parsed == SLIMSCALE_NV12);
    for (const char *bad : {"", " ", "nv", "nv12 ", "yuv420p10le yuv420p10", "nv123"})
        CHECK(slimscale_parse_format(bad, &parsed) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(parsed == SLIMSCALE_NV12);
    CHECK(slimscale_format_name(static_cast<slimscale_format>(63)) == nullptr);
}

TEST_CASE("planes have the sizes that frameworks give them") {
    size_t bytes = 0;
    int rows = 0;
    CHECK(slimscale_plane_size(SLIMSCALE_NV12, 5, 3, 1, &bytes, &rows) == SLIMSCALE_OK);
    CHECK(bytes == 6);
    CHECK(rows == 2);
    CHECK(slimscale_plane_size(SLIMSCALE_I422_10, 5, 3, 2, &bytes, &rows) == SLIMSCALE_OK);
    CHECK(bytes == 6);
    CHECK(rows == 3);
    CHECK(slimscale_plane_size(SLIMSCALE_P010, 5, 3, 2, &bytes, &rows) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_plane_size(SLIMSCALE_RGB10A2, 7, 1, 0, &bytes, &rows) == SLIMSCALE_OK);
    CHECK(bytes == 28);
    slimscale_format_info info{};
    info.size = sizeof info;
    CHECK(slimscale_describe_format(SLIMSCALE_P010, &info) == SLIMSCALE_OK);
    CHECK(info.model == SLIMSCALE_MODEL_YUV);
    CHECK(info.bits == 10);
    CHECK(info.shift == 6);
    CHECK(info.subsampling_y == 2);
    CHECK(info.planes == 2);
}

TEST_CASE("planes of the largest numbers have sizes too") {
    size_t bytes = 0;
    int rows = 0;
    REQUIRE(slimscale_plane_size(SLIMSCALE_I420, 2147483647, 2147483647, 1, &bytes, &rows) == SLIMSCALE_OK);
    CHECK(bytes == size_t{1} << 30);
    CHECK(rows == 1 << 30);
}
