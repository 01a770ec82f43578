// Memory belongs to the caller: run allocates nothing, all memory comes from the given allocator and returns to it, a
// failing allocation leaves a usable state, and caps are kept.
#include <atomic>
#include <cstdlib>
#include <string>

#include "tests/catch.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

// Every malloc of this program, including those of archives and of the C library for a thread, is counted while
// `counting` is set; the one with the number `failing` fails. Sanitizers have their own malloc, with which nothing is
// counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCounts = false;
#else
constexpr bool kCounts = true;
#endif

namespace {
std::atomic<bool> counting{false};
std::atomic<int> counted{0};
int failing = -1;

bool fails() {
    return counting && counted++ == failing;
}
}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern "C" void *__libc_malloc(size_t);
extern "C" void *__libc_memalign(size_t, size_t);
extern "C" void *malloc(size_t bytes) {
    return fails() ? nullptr : __libc_malloc(bytes);
}
extern "C" int posix_memalign(void **out, size_t alignment, size_t bytes) {
    *out = fails() ? nullptr : __libc_memalign(alignment, bytes);
    return *out ? 0 : 12;
}
#endif

namespace {

struct Heap {
    int live = 0, calls = 0, fail_at = -1;

    slimscale_allocator allocator() {
        return {this,
                [](void *self, size_t bytes, size_t alignment) -> void * {
                    auto &h = *static_cast<Heap *>(self);
                    if (h.calls++ == h.fail_at)
                        return nullptr;
                    h.live++;
                    void *memory = nullptr;
                    return posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
                },
                [](void *self, void *memory) {
                    static_cast<Heap *>(self)->live--;
                    std::free(memory);
                }};
    }
};

}  // namespace

TEST_CASE("run allocates nothing, at any width, in bands and whole frames") {
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x4", "golden_rcan_x3"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        for (const char *target : {"avx2", "baseline"}) {
            bool runnable = false;
            for (int t = 0; t < info.target_count; t++)
                runnable = runnable || (std::string(target) == info.targets[t] && info.runnable[t]);
            if (!runnable)
                continue;
            const Handle s = open(model, {target, {}, 2, 0, true});
            REQUIRE(slimscale_plan(s.get(), 150, 40) == SLIMSCALE_OK);
            std::vector<uint8_t> in(150 * 40 * 3, 90), out(in.size() * static_cast<size_t>(info.scale * info.scale));
            slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;
            from.width = 150, from.height = 40, from.planes[0] = in.data(), from.strides[0] = 450;
            to.width = 150 * info.scale, to.height = 40 * info.scale, to.planes[0] = out.data(),
            to.strides[0] = 450 * info.scale;
            for (int i = 0; i < info.channels_length; i++) {
                slimscale_request request = SLIMSCALE_REQUEST_INIT;
                request.channels = info.channels[i];
                counted = 0;
                counting = true;
                const slimscale_status status = slimscale_run(s.get(), &request, &from, &to, nullptr);
                counting = false;
                INFO(name << " on " << target << " at " << info.channels[i]);
                CHECK(status == SLIMSCALE_OK);
                CHECK(counted == 0);
            }
        }
    }
    counting = true;  // the counter counts
    std::free(std::malloc(1));
    counting = false;
    CHECK((counted > 0) == kCounts);
}

// With the library's own allocator, and of the process as a whole.
TEST_CASE("every malloc of the process may fail: an error, and the call can be made again") {
    if (!kCounts)
        return;
    const slimscale_model *model = model_named("golden_edsr_x2");
    std::vector<uint8_t> in(20 * 20 * 3, 90), out(in.size() * 4);
    slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;
    from.width = from.height = 20, from.planes[0] = in.data(), from.strides[0] = 60;
    to.width = to.height = 40, to.planes[0] = out.data(), to.strides[0] = 120;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = 2;
    int failures = 0;
    for (bool more = true; more;) {
        slimscale_handle *s = nullptr;
        bool failed = false;
        counted = 0;
        failing = failures;
        const auto step = [&](auto call) {
            counting = true;
            slimscale_status status = call();
            counting = false;
            if (counted > failing && !failed) {
                failed = true;
                CHECK(status == SLIMSCALE_OUT_OF_MEMORY);
                counting = true;
                status = call();
                counting = false;
            }
            INFO("malloc " << failing);
            REQUIRE(status == SLIMSCALE_OK);
        };
        step([&] { return slimscale_open(model, &options, &s); });
        step([&] { return slimscale_plan(s, 20, 20); });
        step([&] { return slimscale_run(s, nullptr, &from, &to, nullptr); });
        step([&] { return slimscale_submit(s, nullptr, &from, &to, nullptr, nullptr); });
        step([&] { return slimscale_wait(s, 0, nullptr); });
        slimscale_close(s);
        more = failed;
        failures += failed;
    }
    CHECK(failures >= 8);
}

TEST_CASE("every allocation may fail: an error, nothing leaked, and the handle goes on") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    int failures = 0;
    for (int fail = 0; fail < 12; fail++) {
        Heap heap;
        heap.fail_at = fail;
        const slimscale_allocator allocator = heap.allocator();
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.allocator = &allocator;
        options.threads = 2;
        slimscale_handle *s = nullptr;
        const slimscale_status opened = slimscale_open(model, &options, &s);
        CHECK((opened == SLIMSCALE_OK || opened == SLIMSCALE_OUT_OF_MEMORY));
        CHECK((heap.calls > fail) == (opened != SLIMSCALE_OK));
        if (opened == SLIMSCALE_OK) {
            const slimscale_status planned = slimscale_plan(s, 20, 20);
            CHECK((planned == SLIMSCALE_OK || planned == SLIMSCALE_OUT_OF_MEMORY));
            CHECK((heap.calls > fail) == (planned != SLIMSCALE_OK));
            failures += planned != SLIMSCALE_OK;
            if (planned != SLIMSCALE_OK) {
                CHECK(std::string(slimscale_error(s)).size() > 0);
                CHECK(slimscale_plan(s, 20, 20) == SLIMSCALE_OK);
            }
        }
        failures += opened != SLIMSCALE_OK;
        slimscale_close(s);
        CHECK(heap.live == 0);
    }
    CHECK(failures == 8);  // handle, threads, device, filter table, filters; tables, workspace, scratch
}

