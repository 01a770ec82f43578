// What the library does with a CUDA driver, as a stand-in for the driver sees it (fake_cuda.h): which target it takes,
// what it loads, allocates, waits for and releases, and its errors when the driver refuses. The kernels do nothing
// here.
#include <cstring>
#include <string>
#include <vector>

#include "slimscale/slimscale.h"
#include "slimscale_model_cuda_case.h"
#include "slimscale_model_wide_edsr_x4.h"
#include "tests/catch.h"
#include "tests/cuda/fake_cuda.h"

extern "C" int cuMemAlloc_v2(unsigned long long *address, size_t bytes);
extern "C" int cuMemFree_v2(unsigned long long address);

namespace {

constexpr int kWidth = 13, kHeight = 9, kScale = 2;

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

struct Opened {
    slimscale_handle *handle = nullptr;
    slimscale_status status = SLIMSCALE_OK;
    char error[512] = "";

    explicit Opened(const char *target, slimscale_options options = SLIMSCALE_OPTIONS_INIT,
                    const slimscale_model *model = slimscale_model_cuda_case()) {
        options.target = target;
        options.threads = 1;
        options.allow_untrained = 1;
        options.error_text = error;
        options.error_text_size = sizeof error;
        status = slimscale_open(model, &options, &handle);
    }
    ~Opened() { slimscale_close(handle); }
    Opened(const Opened &) = delete;
    Opened &operator=(const Opened &) = delete;
    std::string target() const { return slimscale_target(handle); }
    std::string text() const { return handle ? slimscale_error(handle) : error; }
};

slimscale_image image(slimscale_format format, void *memory, int width, int height, ptrdiff_t pitch) {
    slimscale_image i = SLIMSCALE_IMAGE_INIT;
    i.format = format;
    i.width = width, i.height = height;
    i.planes[0] = memory;
    i.strides[0] = pitch;
    return i;
}

struct HostFrame {
    std::vector<unsigned char> in = std::vector<unsigned char>(kWidth * kHeight * 3, 9);
    std::vector<unsigned char> out = std::vector<unsigned char>(kWidth * kHeight * 3 * kScale * kScale);

    slimscale_status run(slimscale_handle *s, int width = 0) {
        const slimscale_image from = image(SLIMSCALE_RGB8, in.data(), kWidth, kHeight, kWidth * 3);
        const slimscale_image to =
            image(SLIMSCALE_RGB8, out.data(), kScale * kWidth, kScale * kHeight, kScale * kWidth * 3);
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = width;
        return slimscale_run(s, &request, &from, &to, nullptr);
    }
};

// Checks that nothing of the driver is still in use, and that no call was made that a program must not make.
void check_nothing_left() {
    const FakeCuda &cuda = *fake_cuda();
    CHECK(cuda.contexts_retained == 0);
    CHECK(cuda.streams == 0);
    CHECK(cuda.modules == 0);
    CHECK(cuda.allocations == 0);
    INFO(cuda.fault);
    CHECK(cuda.faults == 0);
    CHECK(fake_cuda_current() == nullptr);
}

}  // namespace

TEST_CASE("a GPU is taken by itself, runs frames, and all of it is given back") {
    fake_cuda_reset();
    {
        const Opened s("auto");
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(s.target() == "cuda");
        char text[200] = "";
        CHECK(slimscale_describe_target(slimscale_model_cuda_case(), "cuda", 0, text, sizeof text) == SLIMSCALE_OK);
        CHECK(contains(text, "Fake GPU, compute capability 8.6, CUDA 12.4"));
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        HostFrame frame;
        CHECK(frame.run(s.handle) == SLIMSCALE_OK);
        CHECK(fake_cuda()->launches > 3);
        CHECK(fake_cuda()->synchronizes > 0);
        CHECK(fake_cuda_current() == nullptr);
    }
    check_nothing_left();
}

