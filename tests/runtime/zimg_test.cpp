// Frames against zimg's (tests/golden/make_zimg_frames.c): chroma by the cubic and its siting, YUV as RGB, RGB as YUV.
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/cpu/pixels.h"
#include "tests/catch.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/guarded_image.h"

using namespace slimscale;
using namespace slimscale::test;
using namespace slimscale::runtime;

namespace {

constexpr int kWidth = 14, kHeight = 10;

// The same as in make_zimg_frames.c.
int zimg_code(int plane, int x, int y) {
    const uint32_t noise = static_cast<uint32_t>(plane * 7919 + y * 613 + x + 1) * 2654435761u;
    return 20000 + static_cast<int>(noise >> 17);
}

struct Case {
    std::string kind;
    int sub_x = 0, sub_y = 0, siting = 0, matrix = 0, full = 0, scale = 0;
    std::vector<double> values;
};

std::vector<Case> read_cases() {
    std::ifstream file(SLIMSCALE_SOURCE_DIR "/tests/golden/data/zimg_frames.txt");
    std::vector<Case> cases;
    for (std::string header, values; std::getline(file, header) && std::getline(file, values);) {
        Case c;
        std::istringstream(header) >> c.kind >> c.sub_x >> c.sub_y >> c.siting >> c.matrix >> c.full >> c.scale;
        std::istringstream text(values);
        for (double value; text >> value;)
            c.values.push_back(value);
        cases.push_back(c);
    }
    return cases;
}

slimscale_format yuv16(int sub_y) {
    return sub_y == 2 ? SLIMSCALE_I420_16 : SLIMSCALE_I422_16;
}

GuardedImage image_of(const Case &c, slimscale_format format, int scale) {
    GuardedImage image(format, kWidth * scale, kHeight * scale);
    image.image.matrix = static_cast<slimscale_matrix>(c.matrix);
    image.image.siting = static_cast<slimscale_siting>(c.siting);
    if (layout_of(format, 3).model == Layout::Model::yuv)
        image.image.range = c.full ? SLIMSCALE_RANGE_FULL : SLIMSCALE_RANGE_LIMITED;
    return image;
}

void fill_yuv(const GuardedImage &image, int sub_y) {
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? kHeight / sub_y : kHeight); y++)
            for (int x = 0; x < (p ? kWidth / 2 : kWidth); x++)
                reinterpret_cast<uint16_t *>(row_of(image.image, p, y))[x] = static_cast<uint16_t>(zimg_code(p, x, y));
}

// zimg's float for a code: Y from 0 to 1, chroma from -0.5 to 0.5.
double value_of(double code, int plane, bool full) {
    if (full)
        return (code - (plane ? 32768 : 0)) / 65535;
    return plane ? (code - 32768) / (224 * 256) : (code - 16 * 256) / (219 * 256);
}

void store_all(const Storing &s, const runtime::cpu::NumberRows &rows) {
    for (int y = 0; y < s.image.height; y++)
        runtime::cpu::store_row(s, y, rows);
    for (int y = 0; y < complete_chroma_rows(s, 0, s.image.height).end; y++)
        runtime::cpu::store_chroma_row(s, y, rows);
}

// The largest difference in the output's planes from `first` on, in units of its codes.
double worst_code(const Case &c, const GuardedImage &output, int scale, int first) {
    double worst = 0;
    size_t at = 0;
    for (int p = first; p < 3; p++) {
        const double unit = value_of(1, p, c.full) - value_of(0, p, c.full);
        for (int y = 0; y < kHeight * scale / (p ? c.sub_y : 1); y++)
            for (int x = 0; x < kWidth * scale / (p ? 2 : 1); x++) {
                const double got = value_of(code_at(output.image, 3, p, x, y), p, c.full);
                worst = std::max(worst, std::fabs(got - c.values.at(at++)) / unit);
            }
    }
    REQUIRE(at == c.values.size());
    return worst;
}

// For a luma network's output, whose luma is not compared.
double worst_chroma(const Case &c) {
    GuardedImage input = image_of(c, yuv16(c.sub_y), 1), output = image_of(c, yuv16(c.sub_y), c.scale);
    fill_yuv(input, c.sub_y);
    const std::vector<float> luma(static_cast<size_t>(kWidth * kHeight * c.scale * c.scale), 0.5f);
    store_all(storing(input.image, output.image, {1, 1, {0, 0, 0}}, c.scale),
              {luma.data(), 0, kHeight * c.scale, kWidth * c.scale});
    return worst_code(c, output, c.scale, 1);
}

double worst_rgb(const Case &c) {
    GuardedImage input = image_of(c, yuv16(c.sub_y), 1);
    fill_yuv(input, c.sub_y);
    const Loading l = loading(input.image, {3, 1, {0, 0, 0}});
    std::vector<float> row(3 * kWidth);
    double worst = 0;
    for (int y = 0; y < kHeight; y++) {
        runtime::cpu::load_row(l, y, row.data());
        for (int x = 0; x < kWidth; x++)
            for (int p = 0; p < 3; p++) {
                const int at = (p * kHeight + y) * kWidth + x, sample = 3 * x + p;
                const double want = c.values.at(static_cast<size_t>(at));
                worst = std::max(worst, std::fabs(static_cast<double>(row[static_cast<size_t>(sample)]) - want));
            }
    }
    return worst * 65535;
}

double worst_yuv(const Case &c) {
    const GuardedImage input = image_of(c, SLIMSCALE_RGB16, 1), output = image_of(c, yuv16(c.sub_y), 1);
    std::vector<float> rows(3 * kWidth * kHeight);
    for (int y = 0; y < kHeight; y++)
        for (int x = 0; x < kWidth; x++)
            for (int p = 0; p < 3; p++) {
                const int at = (y * kWidth + x) * 3 + p;
                rows[static_cast<size_t>(at)] = static_cast<float>(zimg_code(p, x, y)) / 65535;
            }
    store_all(storing(input.image, output.image, {3, 1, {0, 0, 0}}, 1), {rows.data(), 0, kHeight, 3 * kWidth});
    return worst_code(c, output, 1, 0);
}

}  // namespace

TEST_CASE("chroma and colors are zimg's") {
    const std::vector<Case> cases = read_cases();
    REQUIRE(cases.size() == 30);
    for (const Case &c : cases) {
        INFO(c.kind << " 4:" << (c.sub_y == 2 ? "2:0" : "2:2") << ", siting " << c.siting << ", matrix " << c.matrix
                    << ", x" << c.scale);
        // Less than a step of 16 bits, for rounding and zimg's tables of 6 digits.
        CHECK((c.kind == "chroma" ? worst_chroma(c) : c.kind == "rgb" ? worst_rgb(c) : worst_yuv(c)) < 1);
    }
}
