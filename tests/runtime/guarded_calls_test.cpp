// Compiled code touches what its arguments describe and nothing else. In every call of a pipeline each buffer lies in
// memory of its own between closed pages, with the scratch that the pipeline draws; what it must not change is
// compared. So do the handle's own allocations and the caller's images. The pictures stay the same to the byte.
#include <HalideRuntime.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "contract/arguments.h"
#include "contract/model.h"
#include "tests/catch.h"
#include "tests/guarded_memory.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/guarded_image.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

struct {
    bool on = false;
    Side side = Side::right;
    int calls = 0, buffers = 0, scratch = 0;
    std::map<void *, GuardedMemory> pieces;  // of scratch in use
    std::string fault;                       // the first
} guards;

// A buffer of a call in memory of its own, which begins at its first value and ends behind its last.
class Apart {
public:
    explicit Apart(halide_buffer_t *buffer)
        : original_(*buffer), buffer_(*buffer), bytes_(span(*buffer)),
          memory_(buffer->host, bytes_, alignment(), guards.side), before_(memory_.data(), memory_.data() + bytes_) {
        buffer_.host = memory_.data();
    }
    halide_buffer_t *buffer() { return &buffer_; }

    bool is_as_before() const { return std::memcmp(before_.data(), memory_.data(), bytes_) == 0; }
    // Takes the values that the buffer describes over; false if others have changed.
    bool give_back() {
        take_over(original_.dimensions - 1, 0);
        std::memcpy(original_.host, before_.data(), bytes_);
        return is_as_before();
    }

private:
    size_t alignment() const { return static_cast<size_t>(original_.type.bytes()); }

    static size_t span(const halide_buffer_t &buffer) {
        int64_t last = 0;
        for (int d = 0; d < buffer.dimensions; d++) {
            if (buffer.dim[d].extent <= 0)
                return 0;
            last += int64_t{buffer.dim[d].extent - 1} * buffer.dim[d].stride;
        }
        return static_cast<size_t>(last + 1) * static_cast<size_t>(buffer.type.bytes());
    }

    void take_over(int dimension, size_t offset) {
        const auto value = alignment();
        if (dimension < 0) {
            std::memcpy(&before_[offset], memory_.data() + offset, value);
            return;
        }
        const halide_dimension_t &d = original_.dim[dimension];
        for (int i = 0; i < d.extent; i++)
            take_over(dimension - 1, offset + static_cast<size_t>(i) * static_cast<size_t>(d.stride) * value);
    }

    halide_buffer_t original_, buffer_;
    size_t bytes_;
    GuardedMemory memory_;
    std::vector<uint8_t> before_;
};

struct Pipeline {
    slimscale_pipeline function = nullptr;
    contract::PipelineKey key;
    std::string name;
};
constexpr size_t kMostPipelines = 128;
std::array<Pipeline, kMostPipelines> pipelines;  // of the guarded target

int call_apart(const Pipeline &pipeline, void **arguments) {
    if (!guards.on)
        return pipeline.function(arguments);
    void *moved[contract::kMostArguments] = {arguments[0]};
    std::list<Apart> inputs, outputs;
    int count = 1;
    for_each_argument(pipeline.key, [&](const contract::Argument &argument, int) {
        moved[count] = arguments[count];
        if (argument.kind == contract::Kind::buffer) {
            auto &list = argument.arg == contract::Arg::output ? outputs : inputs;
            moved[count] = list.emplace_back(static_cast<halide_buffer_t *>(arguments[count])).buffer();
            guards.buffers++;
        }
        count++;
    });
    const int status = pipeline.function(moved);
    guards.calls++;
    for (Apart &input : inputs)
        if (!input.is_as_before() && guards.fault.empty())
            guards.fault = pipeline.name + " writes to an input";
    for (Apart &output : outputs)
        if (!output.give_back() && guards.fault.empty())
            guards.fault = pipeline.name + " writes between the values of its output";
    return status;
}

template <size_t index>
int call_one(void **arguments) {
    return call_apart(pipelines[index], arguments);
}
template <size_t... index>
constexpr std::array<slimscale_pipeline, kMostPipelines> all_calls(std::index_sequence<index...>) {
    return {call_one<index>...};
}
constexpr std::array<slimscale_pipeline, kMostPipelines> kCalls = all_calls(std::make_index_sequence<kMostPipelines>());

// The model with one target, whose pipelines are called as above.
struct GuardedModel {
    slimscale_model model;
    slimscale_compiled_target target;

    GuardedModel(const slimscale_model &sound, int which) : model(sound), target(sound.targets[which]) {
        REQUIRE(static_cast<size_t>(sound.pipeline_count) <= kMostPipelines);
        for (int i = 0; i < sound.pipeline_count; i++) {
            Pipeline &pipeline = pipelines[static_cast<size_t>(i)];
            pipeline.function = target.pipelines[i];
            pipeline.name = sound.pipeline_names[i];
            REQUIRE(contract::parse_pipeline(sound.pipeline_names[i], pipeline.key.pipeline));
            REQUIRE(contract::parse_target(target.name, pipeline.key.target));
        }
        target.pipelines = kCalls.data();
        model.targets = &target;
        model.target_names = &target.name;
        model.target_count = 1;
    }
};