TEST_CASE("without a usable device the CPU is taken and the reason is told") {
    const auto check_cpu = [](const std::string &reason) {
        const Opened s("auto");
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK((s.target() == "avx2" || s.target() == "baseline"));
        char text[300] = "";
        CHECK(slimscale_describe_target(slimscale_model_cuda_case(), "cuda", 0, text, sizeof text) ==
              SLIMSCALE_UNSUPPORTED_TARGET);
        INFO(text);
        CHECK(contains(text, reason));
        const Opened named("cuda");
        CHECK(named.status == SLIMSCALE_UNSUPPORTED_TARGET);
        CHECK(contains(named.text(), reason));
    };
    fake_cuda_reset();
    fake_cuda()->device_count = 0;
    check_cpu("finds no GPU");
    fake_cuda_reset();
    fake_cuda()->init_result = 100;
    check_cpu("CUDA_ERROR_NO_DEVICE");
    fake_cuda_reset();
    fake_cuda()->capability = 61;
    check_cpu("capability 6.1");
    fake_cuda_reset();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.device = 3;
    for (const char *target : {"cuda", "auto"}) {  // a device that is named must exist
        const Opened s(target, options);
        CHECK(s.status == SLIMSCALE_UNSUPPORTED_TARGET);
        CHECK(contains(s.text(), "no CUDA device 3; this machine has 1"));
    }
    check_nothing_left();
}

TEST_CASE("kernels come from the cubin that fits, and from PTX where none does") {
    struct Case {
        int capability, architecture;  // 0: PTX
    };
    // 8.9 and 12.1 run cubins of earlier cards but not Jetson's 8.7, and Jetson runs only its own.
    for (const Case &c : {Case{75, 75}, Case{80, 80}, Case{86, 86}, Case{87, 87}, Case{89, 86}, Case{90, 90},
                          Case{100, 100}, Case{101, 0}, Case{103, 100}, Case{120, 120}, Case{121, 120}, Case{139, 0}}) {
        fake_cuda_reset();
        fake_cuda()->capability = c.capability;
        const Opened s("cuda");
        INFO(c.capability << " " << s.text());
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(fake_cuda()->architecture == c.architecture);
        CHECK((fake_cuda()->ptx_loaded > 0) == (c.architecture == 0));
    }
    fake_cuda_reset();
    fake_cuda()->takes_cubins = false;  // like a driver that is older than the cubins
    {
        const Opened s("cuda");
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(fake_cuda()->ptx_loaded > 0);
    }
    fake_cuda()->takes_ptx = false;
    {
        const Opened s("cuda");
        CHECK(s.status == SLIMSCALE_DEVICE_FAILED);
        CHECK(contains(s.text(), "line 1: fatal"));
        CHECK(contains(s.text(), "CUDA_ERROR_INVALID_PTX"));
    }
    check_nothing_left();
}

TEST_CASE("all kernels are loaded by open, for the opened widths only") {
    fake_cuda_reset();
    slimscale_options narrow = SLIMSCALE_OPTIONS_INIT;
    slimscale_model_info info{};
    info.size = sizeof info;
    uint8_t storage[64];
    REQUIRE(slimscale_describe(slimscale_model_cuda_case(), &info, storage) == SLIMSCALE_OK);
    narrow.channels = info.channels;
    narrow.channels_length = 1;
    int narrow_modules = 0;
    {
        const Opened s("cuda", narrow);
        REQUIRE(s.status == SLIMSCALE_OK);
        narrow_modules = fake_cuda()->modules;
        const int lookups = fake_cuda()->lookups;
        CHECK(lookups >= narrow_modules);
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        CHECK(HostFrame().run(s.handle) == SLIMSCALE_OK);
        CHECK(fake_cuda()->modules == narrow_modules);
        CHECK(fake_cuda()->lookups == lookups);
    }
    const Opened all("cuda");
    REQUIRE(all.status == SLIMSCALE_OK);
    CHECK(fake_cuda()->modules > narrow_modules);
}

TEST_CASE("an allocation that fails leaves the handle as it was") {
    fake_cuda_reset();
    {
        slimscale_options whole_frames = SLIMSCALE_OPTIONS_INIT;
        whole_frames.band_rows = -1;
        const Opened s("cuda", whole_frames);
        REQUIRE(s.status == SLIMSCALE_OK);
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        const int before = fake_cuda()->allocations;
        fake_cuda()->failing_allocation = 1;
        CHECK(slimscale_plan(s.handle, 64, 48) == SLIMSCALE_OUT_OF_MEMORY);
        CHECK(contains(s.text(), "CUDA_ERROR_OUT_OF_MEMORY"));
        CHECK(fake_cuda()->allocations == before);
        CHECK(HostFrame().run(s.handle) == SLIMSCALE_OK);  // with the plan from before
        CHECK(slimscale_plan(s.handle, 64, 48) == SLIMSCALE_OK);
        fake_cuda()->failing_allocation = 1;  // that of the filters
        const Opened other("cuda");
        CHECK(other.status == SLIMSCALE_OUT_OF_MEMORY);
        CHECK(other.handle == nullptr);
        fake_cuda()->failing_allocation = 1;
        const Opened automatic("auto");
        CHECK(automatic.status == SLIMSCALE_OK);
        CHECK(automatic.target() != "cuda");
        CHECK(contains(automatic.error, "cuda was passed over: "));
        CHECK(contains(automatic.error, "CUDA_ERROR_OUT_OF_MEMORY"));
    }
    check_nothing_left();
}