TEST_CASE("measuring a profile under failing allocations ends in a status and leaks nothing") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    for (int fail = 0; fail < 8; fail++) {
        Heap heap;
        const slimscale_allocator allocator = heap.allocator();
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.allocator = &allocator;
        options.threads = 1;
        slimscale_handle *s = nullptr;
        REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
        heap.fail_at = heap.calls + fail;
        slimscale_profile table{};
        const slimscale_status status = slimscale_measure_profile(s, 50, &table);
        // A width's first frame needs its four allocations; without memory for larger frames the profile uses what it
        // has.
        CHECK((status == SLIMSCALE_OUT_OF_MEMORY || (fail >= 4 && status == SLIMSCALE_OK)));
        slimscale_close(s);
        CHECK(heap.live == 0);
    }
}

TEST_CASE("bands are never taller than the frame, nor cost more memory than the whole frame") {
    const slimscale_model *model = model_named("golden_carn_x2");
    const auto bytes = [&](int threads, int band_rows, int width, int height) {
        const Handle s = open(model, {"auto", {}, threads, band_rows, true});
        REQUIRE(slimscale_plan(s.get(), width, height) == SLIMSCALE_OK);
        slimscale_plan_info info{};
        info.size = sizeof info;
        REQUIRE(slimscale_plan_describe(s.get(), &info) == SLIMSCALE_OK);
        return info.workspace_bytes;
    };
    for (int threads : {1, 8, 32})
        CHECK(bytes(threads, 0, 64, 48) <= bytes(threads, -1, 64, 48));
    CHECK(bytes(1, 1 << 30, 10, 10) == bytes(1, 12, 10, 10));
}

TEST_CASE("frames beyond 32-bit indices are refused before anything is allocated") {
    const slimscale_model *model = model_named("golden_rcan_x4");  // whole frames only
    Heap heap;
    const slimscale_allocator allocator = heap.allocator();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allocator = &allocator;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
    const int live = heap.live;
    CHECK(slimscale_plan(s, 8000, 6000) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(slimscale_error(s)).find("too large") != std::string::npos);
    CHECK(heap.live == live);
    slimscale_close(s);
}

TEST_CASE("a failed plan leaves the earlier one in place") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    Heap heap;
    const slimscale_allocator allocator = heap.allocator();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allocator = &allocator;
    options.threads = 1;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, 9, 7) == SLIMSCALE_OK);
    heap.fail_at = heap.calls + 1;
    CHECK(slimscale_plan(s, 500, 500) == SLIMSCALE_OUT_OF_MEMORY);
    const slimscale_model_info info = describe(model);
    const int width = info.channels[info.channels_length - 1];
    const auto image = reference::random_image(3, 7, 9, 3);
    CHECK(same_bytes(run(s, width, 2, image), upscale(model, {}, width, 2, image)));
    slimscale_close(s);
    CHECK(heap.live == 0);
}

namespace {

// The status and the error of a plan for 320x240.
std::pair<slimscale_status, std::string> plan_with_cap(const slimscale_model *model, size_t cap, int band_rows,
                                                       slimscale_plan_info &info) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.memory_cap = cap;
    options.band_rows = band_rows;
    options.threads = 2;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
    const slimscale_status status = slimscale_plan(s, 320, 240);
    const std::string text = slimscale_error(s);
    info.size = sizeof info;
    if (status == SLIMSCALE_OK)
        slimscale_plan_describe(s, &info);
    slimscale_close(s);
    return {status, text};
}

}  // namespace

TEST_CASE("a memory cap is kept by lower bands") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    slimscale_plan_info free_plan{}, capped{};
    REQUIRE(plan_with_cap(model, 0, 0, free_plan).first == SLIMSCALE_OK);
    const size_t cap = free_plan.workspace_bytes * 3 / 4;
    REQUIRE(plan_with_cap(model, cap, 0, capped).first == SLIMSCALE_OK);
    CHECK(capped.workspace_bytes <= cap);
    CHECK(capped.band_rows < free_plan.band_rows);
}

TEST_CASE("a memory cap that cannot be kept is refused with the size that would do") {
    for (const char *name :
         {"golden_edsr_x2", "golden_edsr_x4", "golden_rcan_x3", "golden_carn_x4", "golden_carn_m_x2"})
        for (int band_rows : {0, 16, -1}) {
            INFO(name << ", band_rows " << band_rows);
            const slimscale_model *model = model_named(name);
            slimscale_plan_info info{};
            const auto refused = plan_with_cap(model, 100000, band_rows, info);
            REQUIRE(refused.first == SLIMSCALE_OVER_MEMORY_CAP);
            const size_t at = refused.second.find("need ");
            REQUIRE(at != std::string::npos);
            const size_t needed = std::stoul(refused.second.substr(at + 5));
            CHECK(plan_with_cap(model, needed, band_rows, info).first == SLIMSCALE_OK);
            CHECK(info.workspace_bytes == needed);
            CHECK(plan_with_cap(model, needed - 1, band_rows, info).first == SLIMSCALE_OVER_MEMORY_CAP);
        }
}
