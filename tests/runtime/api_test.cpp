// The C API's promises: validation, errors, strides and formats, forced targets, the caller's threads.
#include "slimscale/slimscale.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "contract/model.h"
#include "networks/networks.h"
#include "networks/walkers.h"
#include "slimscale/slimscale.hpp"
#include "tests/catch.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

extern "C" int use_c_api(const slimscale_model *model);

using namespace slimscale;
using namespace slimscale::test;

namespace {

const slimscale_model *edsr() {
    return model_named("golden_edsr_x2");
}

// Pixels in a field of guard bytes, which show what is written outside the pixels.
template <typename Sample>
struct Picture {
    static constexpr Sample kGuard = static_cast<Sample>(0xa5a5);
    int width, height, samples, stride;  // stride in samples
    std::vector<Sample> data;

    Picture(int w, int h, int s, int padding)
        : width(w), height(h), samples(s), stride(w * s + padding),
          data(static_cast<size_t>(stride) * static_cast<size_t>(h + 2), kGuard) {}
    Sample *row(int y) { return data.data() + ptrdiff_t{stride} * (y + 1); }
    void fill(uint32_t seed) {
        for (int y = 0; y < height; y++)
            for (int i = 0; i < width * samples; i++)
                row(y)[i] = static_cast<Sample>((seed = seed * 1664525u + 1013904223u) >> 13);
    }
    slimscale_image image(slimscale_format format) {
        slimscale_image i = SLIMSCALE_IMAGE_INIT;
        i.format = format;
        i.width = width;
        i.height = height;
        i.planes[0] = row(0);
        i.strides[0] = stride * static_cast<ptrdiff_t>(sizeof(Sample));
        return i;
    }
    bool guards_hold() {
        for (int y = -1; y <= height; y++)
            for (int i = 0; i < stride; i++)
                if ((y < 0 || y == height || i >= width * samples) && row(y)[i] != kGuard)
                    return false;
        return true;
    }
};

std::string open_error(const slimscale_model *model, slimscale_options options, slimscale_status want) {
    char text[500] = "";
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = reinterpret_cast<slimscale_handle *>(1);
    CHECK(slimscale_open(model, &options, &s) == want);
    CHECK(s == nullptr);
    return text;
}

// Of this process, by name.
template <class Which>
long count_threads(Which counted) {
    long count = 0;
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(task.path() / "comm");
        std::string name;
        count += std::getline(file, name) && counted(name);
    }
    return count;
}

}  // namespace

TEST_CASE("a C program can do all there is") {
    CHECK(use_c_api(edsr()) == 0);
}

TEST_CASE("every status has a sentence") {
    for (int status = 0; status <= SLIMSCALE_SELF_TEST_FAILED; status++)
        CHECK(std::string(slimscale_status_text(static_cast<slimscale_status>(status))) != "unknown status");
    CHECK(std::string(slimscale_status_text(static_cast<slimscale_status>(SLIMSCALE_SELF_TEST_FAILED + 1))) ==
          "unknown status");
}