TEST_CASE("where a whole frame's memory is not to be had in one piece, bands are taken") {
    fake_cuda_reset();
    const Opened s("cuda");
    constexpr int kFrameWidth = 64, kFrameHeight = 1000;
    slimscale_plan_info whole{}, bands{};
    whole.size = bands.size = sizeof whole;
    REQUIRE(slimscale_plan(s.handle, kFrameWidth, kFrameHeight) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(s.handle, &whole) == SLIMSCALE_OK);
    CHECK(whole.band_rows == kFrameHeight);
    fake_cuda()->largest_allocation = whole.workspace_bytes / 2;
    REQUIRE(slimscale_plan(s.handle, kFrameWidth, kFrameHeight - 1) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(s.handle, &bands) == SLIMSCALE_OK);
    CHECK(bands.band_rows < kFrameHeight / 2);
    CHECK(bands.workspace_bytes < whole.workspace_bytes / 2 + (1 << 20));
    CHECK(std::string(slimscale_error(s.handle)).empty());
    fake_cuda()->largest_allocation = 1000;
    CHECK(slimscale_plan(s.handle, kFrameWidth, kFrameHeight) == SLIMSCALE_OUT_OF_MEMORY);
    CHECK(contains(s.text(), "CUDA_ERROR_OUT_OF_MEMORY"));
}

TEST_CASE("whatever call of the driver fails, it is told and nothing is left behind") {
    int failures = 0;
    for (int n = 1; n < 500; n++) {
        fake_cuda_reset();
        fake_cuda()->failing_call = n;
        {
            const Opened s("cuda");
            HostFrame frame;
            slimscale_status status = s.status;
            if (status == SLIMSCALE_OK)
                status = slimscale_plan(s.handle, kWidth, kHeight);
            if (status == SLIMSCALE_OK)
                status = frame.run(s.handle);
            if (fake_cuda()->failing_call > 0)
                break;                     // fewer calls than n
            if (status == SLIMSCALE_OK) {  // PTX replaces a cubin that is refused
                CHECK(fake_cuda()->ptx_loaded == 1);
                continue;
            }
            failures++;
            INFO("call " << n << ": " << s.text());
            CHECK((status == SLIMSCALE_DEVICE_FAILED || status == SLIMSCALE_UNSUPPORTED_TARGET));
            CHECK(contains(s.text(), "CUDA_ERROR_UNKNOWN"));
            CHECK(fake_cuda()->pending_copies == 0);  // the caller's memory is no longer in use
        }
        check_nothing_left();
    }
    CHECK(failures > 50);
}

TEST_CASE("a context that cannot be entered any more: told by every call, and its memory left alone") {
    fake_cuda_reset();
    const int allocations = fake_cuda()->allocations;
    {
        const Opened s("cuda");
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        HostFrame frame;
        fake_cuda()->failing_push = 1;
        CHECK(frame.run(s.handle) == SLIMSCALE_DEVICE_FAILED);
        fake_cuda()->failing_push = 1;
        CHECK(slimscale_plan(s.handle, 5, 5) == SLIMSCALE_DEVICE_FAILED);
        fake_cuda()->failing_push = 1;
        CHECK(slimscale_synchronize(s.handle) == SLIMSCALE_DEVICE_FAILED);
        CHECK(frame.run(s.handle) == SLIMSCALE_OK);
        fake_cuda()->failing_push = 1;  // that of close
    }
    CHECK(fake_cuda()->allocations == allocations + 2);
    CHECK(fake_cuda()->faults == 0);
    CHECK(fake_cuda_current() == nullptr);
    fake_cuda_forget();
}

