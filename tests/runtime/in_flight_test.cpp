// Frames in flight, progress and cancelling, forks, and the names and processors of the library's threads.
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>

#include "networks/reference/reference.h"
#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

constexpr int kWidth = 37, kHeight = 41, kScale = 2;

const slimscale_model *edsr() {
    return model_named("golden_edsr_x2");
}

struct Frame {
    std::vector<uint8_t> in, out;
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;

    explicit Frame(uint8_t seed) : in(kWidth * kHeight * 3), out(in.size() * kScale * kScale) {
        for (size_t i = 0; i < in.size(); i++)
            in[i] = static_cast<uint8_t>((i + seed) * 2654435761u >> 24);
        input.width = kWidth, input.height = kHeight;
        input.planes[0] = in.data(), input.strides[0] = kWidth * 3;
        output.width = kWidth * kScale, output.height = kHeight * kScale;
        output.planes[0] = out.data(), output.strides[0] = kWidth * kScale * 3;
    }
    Frame(const Frame &) = delete;
    Frame &operator=(const Frame &) = delete;
};

struct Opened {
    slimscale_handle *s = nullptr;

    explicit Opened(int threads = 2, slimscale_options options = SLIMSCALE_OPTIONS_INIT) {
        options.threads = threads;
        options.band_rows = 8;
        REQUIRE(slimscale_open(edsr(), &options, &s) == SLIMSCALE_OK);
        REQUIRE(slimscale_plan(s, kWidth, kHeight) == SLIMSCALE_OK);
    }
    ~Opened() { slimscale_close(s); }
    Opened(const Opened &) = delete;
    Opened &operator=(const Opened &) = delete;

    slimscale_status run(Frame &frame, const slimscale_request *request = nullptr) {
        return slimscale_run(s, request, &frame.input, &frame.output, nullptr);
    }
    slimscale_status submit(Frame &frame, uint64_t &number, const slimscale_request *request = nullptr) {
        return slimscale_submit(s, request, &frame.input, &frame.output, nullptr, &number);
    }
    std::string error() const { return slimscale_error(s); }
};

std::vector<uint8_t> expected(uint8_t seed) {
    Opened other(1);
    Frame frame(seed);
    REQUIRE(other.run(frame) == SLIMSCALE_OK);
    return frame.out;
}

// Holds a frame at its first band until it may go on, or cancels it.
struct Gate {
    std::atomic<bool> open{false}, reached{false};
    bool end = false, right_height = true;
    std::vector<int> rows;

    slimscale_request request() {
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.opaque = this;
        request.progress = [](void *self, int complete, int height) {
            auto &gate = *static_cast<Gate *>(self);
            gate.right_height = gate.right_height && height == kHeight;  // Catch's macros work in one thread only
            gate.rows.push_back(complete);
            gate.reached = true;
            while (!gate.open)
                sched_yield();
            return gate.end ? 1 : 0;
        };
        return request;
    }
    void wait() const {
        while (!reached)
            sched_yield();
    }
};

std::vector<std::string> thread_names() {
    std::vector<std::string> names;
    DIR *tasks = opendir("/proc/self/task");
    REQUIRE(tasks);
    while (const dirent *entry = readdir(tasks)) {
        std::ifstream file("/proc/self/task/" + std::string(entry->d_name) + "/comm");
        std::string name;
        if (std::getline(file, name))
            names.push_back(name);
    }
    closedir(tasks);
    return names;
}

}  // namespace

