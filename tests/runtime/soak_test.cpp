// Frames of random sizes, formats, channels, targets, threads, bands and ways in, one after the other on handles that
// live long: every picture is what the plain executor and the formulas of colors say, and no memory is left behind.
#include <malloc.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "contract/model.h"
#include "tests/catch.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/guarded_image.h"
#include "tests/runtime/model_files.h"
#include "tests/runtime/plain_executor.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

constexpr int kHandles = 8;       // open at a time
constexpr int kFramesOfOne = 40;  // before one of them is replaced, on average
constexpr size_t kNoise = 65536;  // bytes of the heap that standard containers and stdio may keep

class Soak {
public:
    explicit Soak(uint32_t seed) : random_(seed) {}

    void run(int frames) {
        // What is allocated once (tables of tests, of the C library) is there after a quarter.
        const int settled = frames / 4;
        size_t before = 0;
        for (int frame = 0; frame < frames; frame++) {
            if (frame == settled) {
                handles_.clear();
                before = in_use();
            }
            if (handles_.size() < kHandles)
                handles_.push_back(open_any());
            else if (below(kFramesOfOne) == 0)
                handles_[below(kHandles)] = open_any();
            one_frame(handles_[below(handles_.size())], frame);
        }
        handles_.clear();
        CHECK(in_use() <= before + kNoise);
        CHECK(in_rows_ > 0);
        CHECK(in_flight_ > 0);
    }

private:
    struct Opened {
        const slimscale_model *model;
        slimscale_model_info info;
        Setup setup;
        Handle handle;
    };

    size_t below(size_t count) { return random_() % count; }
    template <class T>
    T one_of(const std::vector<T> &all) {
        return all[below(all.size())];
    }

    // Of the heap; 0 under sanitizers, which keep their own and look for leaks themselves.
    static size_t in_use() { return mallinfo2().uordblks; }

    Opened open_any() {
        const slimscale_model *model = one_of(models_);
        const slimscale_model_info info = describe(model);
        std::vector<std::string> targets;
        for (int t = 0; t < info.target_count; t++)
            if (info.runnable[t])
                targets.push_back(info.targets[t]);
        const Setup setup{one_of(targets), {}, static_cast<int>(1 + below(3)), one_of<int>({0, 4, 8, 20, -1}), true};
        return {model, info, setup, open(model, setup)};
    }

    slimscale_format any_format(int colors) {
        for (;;) {
            const auto format = static_cast<slimscale_format>(below(SLIMSCALE_P016 + 1));
            if (colors == 1 || layout_of(format, 3).model != Layout::Model::gray)
                return format;
        }
    }

    // Mostly small, sometimes long in one direction.
    int any_side() { return static_cast<int>(below(12) == 0 ? 1 + below(150) : 1 + below(20)); }

    void one_frame(Opened &opened, int frame) {
        const slimscale_model_info &info = opened.info;
        const int width = any_side(), height = width > 20 ? static_cast<int>(1 + below(9)) : any_side();
        const int channels = info.channels[below(static_cast<size_t>(info.channels_length))];
        const auto side = [&] { return below(2) ? Side::left : Side::right; };
        GuardedImage input(any_format(info.colors), width, height, side(), below(2) != 0),
            output(any_format(info.colors), width * info.scale, height * info.scale, side(), below(2) != 0);
        input.fill(static_cast<uint32_t>(random_()));
        output.set(1);
        INFO("frame " << frame << ": " << info.name << " on " << opened.setup.target << " at " << channels << ", "
                      << opened.setup.threads << " threads, bands of " << opened.setup.band_rows << ", " << width
                      << " x " << height << ", " << slimscale_format_name(input.image.format) << " to "
                      << slimscale_format_name(output.image.format));
        slimscale_handle *s = opened.handle.get();
        REQUIRE(slimscale_plan(s, width, height) == SLIMSCALE_OK);
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = channels;
        const slimscale_status status = take_any_way(s, request, input.image, output.image);
        INFO(slimscale_error(s));
        REQUIRE(status == SLIMSCALE_OK);
        const reference::Volume made = numbers_of(opened, channels, input.image);
        const auto numbers = [&](int x, int y) {
            Numbers n{};
            for (int c = 0; c < info.colors; c++)
                n.of[c] = made.at(c, y, x);
            return n;
        };
        REQUIRE(worst_step(input.image, output.image, info.colors, info.scale, numbers) < 1);
    }