TEST_CASE("a device with little memory left gets bands, or a sentence that names what would do") {
    fake_cuda_reset();
    const Opened s("cuda");
    REQUIRE(s.status == SLIMSCALE_OK);
    constexpr int kSide = 400;
    slimscale_plan_info plan{};
    plan.size = sizeof plan;
    REQUIRE(slimscale_plan(s.handle, kSide, kSide) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(s.handle, &plan) == SLIMSCALE_OK);
    CHECK(plan.band_rows == kSide);
    const size_t whole = plan.workspace_bytes;
    constexpr size_t kReserve = size_t{32} << 20;  // left to the driver
    fake_cuda()->free_bytes = kReserve + whole / 2;
    REQUIRE(slimscale_plan(s.handle, kSide, kSide + 1) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(s.handle, &plan) == SLIMSCALE_OK);
    CHECK(plan.band_rows < kSide);
    CHECK(plan.workspace_bytes <= whole / 2);
    fake_cuda()->free_bytes = kReserve + 4096;
    CHECK(slimscale_plan(s.handle, kSide, kSide) == SLIMSCALE_OUT_OF_MEMORY);
    CHECK(contains(s.text(), "it has 4096 left"));
}

TEST_CASE("a launch that fails is told in the driver's words, and the next frame runs") {
    fake_cuda_reset();
    const Opened s("cuda");
    REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
    HostFrame frame;
    REQUIRE(frame.run(s.handle) == SLIMSCALE_OK);
    for (const int launch : {1, 2, 5}) {
        fake_cuda()->failing_launch = launch;
        CHECK(frame.run(s.handle) == SLIMSCALE_DEVICE_FAILED);
        CHECK(s.text() == "a kernel was not launched: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (the stand-in's words)");
        CHECK(fake_cuda()->pending_copies == 0);
        CHECK(frame.run(s.handle) == SLIMSCALE_OK);
    }
    CHECK(fake_cuda_current() == nullptr);
}

TEST_CASE("a kernel that fails takes the context with it: every call says so, and close survives") {
    for (const bool at_launch : {true, false}) {
        fake_cuda_reset();
        {
            const Opened s("cuda");
            REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
            HostFrame frame;
            fake_cuda()->launch_error = 719;
            (at_launch ? fake_cuda()->failing_launch : fake_cuda()->failing_synchronize) = 1;
            for (int again = 0; again < 3; again++) {
                CHECK(frame.run(s.handle) == SLIMSCALE_DEVICE_FAILED);
                CHECK(contains(s.text(), "CUDA_ERROR_LAUNCH_FAILED"));
                CHECK(contains(s.text(), "close the handle"));
            }
            CHECK(slimscale_plan(s.handle, 5, 5) == SLIMSCALE_DEVICE_FAILED);
            CHECK(slimscale_synchronize(s.handle) == SLIMSCALE_DEVICE_FAILED);
        }
        check_nothing_left();
    }
}