TEST_CASE("frames in flight end in order and hold what slimscale_run gives") {
    const std::vector<uint8_t> wanted[] = {expected(0), expected(1)};
    Opened opened;
    Frame first(0), second(1), third(0);
    Gate gate;
    const slimscale_request request = gate.request();
    uint64_t a = 0, b = 0, c = 0;
    REQUIRE(opened.submit(first, a, &request) == SLIMSCALE_OK);
    REQUIRE(opened.submit(second, b) == SLIMSCALE_OK);
    CHECK(b == a + 1);
    CHECK(opened.submit(third, c) == SLIMSCALE_BUSY);
    CHECK(opened.error().find("2 frames are in flight") != std::string::npos);
    CHECK(opened.run(third) == SLIMSCALE_BUSY);
    CHECK(slimscale_plan(opened.s, 5, 5) == SLIMSCALE_BUSY);
    CHECK(slimscale_plan(opened.s, kWidth, kHeight) == SLIMSCALE_OK);
    gate.open = true;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    REQUIRE(slimscale_wait(opened.s, b, &report) == SLIMSCALE_OK);
    CHECK(report.actual_ms > 0);
    CHECK(slimscale_wait(opened.s, a, nullptr) == SLIMSCALE_OK);
    CHECK(first.out == wanted[0]);
    CHECK(second.out == wanted[1]);
    REQUIRE(opened.submit(third, c) == SLIMSCALE_OK);
    CHECK(slimscale_wait(opened.s, 0, nullptr) == SLIMSCALE_OK);
    CHECK(slimscale_wait(opened.s, a, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_wait(opened.s, c + 1, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(opened.run(first) == SLIMSCALE_OK);
}

TEST_CASE("completion is told once per frame, in order") {
    struct Told {
        std::vector<uint64_t> frames;
        int failed = 0;
    } told;
    Opened opened;
    Frame frames[] = {Frame(0), Frame(1)};
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.opaque = &told;
    for (int i = 0; i < 10; i++) {
        uint64_t number = 0;
        REQUIRE(slimscale_submit(
                    opened.s, &request, &frames[i % 2].input, &frames[i % 2].output,
                    [](void *opaque, uint64_t frame, slimscale_status status, const slimscale_report *report,
                       const char *error) {
                        auto &t = *static_cast<Told *>(opaque);
                        t.frames.push_back(frame);
                        t.failed += status != SLIMSCALE_OK || !report || report->channels == 0 || error[0] != '\0';
                    },
                    &number) == SLIMSCALE_OK);
        if (i > 0)
            REQUIRE(slimscale_wait(opened.s, number - 1, nullptr) == SLIMSCALE_OK);
    }
    REQUIRE(slimscale_wait(opened.s, 0, nullptr) == SLIMSCALE_OK);
    CHECK(told.frames == std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK(told.failed == 0);
}

TEST_CASE("submit refuses what run refuses, and starts nothing") {
    Opened opened;
    Frame frame(0);
    uint64_t number = 77;
    frame.input.width--;
    CHECK(opened.submit(frame, number) != SLIMSCALE_OK);
    CHECK(number == 77);
    CHECK(slimscale_wait(opened.s, 0, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("progress tells every band's rows, up to all of them") {
    for (int threads : {1, 3}) {
        Opened opened(threads);
        Frame frame(0);
        Gate gate;
        gate.open = true;
        const slimscale_request request = gate.request();
        REQUIRE(opened.run(frame, &request) == SLIMSCALE_OK);
        REQUIRE(gate.rows.size() >= 5);
        for (size_t i = 1; i < gate.rows.size(); i++)
            CHECK(gate.rows[i] > gate.rows[i - 1]);
        CHECK(gate.rows.back() == kHeight);
        CHECK(gate.right_height);
        CHECK(frame.out == expected(0));
    }
}

TEST_CASE("a cancelled frame leaves the handle as usable as before") {
    const std::vector<uint8_t> wanted = expected(0);
    for (int threads : {1, 3}) {
        Opened opened(threads);
        Frame frame(0), other(1);
        Gate gate;  // by the progress function
        gate.open = gate.end = true;
        const slimscale_request request = gate.request();
        CHECK(opened.run(frame, &request) == SLIMSCALE_CANCELLED);
        CHECK(gate.rows.size() == 1);
        CHECK(opened.error().find("cancelled") != std::string::npos);
        CHECK(opened.run(frame) == SLIMSCALE_OK);
        CHECK(frame.out == wanted);

        Gate running;  // by slimscale_cancel: one that runs, and one that has not begun
        const slimscale_request stopped = running.request();
        uint64_t a = 0, b = 0;
        REQUIRE(opened.submit(frame, a, &stopped) == SLIMSCALE_OK);
        REQUIRE(opened.submit(other, b) == SLIMSCALE_OK);
        running.wait();
        std::fill(other.out.begin(), other.out.end(), uint8_t{7});
        CHECK(slimscale_cancel(opened.s, 0) == SLIMSCALE_OK);
        running.open = true;
        CHECK(slimscale_wait(opened.s, b, nullptr) == SLIMSCALE_CANCELLED);
        CHECK(slimscale_wait(opened.s, a, nullptr) == SLIMSCALE_CANCELLED);
        CHECK(other.out == std::vector<uint8_t>(other.out.size(), 7));
        CHECK(running.rows.size() == 1);
        std::fill(frame.out.begin(), frame.out.end(), uint8_t{0});
        REQUIRE(opened.submit(frame, a) == SLIMSCALE_OK);
        CHECK(slimscale_wait(opened.s, a, nullptr) == SLIMSCALE_OK);
        CHECK(frame.out == wanted);
    }
}

TEST_CASE("a frame that is whole was not cancelled") {
    const std::vector<uint8_t> wanted = expected(0);
    Opened opened;
    Frame frame(0);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.progress = [](void *, int rows, int height) { return rows == height ? 1 : 0; };
    CHECK(opened.run(frame, &request) == SLIMSCALE_OK);
    CHECK(frame.out == wanted);
}

TEST_CASE("a whole frame is cancelled between its steps") {
    // One band: there is no other place at which it could end before it is whole.
    constexpr int kSide = 300;
    const Handle s = open(model_named("golden_rcan_x2"), {"baseline", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), kSide, kSide) == SLIMSCALE_OK);
    std::vector<float> in(3 * kSide * kSide, 0.5f), out(in.size() * kScale * kScale);
    const slimscale_image input = planar(in, 3, kSide, kSide), output = planar(out, 3, 2 * kSide, 2 * kSide);
    slimscale_status status = SLIMSCALE_OK;
    for (int i = 0; i < 50 && status == SLIMSCALE_OK; i++) {  // a thread that wakes late may find the frame whole
        uint64_t number = 0;
        REQUIRE(slimscale_submit(s.get(), nullptr, &input, &output, nullptr, &number) == SLIMSCALE_OK);
        usleep(static_cast<useconds_t>(1000 * (i % 10)));
        REQUIRE(slimscale_cancel(s.get(), number) == SLIMSCALE_OK);
        status = slimscale_wait(s.get(), number, nullptr);
    }
    CHECK(status == SLIMSCALE_CANCELLED);
    CHECK(std::string(slimscale_error(s.get())).find("after 0 of 300 rows") != std::string::npos);
}

TEST_CASE("a completion function that waits for its own frame is told that it cannot") {
    struct Asked {
        slimscale_handle *s;
        slimscale_status status;
    };
    Opened opened;
    Asked asked{opened.s, SLIMSCALE_OK};
    Frame frame(0);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.opaque = &asked;
    uint64_t number = 0;
    REQUIRE(slimscale_submit(
                opened.s, &request, &frame.input, &frame.output,
                [](void *opaque, uint64_t, slimscale_status, const slimscale_report *, const char *) {
                    auto &a = *static_cast<Asked *>(opaque);
                    a.status = slimscale_wait(a.s, 0, nullptr);
                },
                &number) == SLIMSCALE_OK);
    CHECK(slimscale_wait(opened.s, number, nullptr) == SLIMSCALE_OK);
    CHECK(asked.status == SLIMSCALE_BUSY);
    CHECK(opened.error().find("cannot wait") != std::string::npos);
}

namespace {

std::atomic<int> handled{0};

}  // namespace

TEST_CASE("signals to the process go to the program's own threads") {
    Opened opened(3);
    Frame frame(0);
    Gate gate;
    const slimscale_request request = gate.request();
    uint64_t number = 0;
    REQUIRE(opened.submit(frame, number, &request) == SLIMSCALE_OK);
    gate.wait();
    struct sigaction handler{}, before{};
    handler.sa_handler = [](int) { handled++; };
    REQUIRE(sigaction(SIGUSR1, &handler, &before) == 0);
    sigset_t usr1, mask, pending;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &usr1, &mask) == 0);
    handled = 0;
    REQUIRE(kill(getpid(), SIGUSR1) == 0);
    usleep(100'000);
    CHECK(handled == 0);
    REQUIRE(sigpending(&pending) == 0);
    CHECK(sigismember(&pending, SIGUSR1) == 1);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &mask, nullptr) == 0);
    CHECK(handled == 1);
    gate.open = true;
    CHECK(slimscale_wait(opened.s, number, nullptr) == SLIMSCALE_OK);
    REQUIRE(sigaction(SIGUSR1, &before, nullptr) == 0);
}

namespace {

// What a program does with a handle; 0 if all goes well.
int whole_use() {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = 2;
    options.band_rows = 8;
    options.allow_untrained = 1;
    options.self_test = 1;
    slimscale_handle *s = nullptr;
    if (slimscale_open(edsr(), &options, &s) != SLIMSCALE_OK)
        return 1;
    Frame frame(0);
    slimscale_profile profile;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.profile = &profile;
    request.budget_ms = 1000;
    char text[8000], error[100];
    int count = 0;
    const bool well = slimscale_plan(s, kWidth, kHeight) == SLIMSCALE_OK &&
                      slimscale_measure_profile(s, 50, &profile) == SLIMSCALE_OK &&
                      slimscale_profile_to_text(&profile, text, sizeof text) > 0 &&
                      slimscale_profile_from_text(text, sizeof text, &profile, error, sizeof error) == SLIMSCALE_OK &&
                      slimscale_run(s, &request, &frame.input, &frame.output, nullptr) == SLIMSCALE_OK &&
                      slimscale_submit(s, nullptr, &frame.input, &frame.output, nullptr, nullptr) == SLIMSCALE_OK &&
                      slimscale_wait(s, 0, nullptr) == SLIMSCALE_OK &&
                      slimscale_begin_rows(s, nullptr, &frame.input, &frame.output) == SLIMSCALE_OK &&
                      slimscale_push_rows(s, &frame.input, &count) == SLIMSCALE_OK &&
                      slimscale_take_rows(s, &frame.output, &count) == SLIMSCALE_OK &&
                      slimscale_end_rows(s, nullptr) == SLIMSCALE_OK;
    slimscale_close(s);
    return well ? 0 : 2;
}

}  // namespace

TEST_CASE("a thread with a stack of 128 KB may call everything") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr size_t kStack = 1 << 20;  // sanitizers put bounds around everything on the stack
#else
    constexpr size_t kStack = 128 << 10;  // what slimscale.h says; musl's threads have as much
#endif
    pthread_attr_t small;
    REQUIRE(pthread_attr_init(&small) == 0);
    REQUIRE(pthread_attr_setstacksize(&small, kStack) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(
                &thread, &small, [](void *) { return reinterpret_cast<void *>(static_cast<intptr_t>(whole_use())); },
                nullptr) == 0);
    void *failed = nullptr;
    REQUIRE(pthread_join(thread, &failed) == 0);
    CHECK(failed == nullptr);
    pthread_attr_destroy(&small);
}

TEST_CASE("close cancels what is in flight") {
    Frame frame(0), other(1);
    uint64_t number = 0;
    Opened opened;
    REQUIRE(opened.submit(frame, number) == SLIMSCALE_OK);
    REQUIRE(opened.submit(other, number) == SLIMSCALE_OK);
}

TEST_CASE("a child of fork runs frames on its own thread, and what was in flight has ended there") {
    const std::vector<uint8_t> wanted = expected(0);
    Opened opened(3);
    Frame frame(0), late(0);
    Gate gate;
    const slimscale_request request = gate.request();
    uint64_t number = 0;
    REQUIRE(opened.submit(frame, number, &request) == SLIMSCALE_OK);
    gate.wait();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(30);  // ends the child if it hangs
        int wrong = slimscale_wait(opened.s, number, nullptr) != SLIMSCALE_CANCELLED;
        wrong += 2 * (opened.run(late) != SLIMSCALE_OK || late.out != wanted);
        std::fill(late.out.begin(), late.out.end(), uint8_t{0});
#if !defined(__SANITIZE_THREAD__)  // it has no threads in children of programs with threads
        wrong += 4 * (opened.submit(late, number) != SLIMSCALE_OK ||
                      slimscale_wait(opened.s, number, nullptr) != SLIMSCALE_OK || late.out != wanted);
#endif
        slimscale_close(opened.s);
        _exit(wrong);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    gate.open = true;
    CHECK(slimscale_wait(opened.s, number, nullptr) == SLIMSCALE_OK);
    CHECK(frame.out == wanted);
}

TEST_CASE("the library's threads have names and processors") {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    cpu_set_t allowed;
    REQUIRE(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    int processor = 0;
    while (!CPU_ISSET(processor, &allowed))
        processor++;
    options.processors = &processor;
    options.processor_count = 1;
    options.thread_name = "a camera's upscaler";
    Opened opened(2, options);
    Frame frame(0);
    uint64_t number = 0;
    Gate gate;
    const slimscale_request request = gate.request();
    REQUIRE(opened.submit(frame, number, &request) == SLIMSCALE_OK);
    gate.wait();
    for (const char *name : {"a camera's up/0", "a camera's up/1"}) {
        const auto count = [=] {
            const std::vector<std::string> names = thread_names();
            return std::count(names.begin(), names.end(), name);
        };
        for (int i = 0; i < 1000 && count() == 0; i++)  // a thread names itself when it begins to run
            usleep(5000);
        CHECK(count() == 1);
    }
    gate.open = true;
    REQUIRE(slimscale_wait(opened.s, number, nullptr) == SLIMSCALE_OK);
    CHECK(frame.out == expected(0));

    const int none = 1 << 20;
    char text[200] = "";
    options.processors = &none;
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    CHECK(slimscale_open(edsr(), &options, &s) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(text).find("1048576") != std::string::npos);
}
