// Calls the C API on small compiled networks with structs whose sizes, strides, formats, counts and versions the fuzzer
// chooses. A call must either say what is wrong or do its work, and it must read and write nothing but what the structs
// describe: planes and structs end before pages that may not be touched.
#include <algorithm>
#include <memory>
#include <vector>

#include "slimscale/slimscale.h"
#include "tests/fuzz/fuzz.h"

using slimscale::fuzz::Guarded;
using slimscale::fuzz::Input;

extern "C" const slimscale_model *const slimscale_models[];  // null-terminated

namespace {

constexpr int kMostSide = 40;                    // of frames that run
constexpr int64_t kMostSpan = int64_t{1} << 36;  // of a plane: address space, not memory
constexpr size_t kMemoryCap = size_t{32} << 20;  // of a plan
constexpr int kFormats = 42;

// Any value that C++ allows an enum of `bits` bits to have. The sanitizers refuse others, although callers in C may
// pass them.
template <class Enum>
Enum any_enum(Input &input, int bits) {
    return static_cast<Enum>(input.number<uint8_t>() & ((1 << bits) - 1));
}

// A struct as a caller has it that was compiled against another version: its first fields, and behind them a page that
// may not be touched. No version ends within a pointer.
template <class Struct>
class Versioned {
public:
    Versioned(Struct value, Input &input) {
        size_t size = sizeof value;
        if (input.below(4) == 0)
            size = input.flag() ? input.number<uint8_t>() / 8u * 8u : size + input.number<uint16_t>();
        value.size = size;
        // The field `size` is always there, and structs are aligned.
        const size_t there = std::max(std::min((size + 7) / 8 * 8, sizeof value), sizeof size);
        memory_ = std::make_unique<Guarded>(&value, there, 8);
    }
    Struct *get() const { return reinterpret_cast<Struct *>(memory_->data()); }

private:
    std::unique_ptr<Guarded> memory_;
};

// Rows that lie `stride` bytes apart, which may be far or backwards. The last byte of all lies before a closed page.
class Plane {
public:
    Plane(size_t row_bytes, int rows, ptrdiff_t stride) {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t apart = rows > 1 ? static_cast<size_t>(std::abs(stride)) : 0;
        const size_t span = apart * static_cast<size_t>(rows - 1) + row_bytes, open = (span + page - 1) / page * page;
        size_ = open + page;
        void *memory = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        FUZZ_EXPECT(memory != MAP_FAILED);
        memory_ = static_cast<uint8_t *>(memory);
        uint8_t *lowest = memory_ + (open - span);
        for (int y = 0; y < rows; y++) {
            uint8_t *row = lowest + static_cast<size_t>(y) * apart;
            uint8_t *begin = memory_ + static_cast<size_t>(row - memory_) / page * page;
            const auto bytes = (static_cast<size_t>(row - begin) + row_bytes + page - 1) / page * page;
            FUZZ_EXPECT(mprotect(begin, bytes, PROT_READ | PROT_WRITE) == 0);
        }
        first_ = stride < 0 && rows > 1 ? lowest + apart * static_cast<size_t>(rows - 1) : lowest;
    }
    ~Plane() { munmap(memory_, size_); }
    Plane(const Plane &) = delete;
    Plane &operator=(const Plane &) = delete;

    uint8_t *first() const { return first_; }

private:
    uint8_t *memory_, *first_ = nullptr;
    size_t size_;
};

// An image that is nearly sound. If its size is one that runs, there is memory for all that it describes; a plane
// without memory points at a closed page.
struct Image {
    slimscale_image fields = SLIMSCALE_IMAGE_INIT;
    std::vector<std::unique_ptr<Plane>> planes;
    bool too_far = false;    // a plane spans more addresses than there are, so the image is not run
    bool too_large = false;  // a plane has no memory: no whole frame is so large, rows to be taken may be