// Every allocation of a handle between closed pages.
struct GuardedHeap {
    std::map<void *, GuardedMemory> pieces;

    slimscale_allocator allocator() {
        return {this,
                [](void *self, size_t bytes, size_t alignment) -> void * {
                    GuardedMemory piece(bytes, alignment, guards.side);
                    void *data = piece.data();
                    static_cast<GuardedHeap *>(self)->pieces.emplace(data, std::move(piece));
                    return data;
                },
                [](void *self, void *memory) { static_cast<GuardedHeap *>(self)->pieces.erase(memory); }};
    }
};

std::vector<unsigned char> run_guarded(const slimscale_model &model, int channels, int band_rows, int width, int height,
                                       int scale, bool guarded) {
    GuardedHeap heap;
    const slimscale_allocator allocator = heap.allocator();
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allocator = &allocator;
    options.channels = &channels;
    options.channels_length = 1;
    options.allow_untrained = 1;
    options.threads = 1;
    options.band_rows = band_rows;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(&model, &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, width, height) == SLIMSCALE_OK);
    GuardedImage input(SLIMSCALE_I420, width, height, guards.side),
        output(SLIMSCALE_PLANAR_F32, width * scale, height * scale, guards.side);
    input.fill(5);
    output.set(1);  // a luma network leaves two of three planes alone
    guards.on = guarded;
    const slimscale_status status = slimscale_run(s, nullptr, &input.image, &output.image, nullptr);
    guards.on = false;
    INFO(slimscale_error(s));
    CHECK(status == SLIMSCALE_OK);
    slimscale_close(s);
    CHECK(heap.pieces.empty());
    return output.bytes();
}

}  // namespace

// The linker gives these the calls of compiled code (--wrap): see CMakeLists.txt.
extern "C" void *__real_slimscale_halide_malloc(void *context, size_t bytes);
extern "C" void __real_slimscale_halide_free(void *context, void *memory);
extern "C" void *__wrap_slimscale_halide_malloc(void *context, size_t bytes);
extern "C" void __wrap_slimscale_halide_free(void *context, void *memory);

void *__wrap_slimscale_halide_malloc(void *context, size_t bytes) {
    if (!guards.on)
        return __real_slimscale_halide_malloc(context, bytes);
    guards.scratch++;
    GuardedMemory piece(bytes, 64, guards.side);
    void *data = piece.data();
    guards.pieces.emplace(data, std::move(piece));
    return data;
}

void __wrap_slimscale_halide_free(void *context, void *memory) {
    if (guards.pieces.erase(memory) == 0)
        __real_slimscale_halide_free(context, memory);
}

TEST_CASE("compiled code touches nothing outside of its buffers and its scratch") {
    guards.scratch = 0;
    for (const slimscale_model *sound : all_models()) {
        const slimscale_model_info info = describe(sound);
        for (int t = 0; t < info.target_count; t++) {
            if (!info.runnable[t] || sound->targets[t].device != SLIMSCALE_DEVICE_CPU)
                continue;
            const GuardedModel guarded(*sound, t);
            for (const int channels : {info.channels[0], info.channels[info.channels_length - 1]})
                for (const auto &[width, height] : {std::pair{1, 1}, std::pair{5, 18}, std::pair{37, 7}})
                    for (const int band_rows : {4, -1})
                        for (const Side side : {Side::left, Side::right}) {
                            guards.side = side;
                            guards.calls = guards.buffers = 0;
                            const auto run = [&](bool on) {
                                return run_guarded(guarded.model, channels, band_rows, width, height, info.scale, on);
                            };
                            INFO(info.name << " on " << info.targets[t] << " at " << channels << ", " << width << " x "
                                           << height << ", bands of " << band_rows);
                            CHECK(run(true) == run(false));
                            CHECK(guards.fault == "");
                            CHECK(guards.calls > 0);
                            CHECK(guards.buffers >= 2 * guards.calls);  // what is read, what is written
                            CHECK(guards.pieces.empty());
                        }
        }
    }
    CHECK(guards.scratch > 0);
}

namespace {

int reach = 0;  // values behind the output's last one

int reaching_pipeline(void **arguments) {
    const auto *output = static_cast<halide_buffer_t *>(arguments[1]);
    reinterpret_cast<volatile float *>(output->host)[output->dim[0].extent - 1 + reach] = 1;
    return 0;
}

// Whether a process of its own lives through a call of a pipeline that writes `values` behind its output.
bool lives(int values) {
    const pid_t child = fork();
    if (child == 0) {
        float memory[64] = {};
        halide_dimension_t dims[2] = {{0, 8, 1}, {0, 1, 8}};
        halide_buffer_t buffer{};
        buffer.host = reinterpret_cast<uint8_t *>(memory);
        buffer.type = halide_type_of<float>();
        buffer.dimensions = 2;
        buffer.dim = dims;
        reach = values;
        signal(SIGSEGV, SIG_DFL);
        Apart apart(&buffer);
        void *arguments[] = {nullptr, apart.buffer()};
        reaching_pipeline(arguments);
        _exit(apart.give_back() && memory[7] == 1 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a pipeline that writes a value behind its output ends the program") {
    guards.side = Side::right;
    CHECK(lives(0));
    CHECK_FALSE(lives(1));
}
