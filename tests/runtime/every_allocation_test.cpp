// Whichever allocation fails, of a handle's whole life: the call that needed it says so, the same call made again
// succeeds, the pictures are those of an undisturbed life, and nothing is left behind.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

constexpr int kWidth = 21, kHeight = 18;

struct Heap {
    int calls = 0, fail_at = -1, live = 0;

    slimscale_allocator allocator() {
        return {this,
                [](void *self, size_t bytes, size_t alignment) -> void * {
                    auto &heap = *static_cast<Heap *>(self);
                    void *memory = nullptr;
                    if (heap.calls++ == heap.fail_at || posix_memalign(&memory, alignment, bytes) != 0)
                        return nullptr;
                    heap.live++;
                    return memory;
                },
                [](void *self, void *memory) {
                    static_cast<Heap *>(self)->live--;
                    std::free(memory);
                }};
    }
};

class Life {
public:
    Life(const slimscale_model *model, Heap &heap)
        : model_(model), info_(describe(model)), heap_(heap), allocator_(heap.allocator()) {}
    ~Life() { slimscale_close(s_); }

    // Each step, and again where the allocation that is to fail was its. Returns whether one was.
    bool run() {
        options_.allocator = &allocator_;
        options_.threads = 2;
        options_.allow_untrained = 1;
        step("open", [&] { return slimscale_open(model_, &options_, &s_); });
        step("plan", [&] { return slimscale_plan(s_, kWidth, kHeight); });
        step("run", [&] { return run_frame(); });
        step("in flight", [&] { return submit_frame(); });
        if (!model_has_whole_frames())
            step("rows", [&] { return move_rows(); });
        step("plan again", [&] { return slimscale_plan(s_, 3 * kWidth, 2); });
        step("plan as before", [&] { return slimscale_plan(s_, kWidth, kHeight); });
        step("run again", [&] { return run_frame(); });
        if (std::strcmp(info_.name, "golden_edsr_x2") == 0)  // dozens of allocations, the same for all models
            step("self-test", [&] { return self_test(); });
        return failures_ > 0;
    }
    int failures() const { return failures_; }
    const std::vector<std::vector<uint8_t>> &pictures() const { return pictures_; }

private:
    void step(const std::string &name, const std::function<slimscale_status()> &call) {
        INFO("step " << name);
        const bool before = heap_.calls > heap_.fail_at;
        slimscale_status status = call();
        if (!before && heap_.fail_at >= 0 && heap_.calls > heap_.fail_at) {
            CHECK(status == SLIMSCALE_OUT_OF_MEMORY);
            if (s_ && name != "self-test")  // that has handles of its own
                CHECK(std::string(slimscale_error(s_)) != "");
            failures_++;
            status = call();
        }
        if (s_)
            INFO(slimscale_error(s_));
        REQUIRE(status == SLIMSCALE_OK);
    }

    bool model_has_whole_frames() const { return std::strstr(info_.name, "rcan") != nullptr; }

    // The same picture every time, at the fewest channels.
    void set_up() {
        in_.resize(kWidth * kHeight * 3);
        for (size_t i = 0; i < in_.size(); i++)
            in_[i] = static_cast<uint8_t>(i * i % 251);
        out_.assign(in_.size() * static_cast<size_t>(info_.scale * info_.scale), 0);
        from_.width = kWidth, from_.height = kHeight, from_.planes[0] = in_.data(), from_.strides[0] = 3 * kWidth;
        to_.width = kWidth * info_.scale, to_.height = kHeight * info_.scale, to_.planes[0] = out_.data(),
        to_.strides[0] = from_.strides[0] * info_.scale;
        request_.channels = info_.channels[0];
    }

    slimscale_status kept(slimscale_status status) {
        if (status == SLIMSCALE_OK)
            pictures_.push_back(out_);
        return status;
    }

    slimscale_status run_frame() {
        set_up();
        return kept(slimscale_run(s_, &request_, &from_, &to_, nullptr));
    }

    slimscale_status submit_frame() {
        set_up();
        const slimscale_status status = slimscale_submit(s_, &request_, &from_, &to_, nullptr, nullptr);
        return status == SLIMSCALE_OK ? kept(slimscale_wait(s_, 0, nullptr)) : status;
    }

    slimscale_status move_rows() {
        set_up();
        slimscale_status status = slimscale_begin_rows(s_, &request_, &from_, &to_);
        if (status != SLIMSCALE_OK)
            return status;
        for (int pushed = 0, taken = 0; status == SLIMSCALE_OK && taken < to_.height;) {
            slimscale_image rows = from_;
            int count = 0;
            rows.planes[0] = in_.data() + pushed * from_.strides[0];
            rows.height = std::min(5, kHeight - pushed);
            if (rows.height > 0)
                status = slimscale_push_rows(s_, &rows, &count);
            pushed += count;
            rows = to_;
            rows.planes[0] = out_.data() + taken * to_.strides[0];
            rows.height = to_.height - taken;
            if (status == SLIMSCALE_OK)
                status = slimscale_take_rows(s_, &rows, &count);
            taken += count;
        }
        slimscale_end_rows(s_, nullptr);
        return kept(status);
    }

    // Reports by target whose memory was missing.
    slimscale_status self_test() {
        std::vector<slimscale_self_test_result> results(static_cast<size_t>(info_.target_count));
        for (auto &result : results)
            result.size = sizeof result;
        int count = info_.target_count;
        const slimscale_status status = slimscale_self_test(model_, &options_, results.data(), &count);
        for (const auto &result : results)
            if (status == SLIMSCALE_OK && result.status == SLIMSCALE_OUT_OF_MEMORY)
                return result.status;
        return status;
    }

    const slimscale_model *model_;
    const slimscale_model_info info_;
    Heap &heap_;
    slimscale_allocator allocator_;
    slimscale_options options_ = SLIMSCALE_OPTIONS_INIT;
    slimscale_handle *s_ = nullptr;
    std::vector<uint8_t> in_, out_;
    slimscale_image from_ = SLIMSCALE_IMAGE_INIT, to_ = SLIMSCALE_IMAGE_INIT;
    slimscale_request request_ = SLIMSCALE_REQUEST_INIT;
    std::vector<std::vector<uint8_t>> pictures_;
    int failures_ = 0;
};

}  // namespace

TEST_CASE("whichever allocation fails, its call says so and can be made again") {
    for (const slimscale_model *model : all_models()) {
        const std::string name = describe(model).name;
        if (name.find("golden") == 0 && name != "golden_edsr_x2" && name != "golden_rcan_x3" &&
            name != "golden_carn_m_x2" && name != "golden_edsr_luma_x2")
            continue;
        std::vector<std::vector<uint8_t>> expected;
        {
            Heap heap;
            Life life(model, heap);
            REQUIRE_FALSE(life.run());
            expected = life.pictures();
        }
        int failed = 0;
        for (bool more = true; more;) {
            Heap heap;
            heap.fail_at = failed;
            INFO(name << ", allocation " << failed);
            {
                Life life(model, heap);
                more = life.run();
                CHECK(life.pictures() == expected);
                failed += life.failures();
            }
            CHECK(heap.live == 0);
        }
        CHECK(failed > 10);
    }
}