    Image(Input &input, slimscale_format format, int width, int height) {
        fields.format = input.below(16) ? format : any_enum<slimscale_format>(input, 6);
        fields.width = input.below(16) ? width : input.any_int();
        fields.height = input.below(16) ? height : input.any_int();
        if (input.below(4) == 0) {
            fields.matrix = any_enum<slimscale_matrix>(input, 2);
            fields.range = any_enum<slimscale_range>(input, 2);
            fields.siting = any_enum<slimscale_siting>(input, 2);
        }
        if (input.below(32) == 0)
            fields.memory = any_enum<slimscale_memory>(input, 1);
        for (int p = 0; p < 4; p++)
            add_plane(p, input);
    }

private:
    static uint8_t *closed() {
        static auto *page = static_cast<uint8_t *>(mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        return page;
    }

    void add_plane(int p, Input &input) {
        size_t bytes = 0;
        int rows = 0;
        fields.planes[p] = closed();
        fields.strides[p] = static_cast<ptrdiff_t>(input.number<int16_t>());
        if (slimscale_plane_size(fields.format, fields.width, fields.height, p, &bytes, &rows) != SLIMSCALE_OK)
            return;
        FUZZ_EXPECT(bytes >= 1 && rows >= 1 && rows <= fields.height);
        ptrdiff_t stride = static_cast<ptrdiff_t>(bytes);
        switch (input.below(8)) {
        case 0:
            stride = input.number<ptrdiff_t>();
            break;
        case 1:
            stride = input.any_int();
            break;
        case 2:
            stride = -stride - 8 * input.below(16);
            break;
        case 3:
            stride += input.number<uint8_t>();
            break;
        default:
            break;
        }
        fields.strides[p] = stride;
        too_large = too_large || bytes > 4096 || rows > 256;
        if (too_large)
            return;  // larger than any plan: refused before its planes are touched
        if (rows > 1 && (stride > kMostSpan / rows || stride < -kMostSpan / rows)) {
            too_far = true;
            return;
        }
        planes.push_back(std::make_unique<Plane>(bytes, rows, stride));
        fields.planes[p] = planes.back()->first();
        if (input.below(32) == 0)
            fields.planes[p] = nullptr;
    }
};

slimscale_format any_format(Input &input) {
    return static_cast<slimscale_format>(input.below(kFormats));
}

struct Session {
    slimscale_handle *handle = nullptr;
    slimscale_model_info info{};
    uint8_t storage[64];
    int width = 0, height = 0;  // planned

    explicit Session(const slimscale_model *model) {
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.target = "baseline";
        options.threads = 1;
        options.allow_untrained = 1;
        options.memory_cap = kMemoryCap;
        FUZZ_EXPECT(slimscale_open(model, &options, &handle) == SLIMSCALE_OK);
        info.size = sizeof info;
        FUZZ_EXPECT(slimscale_describe(model, &info, storage) == SLIMSCALE_OK);
    }