TEST_CASE("device images on the caller's stream: nothing waits, and its context stays as it was") {
    fake_cuda_reset();
    unsigned long long in = 0, out = 0;
    void *const callers_current = fake_cuda_context();
    fake_cuda_make_current(callers_current);
    constexpr int kPitch = 64;  // bytes between rows of 39 bytes
    REQUIRE(cuMemAlloc_v2(&in, kPitch * kHeight) == 0);
    REQUIRE(cuMemAlloc_v2(&out, kScale * kPitch * kScale * kHeight) == 0);
    {
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.cuda_context = fake_cuda_context();
        options.cuda_stream = fake_cuda_stream();
        const Opened s("cuda", options);
        INFO(s.text());
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(fake_cuda()->contexts_retained == 0);
        CHECK(fake_cuda()->streams == 0);
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        slimscale_image from = image(SLIMSCALE_RGB8, reinterpret_cast<void *>(in), kWidth, kHeight, kPitch);
        slimscale_image to =
            image(SLIMSCALE_RGB8, reinterpret_cast<void *>(out), kScale * kWidth, kScale * kHeight, kScale * kPitch);
        from.memory = to.memory = SLIMSCALE_CUDA_MEMORY;
        const int synchronizes = fake_cuda()->synchronizes, copies = fake_cuda()->copies;
        CHECK(slimscale_run(s.handle, nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
        CHECK(fake_cuda()->synchronizes == synchronizes);
        CHECK(fake_cuda()->copies == copies);
        CHECK(fake_cuda()->last_stream == fake_cuda_stream());
        CHECK(fake_cuda_current() == callers_current);
        CHECK(slimscale_synchronize(s.handle) == SLIMSCALE_OK);
        CHECK(fake_cuda()->synchronizes == synchronizes + 1);
        CHECK(HostFrame().run(s.handle) == SLIMSCALE_OK);
        CHECK(fake_cuda()->last_stream == fake_cuda_stream());
    }
    CHECK(fake_cuda_current() == callers_current);
    REQUIRE(cuMemFree_v2(in) == 0);
    REQUIRE(cuMemFree_v2(out) == 0);
    fake_cuda_make_current(nullptr);
    check_nothing_left();
}

TEST_CASE("a context without a stream gets one of the handle's own, a stream alone names its context") {
    fake_cuda_reset();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.cuda_context = fake_cuda_context();
    {
        const Opened s("cuda", options);
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(fake_cuda()->streams == 1);
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        CHECK(HostFrame().run(s.handle) == SLIMSCALE_OK);
        CHECK(fake_cuda()->last_stream == slimscale_cuda_stream(s.handle));
        CHECK(slimscale_cuda_stream(s.handle) != nullptr);
    }
    options.cuda_context = nullptr;
    options.cuda_stream = fake_cuda_stream();
    {
        const Opened s("cuda", options);
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(fake_cuda()->contexts_retained == 0);
        CHECK(slimscale_cuda_stream(s.handle) == fake_cuda_stream());
    }
    check_nothing_left();
}

TEST_CASE("a plan for device images holds no staging and takes no host images") {
    fake_cuda_reset();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.device_images = 1;
    const Opened lean("cuda", options), usual("cuda");
    slimscale_plan_info without{}, with{};
    without.size = with.size = sizeof with;
    REQUIRE(slimscale_plan(lean.handle, kWidth, kHeight) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(usual.handle, kWidth, kHeight) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(lean.handle, &without) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(usual.handle, &with) == SLIMSCALE_OK);
    CHECK(with.workspace_bytes - without.workspace_bytes >= kWidth * kHeight * 16u * (1 + kScale * kScale));
    CHECK(HostFrame().run(lean.handle) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("every format goes through a device, with padded rows and upwards") {
    fake_cuda_reset();
    {
        const Opened s("cuda");
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        for (int f = 0; slimscale_format_name(static_cast<slimscale_format>(f)); f++) {
            const auto format = static_cast<slimscale_format>(f);
            slimscale_format_info described{};
            described.size = sizeof described;
            REQUIRE(slimscale_describe_format(format, &described) == SLIMSCALE_OK);
            if (described.model == SLIMSCALE_MODEL_GRAY)
                continue;
            constexpr int kPitch = 256, kOutPitch = 512;
            std::vector<unsigned char> in(kPitch * kHeight * 3), out(kOutPitch * kScale * kHeight * 3);
            slimscale_image from = image(format, in.data(), kWidth, kHeight, kPitch);
            slimscale_image to = image(format, out.data(), kScale * kWidth, kScale * kHeight, kOutPitch);
            for (int p = 1; p < 3; p++) {
                from.planes[p] = in.data() + p * kPitch * kHeight;
                to.planes[p] = out.data() + p * kOutPitch * kScale * kHeight;
                from.strides[p] = kPitch, to.strides[p] = kOutPitch;
            }
            to.planes[0] = out.data() + kOutPitch * (kScale * kHeight - 1);
            to.strides[0] = -kOutPitch;
            INFO(slimscale_format_name(format));
            CHECK(slimscale_run(s.handle, nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
        }
    }
    check_nothing_left();
}

TEST_CASE("a decoder's frames on the device are a launch in and two out, in another format if need be") {
    fake_cuda_reset();
    unsigned long long memory = 0;
    constexpr int kPitch = 256, kRows = kScale * kHeight;
    fake_cuda_make_current(fake_cuda_context());
    REQUIRE(cuMemAlloc_v2(&memory, 4 * kPitch * kRows) == 0);
    {
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.cuda_context = fake_cuda_context();
        const Opened s("cuda", options);
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        const auto frame = [&](slimscale_format format, int width, int height, int place) {
            slimscale_image i =
                image(format, reinterpret_cast<void *>(memory + place * kPitch * kRows), width, height, kPitch);
            i.planes[1] = reinterpret_cast<void *>(memory + (place + 1) * kPitch * kRows);
            i.strides[1] = kPitch;
            i.memory = SLIMSCALE_CUDA_MEMORY;
            return i;
        };
        const auto launches = [&](slimscale_format in, slimscale_format out) {
            const slimscale_image from = frame(in, kWidth, kHeight, 0), to = frame(out, kScale * kWidth, kRows, 2);
            const int before = fake_cuda()->launches, copies = fake_cuda()->copies;
            CHECK(slimscale_run(s.handle, nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
            CHECK(fake_cuda()->copies == copies);
            return fake_cuda()->launches - before;
        };
        launches(SLIMSCALE_RGB8, SLIMSCALE_RGB8);  // clears borders
        const int rgb = launches(SLIMSCALE_RGB8, SLIMSCALE_RGB8);
        CHECK(launches(SLIMSCALE_NV12, SLIMSCALE_RGB8) == rgb);
        CHECK(launches(SLIMSCALE_NV12, SLIMSCALE_NV12) == rgb + 1);
        CHECK(launches(SLIMSCALE_P010, SLIMSCALE_BGRA8) == rgb);
        CHECK(launches(SLIMSCALE_RGBA8, SLIMSCALE_RGBA8) == rgb + 1);  // alpha is brought along

        slimscale_image from = frame(SLIMSCALE_NV12, kWidth, kHeight, 0);
        const slimscale_image to = frame(SLIMSCALE_RGB8, kScale * kWidth, kRows, 2);
        from.strides[1] = ptrdiff_t{1} << 30;
        CHECK(slimscale_run(s.handle, nullptr, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
        CHECK(contains(s.text(), "kernels index up to"));
    }
    REQUIRE(cuMemFree_v2(memory) == 0);
    fake_cuda_make_current(nullptr);
    check_nothing_left();
}

TEST_CASE("frames allocate nothing, whatever the width") {
    fake_cuda_reset();
    const Opened s("cuda");
    REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
    slimscale_model_info info{};
    info.size = sizeof info;
    uint8_t storage[64];
    REQUIRE(slimscale_describe(slimscale_model_cuda_case(), &info, storage) == SLIMSCALE_OK);
    REQUIRE(info.channels_length > 1);
    HostFrame frame;
    fake_cuda()->failing_allocation = 1;
    for (int round = 0; round < 3; round++)
        for (int w = 0; w < info.channels_length; w++)
            CHECK(frame.run(s.handle, info.channels[w]) == SLIMSCALE_OK);
    CHECK(fake_cuda()->failing_allocation == 1);
}

TEST_CASE("a profile is of the GPU") {
    fake_cuda_reset();
    const Opened s("cuda");
    slimscale_profile table;
    REQUIRE(slimscale_measure_profile(s.handle, 50, &table) == SLIMSCALE_OK);
    CHECK(contains(table.machine, "Fake GPU"));
    REQUIRE(table.cost_count > 0);
    CHECK(std::string(table.costs[0].target) == "cuda");
    CHECK(table.costs[0].threads == 1);
}

TEST_CASE("a profile of a handle for device images has memory for its own pictures") {
    fake_cuda_reset();
    {
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.device_images = 1;
        const Opened s("cuda", options);
        slimscale_profile table;
        CHECK(slimscale_measure_profile(s.handle, 50, &table) == SLIMSCALE_OK);
        CHECK(table.cost_count > 0);
    }
    check_nothing_left();
}

TEST_CASE("what does not fit together is refused") {
    fake_cuda_reset();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.cuda_context = fake_cuda_context();
    const Opened on_cpu("baseline", options);
    CHECK(on_cpu.status == SLIMSCALE_INVALID_ARGUMENT);

    const Opened cpu("baseline");
    REQUIRE(slimscale_plan(cpu.handle, kWidth, kHeight) == SLIMSCALE_OK);
    std::vector<unsigned char> in(kWidth * kHeight * 3), out(in.size() * kScale * kScale);
    slimscale_image from = image(SLIMSCALE_RGB8, in.data(), kWidth, kHeight, kWidth * 3);
    const slimscale_image to =
        image(SLIMSCALE_RGB8, out.data(), kScale * kWidth, kScale * kHeight, kScale * kWidth * 3);
    from.memory = SLIMSCALE_CUDA_MEMORY;
    CHECK(slimscale_run(cpu.handle, nullptr, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(contains(slimscale_error(cpu.handle), "\"cuda\" target"));
    CHECK(slimscale_synchronize(cpu.handle) == SLIMSCALE_OK);
    check_nothing_left();
}

TEST_CASE("rows in device memory that are too far apart for a kernel's indices are refused, however far") {
    fake_cuda_reset();
    {
        const Opened gpu("cuda");
        REQUIRE(slimscale_plan(gpu.handle, kWidth, kHeight) == SLIMSCALE_OK);
        std::vector<unsigned char> out(kWidth * kHeight * 3 * kScale * kScale);
        const slimscale_image to =
            image(SLIMSCALE_RGB8, out.data(), kScale * kWidth, kScale * kHeight, kScale * kWidth * 3);
        unsigned char anywhere = 0;
        for (const int64_t apart : {int64_t{1} << 31, int64_t{1} << 62, INT64_MAX, -(int64_t{1} << 31), INT64_MIN}) {
            slimscale_image from = image(SLIMSCALE_RGB8, &anywhere, kWidth, kHeight, apart);
            from.memory = SLIMSCALE_CUDA_MEMORY;
            CHECK(slimscale_run(gpu.handle, nullptr, &from, &to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
            CHECK(contains(slimscale_error(gpu.handle), "kernels index"));
        }
    }
    check_nothing_left();
}

TEST_CASE("ranges are not measured on a device, and that is said") {
    fake_cuda_reset();
    {
        const Opened s("cuda");
        REQUIRE(s.status == SLIMSCALE_OK);
        REQUIRE(slimscale_plan(s.handle, kWidth, kHeight) == SLIMSCALE_OK);
        std::vector<float> ranges(slimscale_range_count(s.handle));
        HostFrame frame;
        const slimscale_image from = image(SLIMSCALE_RGB8, frame.in.data(), kWidth, kHeight, kWidth * 3);
        const int launches = fake_cuda()->launches;
        CHECK(slimscale_measure_ranges(s.handle, 16, &from, ranges.data(), ranges.size()) ==
              SLIMSCALE_UNSUPPORTED_TARGET);
        CHECK(contains(s.text(), "measured on a processor in f32 and the handle runs on cuda"));
        CHECK(fake_cuda()->launches == launches);
    }
    check_nothing_left();
}

namespace {

// The launches of a frame of the network with convolutions by Winograd, at 128 channels.
int launches_at(slimscale_handle *s, int width, int height) {
    constexpr int kWideScale = 4;
    REQUIRE(slimscale_plan(s, width, height) == SLIMSCALE_OK);
    const int row = 3 * width;
    const size_t bytes = static_cast<size_t>(row) * static_cast<size_t>(height);
    std::vector<unsigned char> in(bytes, 9), out(bytes * kWideScale * kWideScale);
    const slimscale_image from = image(SLIMSCALE_RGB8, in.data(), width, height, row);
    const slimscale_image to =
        image(SLIMSCALE_RGB8, out.data(), kWideScale * width, kWideScale * height, kWideScale * width * 3);
    const slimscale_request request = SLIMSCALE_REQUEST_INIT;
    REQUIRE(slimscale_run(s, &request, &from, &to, nullptr) == SLIMSCALE_OK);  // the first one clears borders
    const int before = fake_cuda()->launches;
    REQUIRE(slimscale_run(s, &request, &from, &to, nullptr) == SLIMSCALE_OK);
    return fake_cuda()->launches - before;
}

}  // namespace

TEST_CASE("convolutions by Winograd go in chunks of rows, inside of the plan's memory") {
    fake_cuda_reset();
    {
        const int wide = 128;
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.channels = &wide, options.channels_length = 1;
        options.band_rows = -1;
        const Opened s("cuda", options, slimscale_model_wide_edsr_x4());
        INFO(s.error);
        REQUIRE(s.status == SLIMSCALE_OK);
        // Three convolutions take three launches, and one takes one for its input and two for each of four phases: 18
        // per chunk. A row of 1000 pixels has 250 tiles and a chunk 910, so that 16 or 17 rows are 6 chunks of 3.
        const int in_one = launches_at(s.handle, 64, 64);
        CHECK(launches_at(s.handle, 1000, 64) == in_one + 5 * 18);
    }
    check_nothing_left();
}