TEST_CASE("describe lists widths, targets and what this machine runs") {
    const slimscale_model_info info = describe(edsr());
    CHECK(std::string(info.name) == "golden_edsr_x2");
    CHECK(info.scale == 2);
    CHECK(info.colors == 3);
    CHECK(info.channels[info.channels_length - 1] == info.max_channels);
    for (int i = 1; i < info.channels_length; i++)
        CHECK(info.channels[i - 1] < info.channels[i]);
    bool naive = false;
    for (int t = 0; t < info.target_count; t++)
        naive = naive || (std::string(info.targets[t]) == "naive" && info.runnable[t]);
    CHECK(naive);
    slimscale_model_info none{};
    none.size = sizeof none;
    uint8_t storage[64];
    CHECK(slimscale_describe(nullptr, &none, storage) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("targets can be forced, and wrong ones are named") {
    const slimscale_model_info info = describe(edsr());
    for (int t = 0; t < info.target_count; t++)
        if (info.runnable[t])
            CHECK(std::string(slimscale_target(open(edsr(), {info.targets[t], {}, 1, 0, true}).get())) ==
                  info.targets[t]);
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = "avx1024";
    CHECK(open_error(edsr(), options, SLIMSCALE_UNSUPPORTED_TARGET).find("naive") != std::string::npos);
}

TEST_CASE("bad options are refused with what to do") {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    CHECK(open_error(nullptr, options, SLIMSCALE_INVALID_ARGUMENT).find("slimscale_model_") != std::string::npos);
    options.band_rows = 6;
    CHECK(open_error(edsr(), options, SLIMSCALE_INVALID_ARGUMENT).find("multiple of 4") != std::string::npos);
    options = SLIMSCALE_OPTIONS_INIT;
    options.threads = -1;
    CHECK(open_error(edsr(), options, SLIMSCALE_INVALID_ARGUMENT).find("threads") != std::string::npos);
    options = SLIMSCALE_OPTIONS_INIT;
    const int odd = 17;
    options.channels = &odd;
    options.channels_length = 1;
    CHECK(open_error(edsr(), options, SLIMSCALE_UNKNOWN_CHANNELS).find("17") != std::string::npos);
    CHECK(slimscale_open(edsr(), nullptr, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("widths that were never trained are refused unless asked for") {
    const TestModel m = load(edsr());
    for (int i = 0; i < m.info.channels_length; i++) {
        const int width = m.info.channels[i];
        const bool trained =
            std::find(m.file.trained_widths.begin(), m.file.trained_widths.end(), width) != m.file.trained_widths.end();
        CHECK(static_cast<bool>(m.info.trained[i]) == trained);
        if (trained)
            continue;
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.channels = &width;
        options.channels_length = 1;
        CHECK(open_error(edsr(), options, SLIMSCALE_UNTRAINED_CHANNELS).find("not trained") != std::string::npos);
        CHECK(open(edsr(), {"auto", {width}, 1, 0, true}) != nullptr);
    }
}

TEST_CASE("an archive of another version is refused") {
    slimscale_model other = *edsr();
    other.abi++;
    CHECK(open_error(&other, SLIMSCALE_OPTIONS_INIT, SLIMSCALE_INVALID_MODEL).find("generate it again") !=
          std::string::npos);
}

TEST_CASE("weights that slice concatenations the other way are refused") {
    const slimscale_model &carn = *model_named("golden_carn_x2");
    slimscale_model other = carn;
    other.segment_slicing = !carn.segment_slicing;
    CHECK(open_error(&other, SLIMSCALE_OPTIONS_INIT, SLIMSCALE_INVALID_MODEL).find("slice") != std::string::npos);
}

TEST_CASE("weights from memory: the linked ones serve, damaged and foreign ones are refused") {
    const slimscale_model &model = *edsr();
    std::vector<uint64_t> aligned(model.blob_size / 8 + 1);
    std::memcpy(aligned.data(), model.blob, model.blob_size);
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.weights = aligned.data();
    options.weights_size = model.blob_size;
    const auto image = reference::random_image(3, 7, 9, 3);
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(&model, &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, 9, 7) == SLIMSCALE_OK);
    const int width = model.plans[model.plan_count - 1].channels;
    CHECK(same_bytes(run(s, width, 2, image), upscale(&model, {}, width, 2, image)));
    slimscale_close(s);

    reinterpret_cast<uint8_t *>(aligned.data())[model.blob_size / 2] ^= 1;
    CHECK(open_error(&model, options, SLIMSCALE_INVALID_MODEL).find("checksum") != std::string::npos);
    options.weights_size = 10;
    open_error(&model, options, SLIMSCALE_INVALID_MODEL);
    const slimscale_model &carn = *model_named("golden_carn_x2");
    options.weights = carn.blob;
    options.weights_size = carn.blob_size;
    CHECK(open_error(&model, options, SLIMSCALE_INVALID_MODEL).find("compiled for") != std::string::npos);
    slimscale_model without = model;
    without.blob = nullptr;
    CHECK(open_error(&without, SLIMSCALE_OPTIONS_INIT, SLIMSCALE_INVALID_ARGUMENT).find("options.weights") !=
          std::string::npos);
}

TEST_CASE("run checks its frame") {
    const Handle s = open(edsr(), {});
    Picture<uint8_t> in(6, 5, 3, 0), out(12, 10, 3, 0);
    slimscale_image from = in.image(SLIMSCALE_RGB8), to = out.image(SLIMSCALE_RGB8);
    CHECK(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_NOT_PLANNED);
    CHECK(std::string(slimscale_error(s.get())).find("slimscale_plan") != std::string::npos);
    REQUIRE(slimscale_plan(s.get(), 6, 5) == SLIMSCALE_OK);
    CHECK(slimscale_run(s.get(), nullptr, nullptr, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_run(s.get(), nullptr, &from, nullptr, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
    to.height--;
    CHECK(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(slimscale_error(s.get())).find("must be 12 x 10") != std::string::npos);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    to.height++;
    request.budget_ms = -1;
    CHECK(slimscale_run(s.get(), &request, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    request.budget_ms = 10;
    request.channels = 0;
    CHECK(slimscale_run(s.get(), &request, &from, &to, nullptr) == SLIMSCALE_NOT_PROFILED);
    request.channels = describe(edsr()).max_channels;  // a budget is checked for a named width as well
    CHECK(slimscale_run(s.get(), &request, &from, &to, nullptr) == SLIMSCALE_NOT_PROFILED);
    request.budget_ms = 0;
    request.channels = 999;
    CHECK(slimscale_run(s.get(), &request, &from, &to, nullptr) == SLIMSCALE_UNKNOWN_CHANNELS);
    CHECK(slimscale_plan(s.get(), 0, 5) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_plan(s.get(), 5, 1 << 20) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_plan(nullptr, 5, 5) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("all formats give the same picture, with any stride, and write nothing beside it") {
    const auto run_format = [](auto &in, auto &out, slimscale_format format, bool upwards) {
        const Handle s = open(edsr(), {"auto", {}, 2, 0, true});
        REQUIRE(slimscale_plan(s.get(), in.width, in.height) == SLIMSCALE_OK);
        slimscale_image from = in.image(format), to = out.image(format);
        if (upwards) {
            to.planes[0] = out.row(out.height - 1);
            to.strides[0] = -to.strides[0];
        }
        REQUIRE(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
        CHECK(out.guards_hold());
        CHECK(in.guards_hold());
    };
    Picture<uint8_t> rgb(7, 6, 3, 5), rgb_out(14, 12, 3, 1), flipped(14, 12, 3, 7), rgba(7, 6, 4, 3),
        rgba_out(14, 12, 4, 9);
    Picture<uint16_t> rgb16(7, 6, 3, 1), rgb16_out(14, 12, 3, 2), rgba16(7, 6, 4, 0), rgba16_out(14, 12, 4, 4);
    rgb.fill(1);
    for (int y = 0; y < 6; y++)
        for (int x = 0; x < 7; x++) {
            for (int c = 0; c < 3; c++) {
                const uint8_t v = rgb.row(y)[3 * x + c];
                rgba.row(y)[4 * x + c] = v;
                rgb16.row(y)[3 * x + c] = rgba16.row(y)[4 * x + c] = static_cast<uint16_t>(v * 257);
            }
            rgba.row(y)[4 * x + 3] = 255;
            rgba16.row(y)[4 * x + 3] = 65535;
        }
    run_format(rgb, rgb_out, SLIMSCALE_RGB8, false);
    run_format(rgb, flipped, SLIMSCALE_RGB8, true);
    run_format(rgba, rgba_out, SLIMSCALE_RGBA8, false);
    run_format(rgb16, rgb16_out, SLIMSCALE_RGB16, false);
    run_format(rgba16, rgba16_out, SLIMSCALE_RGBA16, false);
    for (int y = 0; y < 12; y++)
        for (int x = 0; x < 14; x++) {
            CHECK(rgba_out.row(y)[4 * x + 3] == 255);
            CHECK(rgba16_out.row(y)[4 * x + 3] == 65535);
            for (int c = 0; c < 3; c++) {
                const int v = rgb_out.row(y)[3 * x + c], v16 = rgb16_out.row(y)[3 * x + c];
                CHECK(flipped.row(11 - y)[3 * x + c] == v);
                CHECK(rgba_out.row(y)[4 * x + c] == v);
                CHECK(rgba16_out.row(y)[4 * x + c] == v16);
                CHECK(std::abs(v16 - 257 * v) <= 129);
            }
        }
}

TEST_CASE("luma networks take grey pictures of any depth") {
    const slimscale_model *luma = model_named("golden_edsr_luma_x2");
    const Handle s = open(luma, {});
    REQUIRE(slimscale_plan(s.get(), 5, 4) == SLIMSCALE_OK);
    Picture<uint8_t> in(5, 4, 1, 3), out(10, 8, 1, 2);
    Picture<uint16_t> in16(5, 4, 1, 0), out16(10, 8, 1, 0);
    in.fill(9);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 5; x++)
            in16.row(y)[x] = static_cast<uint16_t>(in.row(y)[x] * 257);
    slimscale_image from = in.image(SLIMSCALE_GRAY8), to = out.image(SLIMSCALE_GRAY8);
    REQUIRE(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
    const slimscale_image from16 = in16.image(SLIMSCALE_GRAY16), to16 = out16.image(SLIMSCALE_GRAY16);
    REQUIRE(slimscale_run(s.get(), nullptr, &from16, &to16, nullptr) == SLIMSCALE_OK);
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 10; x++)
            CHECK(std::abs(out16.row(y)[x] - 257 * out.row(y)[x]) <= 129);
    CHECK(out.guards_hold());
}

TEST_CASE("color networks refuse grey pictures") {
    const Handle s = open(edsr(), {});
    REQUIRE(slimscale_plan(s.get(), 5, 4) == SLIMSCALE_OK);
    Picture<uint8_t> gray(5, 4, 1, 0), rgb(5, 4, 3, 0), out(10, 8, 3, 0);
    const slimscale_image from = gray.image(SLIMSCALE_GRAY8), color = rgb.image(SLIMSCALE_RGB8);
    const slimscale_image to = out.image(SLIMSCALE_RGB8), gray_to = out.image(SLIMSCALE_GRAY8);
    CHECK(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(slimscale_error(s.get())).find("the input is gray") != std::string::npos);
    CHECK(slimscale_run(s.get(), nullptr, &color, &gray_to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(slimscale_error(s.get())).find("the output is gray") != std::string::npos);
}

TEST_CASE("the caller's threads are used and no others") {
    struct Pool {
        int loops = 0;
        static void run(void *self, int count, void (*task)(void *, int, int), void *data) {
            static_cast<Pool *>(self)->loops++;
            std::vector<std::thread> threads;  // runs tasks backwards, on its own threads
            threads.reserve(2);
            for (int w = 0; w < 2; w++)
                threads.emplace_back([=] {
                    for (int i = count - 1 - w; i >= 0; i -= 2)
                        task(data, i, w);
                });
            for (auto &t : threads)
                t.join();
        }
    } state;
    const slimscale_thread_pool pool{&state, 2, Pool::run};
    // ThreadSanitizer starts a thread of its own with the first one, which must not be counted as the handle's.
    Pool::run(&state, 2, [](void *, int, int) {}, nullptr);
    const auto all = [](const std::string &) { return true; };
    const auto workers = [](const std::string &name) { return name.rfind("slimscale/", 0) == 0; };
    const long threads_before = count_threads(all);
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.pool = &pool;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(edsr(), &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, 9, 13) == SLIMSCALE_OK);
    CHECK(count_threads(all) <= threads_before);  // fewer where a joined thread was still listed
    CHECK(count_threads(workers) == 0);
    const auto image = reference::random_image(3, 13, 9, 2);
    const slimscale_model_info info = describe(edsr());
    const int width = info.channels[info.channels_length - 1], before = state.loops;
    CHECK(same_bytes(run(s, width, 2, image), upscale(edsr(), {}, width, 2, image)));
    CHECK(state.loops > before);
    slimscale_close(s);
    const slimscale_thread_pool empty{nullptr, 0, nullptr};
    options.pool = &empty;
    CHECK(open_error(edsr(), options, SLIMSCALE_INVALID_ARGUMENT).find("pool") != std::string::npos);
}

TEST_CASE("structs of an older caller: fields past its size keep their defaults") {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.size = offsetof(slimscale_options, band_rows);
    options.band_rows = 6;  // invalid, but beyond the size that the library reads
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(edsr(), &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, 4, 4) == SLIMSCALE_OK);
    slimscale_plan_info info{};
    info.size = offsetof(slimscale_plan_info, weights_bytes);
    info.band_rows = -77;
    CHECK(slimscale_plan_describe(s, &info) == SLIMSCALE_OK);
    CHECK(info.workspace_bytes > 0);
    CHECK(info.band_rows == -77);  // the library does not write beyond the size
    slimscale_close(s);
}

TEST_CASE("structs that were never set up are refused, not passed over") {
    slimscale_options none{};
    slimscale_handle *opened = nullptr;
    CHECK(slimscale_open(edsr(), &none, &opened) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(opened == nullptr);
    const Handle s = open(edsr(), {});
    REQUIRE(slimscale_plan(s.get(), 6, 5) == SLIMSCALE_OK);
    Picture<uint8_t> in(6, 5, 3, 0), out(12, 10, 3, 0);
    const slimscale_image from = in.image(SLIMSCALE_RGB8), to = out.image(SLIMSCALE_RGB8);
    const auto says = [&](const char *what) {
        return std::string(slimscale_error(s.get())).find("the size field of the " + std::string(what) + " is 0") == 0;
    };
    slimscale_image image{};
    slimscale_request request{};
    slimscale_report report{};
    request.channels = describe(edsr()).channels[0];
    CHECK(slimscale_run(s.get(), nullptr, &image, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("input"));
    CHECK(slimscale_run(s.get(), nullptr, &from, &image, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("output"));
    CHECK(slimscale_run(s.get(), &request, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("request"));
    CHECK(slimscale_run(s.get(), nullptr, &from, &to, &report) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("report"));
    CHECK(slimscale_submit(s.get(), &request, &from, &to, nullptr, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    REQUIRE(slimscale_submit(s.get(), nullptr, &from, &to, nullptr, nullptr) == SLIMSCALE_OK);
    CHECK(slimscale_wait(s.get(), 0, &report) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_synchronize(s.get()) == SLIMSCALE_OK);  // the frame has ended all the same
    CHECK(slimscale_wait(s.get(), 0, nullptr) == SLIMSCALE_OK);
    CHECK(slimscale_begin_rows(s.get(), nullptr, &image, &to) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("input"));
    REQUIRE(slimscale_begin_rows(s.get(), nullptr, &from, &to) == SLIMSCALE_OK);
    int count = 0;
    CHECK(slimscale_push_rows(s.get(), &image, &count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(says("input rows"));
    CHECK(slimscale_end_rows(s.get(), &report) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_end_rows(s.get(), nullptr) == SLIMSCALE_OK);

    uint8_t storage[64];
    slimscale_model_info model{};
    slimscale_plan_info plan{};
    slimscale_rows_info rows{};
    slimscale_format_info format{};
    slimscale_self_test_result result{};
    int results = 1;
    CHECK(slimscale_describe(edsr(), &model, storage) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_plan_describe(s.get(), &plan) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_describe_rows(s.get(), nullptr, &from, &to, &rows) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_describe_format(SLIMSCALE_NV12, &format) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_self_test(edsr(), nullptr, &result, &results) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_self_test(edsr(), &none, &result, &results) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("halo_px is how far around a pixel its result depends on others") {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(edsr(), &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, 8, 8) == SLIMSCALE_OK);
    slimscale_plan_info info{};
    info.size = sizeof info;
    REQUIRE(slimscale_plan_describe(s, &info) == SLIMSCALE_OK);
    const int halo = info.halo_px, width = 2 * halo + 8, height = 5;
    REQUIRE(halo > 2);
    REQUIRE(slimscale_plan(s, width, height) == SLIMSCALE_OK);
    reference::Volume image = picture(3, height, width);
    const reference::Volume before = run(s, 16, 2, image);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < height; y++)
            image.at(c, y, 0) = 1 - image.at(c, y, 0);
    const reference::Volume after = run(s, 16, 2, image);
    int farthest = 0;  // the farthest pixel of the input whose result has changed
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < 2 * height; y++)
            for (int x = 0; x < 2 * width; x++)
                if (std::fabs(before.at(c, y, x) - after.at(c, y, x)) > 1e-5)  // more than Winograd's rounding
                    farthest = std::max(farthest, x / 2);
    CHECK(farthest <= halo);
    CHECK(farthest > halo / 2);
    slimscale_close(s);
}

TEST_CASE("halo_px is the one of the network's graph") {
    int seen = 0;
    for (const slimscale_model *model : all_models()) {
        const TestModel loaded = load(model);
        const networks::Graph graph = networks::build(loaded.file.network, loaded.info.max_channels);
        if (networks::needs_whole_frame(graph))
            continue;
        const Handle s = open(model, {});
        REQUIRE(slimscale_plan(s.get(), 8, 8) == SLIMSCALE_OK);
        slimscale_plan_info info{};
        info.size = sizeof info;
        REQUIRE(slimscale_plan_describe(s.get(), &info) == SLIMSCALE_OK);
        INFO(loaded.info.name);
        CHECK(info.halo_px == networks::halo_px(graph));
        seen++;
    }
    CHECK(seen > 5);
}

TEST_CASE("the C++ header: a handle that closes itself and errors as values") {
    Upscaler upscaler;
    CHECK(upscaler.open(nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(upscaler.error().find("null") != std::string::npos);
    REQUIRE(upscaler.open(edsr()) == SLIMSCALE_OK);
    REQUIRE(upscaler.plan(4, 4) == SLIMSCALE_OK);
    Picture<uint8_t> in(4, 4, 3, 0), out(8, 8, 3, 0);
    in.fill(3);
    CHECK(upscaler.run(in.image(SLIMSCALE_RGB8), out.image(SLIMSCALE_RGB8)) == SLIMSCALE_OK);
    CHECK(upscaler.report().actual_ms > 0);
    Upscaler moved = std::move(upscaler);
    CHECK(moved.run(in.image(SLIMSCALE_RGB8), out.image(SLIMSCALE_RGB8)) == SLIMSCALE_OK);
    CHECK(upscaler.handle() == nullptr);  // NOLINT: moved from; the header promises it
}