    // At once, in flight, or in rows.
    slimscale_status take_any_way(slimscale_handle *s, const slimscale_request &request, const slimscale_image &input,
                                  const slimscale_image &output) {
        switch (below(4)) {
        case 0: {
            uint64_t number = 0;
            in_flight_++;
            if (below(4) == 0 && slimscale_submit(s, &request, &input, &output, nullptr, &number) == SLIMSCALE_OK)
                slimscale_cancel(s, number);  // it may have ended
            const slimscale_status status = slimscale_submit(s, &request, &input, &output, nullptr, &number);
            return status == SLIMSCALE_OK ? slimscale_wait(s, number, nullptr) : status;
        }
        case 1:
            if (slimscale_begin_rows(s, &request, &input, &output) == SLIMSCALE_OK) {
                in_rows_++;
                return move_rows(s, input, output);
            }
            [[fallthrough]];  // RCAN
        default:
            return slimscale_run(s, &request, &input, &output, nullptr);
        }
    }

    // Rows [first, first + count) of an image.
    static slimscale_image rows_of(const slimscale_image &image, int first, int count) {
        slimscale_image rows = image;
        slimscale_format_info info{};
        info.size = sizeof info;
        slimscale_describe_format(image.format, &info);
        rows.height = count;
        for (int p = 0; p < 4 && image.planes[p]; p++) {
            const bool chroma = p > 0 && info.model == SLIMSCALE_MODEL_YUV;
            rows.planes[p] =
                static_cast<uint8_t *>(image.planes[p]) + first / (chroma ? info.subsampling_y : 1) * image.strides[p];
        }
        return rows;
    }

    slimscale_status move_rows(slimscale_handle *s, const slimscale_image &input, const slimscale_image &output) {
        slimscale_status status = SLIMSCALE_OK;
        int pushed = 0, taken = 0;
        while (status == SLIMSCALE_OK && taken < output.height) {
            int count = 0;
            if (pushed < input.height) {
                const int rows = std::min(input.height - pushed, static_cast<int>(2 * (1 + below(5))));
                const slimscale_image piece = rows_of(input, pushed, rows);
                status = slimscale_push_rows(s, &piece, &count);
                pushed += count;
            }
            if (status != SLIMSCALE_OK)
                break;
            const int rows = std::min(output.height - taken, static_cast<int>(2 * (1 + below(9))));
            const slimscale_image piece = rows_of(output, taken, rows);
            status = slimscale_take_rows(s, &piece, &count);
            taken += count;
        }
        const std::string error = slimscale_error(s);
        INFO(error);
        CHECK(status == SLIMSCALE_OK);
        CHECK(slimscale_end_rows(s, nullptr) == SLIMSCALE_OK);
        return status;
    }

    static reference::Volume numbers_of(const Opened &opened, int channels, const slimscale_image &input) {
        const int colors = opened.info.colors;
        reference::Volume seen(colors, input.height, input.width);
        for (int c = 0; c < colors; c++)
            for (int y = 0; y < input.height; y++)
                for (int x = 0; x < input.width; x++)
                    seen.at(c, y, x) = static_cast<float>(load_oracle(input, colors, x, y).of[c]);
        return run_plainly(opened.model, opened.setup.target, channels, seen);
    }

    std::mt19937 random_;
    const std::vector<const slimscale_model *> models_ = all_models();
    std::vector<Opened> handles_;
    int in_rows_ = 0, in_flight_ = 0;
};

}  // namespace

TEST_CASE("200 frames of any kind") {
    Soak(1).run(200);
}

TEST_CASE("10,000 frames of any kind", "[.extended]") {
    Soak(2).run(10000);
}