    void plan(int w, int h) {
        if (slimscale_plan(handle, w, h) != SLIMSCALE_OK) {
            FUZZ_EXPECT(slimscale_error(handle)[0] != 0);
            return;
        }
        FUZZ_EXPECT(w >= 1 && h >= 1);
        width = w, height = h;
    }
    bool runs() const { return width <= kMostSide && height <= kMostSide; }
    void keep_small() {
        if (!runs() || width == 0)
            plan(9, 7);
    }
};

slimscale_request request_of(Session &s, Input &input, const slimscale_profile &profile) {
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    if (input.below(4) == 0)
        request.channels = input.flag() ? s.info.channels[0] : input.any_int();
    if (input.below(8) == 0) {
        request.profile = &profile;
        request.budget_ms = input.number<double>();
        request.frames_per_second = input.flag() ? 0 : input.number<double>();
        request.percentile = input.number<double>();
    }
    return request;
}

void check_report(const Session &s, const slimscale_report &report) {
    if (report.size < sizeof report)
        return;
    FUZZ_EXPECT(std::find(s.info.channels, s.info.channels + s.info.channels_length, report.channels) !=
                s.info.channels + s.info.channels_length);
}

void run_frame(Session &s, Input &input, const slimscale_profile &profile) {
    s.keep_small();
    const Image from(input, any_format(input), s.width, s.height),
        to(input, any_format(input), s.width * s.info.scale, s.height * s.info.scale);
    if (from.too_far || to.too_far)
        return;
    const Versioned<slimscale_image> in(from.fields, input), out(to.fields, input);
    const Versioned<slimscale_request> request(request_of(s, input, profile), input);
    const Versioned<slimscale_report> report(SLIMSCALE_REPORT_INIT, input);
    slimscale_status status;
    if (input.below(4) == 0) {
        uint64_t number = 0;
        status = slimscale_submit(s.handle, request.get(), in.get(), out.get(), nullptr, &number);
        if (status == SLIMSCALE_OK && input.flag())
            slimscale_cancel(s.handle, input.flag() ? number : input.number<uint64_t>());
        if (status == SLIMSCALE_OK)
            status = slimscale_wait(s.handle, number, report.get());
        if (number > 0)  // nobody has submitted a later one
            FUZZ_EXPECT(slimscale_wait(s.handle, number + 1 + input.number<uint32_t>(), nullptr) != SLIMSCALE_OK);
    } else {
        status = slimscale_run(s.handle, request.get(), in.get(), out.get(), report.get());
    }
    FUZZ_EXPECT(status != SLIMSCALE_PIPELINE_FAILED);
    if (status == SLIMSCALE_OK)
        check_report(s, *report.get());
    else
        FUZZ_EXPECT(slimscale_error(s.handle)[0] != 0);
}

// Pushes and takes some rows of a frame that has begun, in the formats that it began with or others.
void move_rows(Session &s, Input &input, slimscale_format from, slimscale_format to) {
    for (int turn = 0; turn < 8 && !input.empty(); turn++) {
        const bool push = input.flag();
        const Image rows(input, push ? from : to, push ? s.width : s.width * s.info.scale, 1 + input.below(24));
        if (rows.too_far || rows.too_large)
            continue;
        const Versioned<slimscale_image> image(rows.fields, input);
        int count = -1;
        const slimscale_status status = push ? slimscale_push_rows(s.handle, image.get(), &count)
                                             : slimscale_take_rows(s.handle, image.get(), &count);
        FUZZ_EXPECT(status != SLIMSCALE_PIPELINE_FAILED);
        if (status == SLIMSCALE_OK)
            FUZZ_EXPECT(count >= 0 && count <= rows.fields.height);
    }
}

void run_rows(Session &s, Input &input, const slimscale_profile &profile) {
    s.keep_small();
    const Image from(input, any_format(input), s.width, s.height),
        to(input, any_format(input), s.width * s.info.scale, s.height * s.info.scale);
    const Versioned<slimscale_image> in(from.fields, input), out(to.fields, input);
    const Versioned<slimscale_request> request(request_of(s, input, profile), input);
    const Versioned<slimscale_rows_info> info({}, input);
    slimscale_describe_rows(s.handle, request.get(), in.get(), out.get(), info.get());
    if (slimscale_begin_rows(s.handle, request.get(), in.get(), out.get()) != SLIMSCALE_OK)
        return;
    FUZZ_EXPECT(slimscale_plan(s.handle, s.width + 1, s.height) == SLIMSCALE_BUSY);
    move_rows(s, input, from.fields.format, to.fields.format);
    FUZZ_EXPECT(slimscale_end_rows(s.handle, nullptr) == SLIMSCALE_OK);
}

// Opens a model with options of any kind, whose lists end before a closed page.
void open_another(const slimscale_model *model, Input &input) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    static const char *const kTargets[] = {"baseline", "naive", "cuda", "", "no such target"};
    options.target = kTargets[input.below(5)];
    int channels[4];
    for (int &c : channels)
        c = input.flag() ? 8 * (1 + input.below(8)) : input.any_int();
    const Guarded list(channels, sizeof channels, alignof(int));
    const int length = input.below(5);
    options.channels = input.flag() ? reinterpret_cast<int *>(list.data() + sizeof channels) - length : nullptr;
    options.channels_length = input.below(8) ? length : std::min(input.any_int(), 0);
    options.allow_untrained = input.flag();
    options.threads = input.below(8) ? input.below(3) : std::min(input.any_int(), 3);
    options.memory_cap = input.flag() ? kMemoryCap : input.number<size_t>() % kMemoryCap;
    options.band_rows = input.any_int();
    options.processor_count = input.below(8) ? 0 : std::min(input.any_int(), 0);
    options.thread_name = input.flag() ? "a name that is longer than fifteen characters" : nullptr;
    char text[24] = "";
    options.error_text = text;
    options.error_text_size = static_cast<size_t>(input.below(static_cast<int>(sizeof text) + 1));
    const Versioned<slimscale_options> versioned(options, input);
    slimscale_handle *s = nullptr;
    const slimscale_status status = slimscale_open(model, versioned.get(), &s);
    FUZZ_EXPECT((status == SLIMSCALE_OK) == (s != nullptr));
    if (s)
        slimscale_plan(s, input.any_int(), input.any_int());
    slimscale_close(s);
}

// Calls the functions that only answer questions.
void ask(Session &s, const slimscale_model *model, Input &input) {
    const Versioned<slimscale_model_info> info({}, input);
    uint8_t storage[64];
    slimscale_describe(model, info.get(), storage);
    const Versioned<slimscale_plan_info> plan({}, input);
    slimscale_plan_describe(s.handle, plan.get());
    const Versioned<slimscale_format_info> format({}, input);
    slimscale_describe_format(any_enum<slimscale_format>(input, 6), format.get());
    size_t bytes = 0;
    int rows = 0;
    const int height = input.any_int();
    if (slimscale_plane_size(any_format(input), input.any_int(), height, input.any_int(), &bytes, &rows) ==
        SLIMSCALE_OK)
        FUZZ_EXPECT(bytes > 0 && rows > 0 && rows <= height);
    slimscale_status_text(static_cast<slimscale_status>(input.number<uint32_t>() >> 1));
    slimscale_reason_text(any_enum<slimscale_reason>(input, 3));
    slimscale_has_ranges(model, input.any_int());
    char name[16];
    for (char &c : name)
        c = input.number<char>();
    name[15] = 0;
    slimscale_format parsed;
    slimscale_parse_format(name, &parsed);
    slimscale_describe_target(model, name, input.any_int(), name, sizeof name);
}

void measure(Session &s, Input &input) {
    s.keep_small();
    const Image from(input, any_format(input), s.width, s.height);
    if (from.too_far)
        return;
    const Versioned<slimscale_image> in(from.fields, input);
    const size_t count = slimscale_range_count(s.handle);
    const Guarded ranges(count * sizeof(float), alignof(float));
    slimscale_measure_ranges(s.handle, input.below(4) ? s.info.channels[0] : input.any_int(), in.get(),
                             reinterpret_cast<float *>(ranges.data()), input.below(8) ? count : input.number<size_t>());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static std::vector<std::unique_ptr<Session>> sessions;
    if (sessions.empty())
        for (int i = 0; slimscale_models[i]; i++)
            sessions.push_back(std::make_unique<Session>(slimscale_models[i]));
    Input input(data, size);
    const auto which = static_cast<size_t>(input.below(static_cast<int>(sessions.size())));
    Session &s = *sessions[which];
    slimscale_profile profile{};
    if (input.below(4) == 0)
        profile = input.number<slimscale_profile>();
    for (int call = 0; call < 6 && !input.empty(); call++) {
        switch (input.below(8)) {
        case 0:
            s.plan(input.any_int(), input.any_int());
            break;
        case 1:
            s.plan(1 + input.below(kMostSide), 1 + input.below(kMostSide));
            break;
        case 2:
            run_rows(s, input, profile);
            break;
        case 3:
            ask(s, slimscale_models[which], input);
            break;
        case 4:
            open_another(slimscale_models[which], input);
            break;
        case 5:
            measure(s, input);
            break;
        default:
            run_frame(s, input, profile);
        }
    }
    return 0;
}
