// The pipelines for images on devices load and store every format as the formulas in double precision say, in awkward
// sizes. The rows of images lie between pages that nobody may touch, and between guard values on devices.
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "runtime/gpu/pixels.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/guarded_image.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;
using namespace slimscale::runtime;
using namespace slimscale::runtime::gpu;

// The targets with pipelines for images: plain loops and GPUs. A GPU's buffers begin with their first value, so GPUs
// get no image whose rows run backwards.
std::vector<TestTarget> image_targets() {
    std::vector<TestTarget> list{naive_target()};
    for (const TestTarget &target : targets())
        if (target.on_gpu() && !target.in_f16())
            list.push_back(target);
    return list;
}

// ---- Calls by the arguments' names ----------------------------------------------------------------------------------

// A buffer in host memory, any strides.
struct View {
    halide_buffer_t buffer{};
    halide_dimension_t dims[3]{};

    View(void *origin, halide_type_t type, std::initializer_list<Dim> shape) {
        for (const Dim &d : shape)
            dims[buffer.dimensions++] =
                halide_dimension_t(0, static_cast<int32_t>(d.extent), static_cast<int32_t>(d.stride));
        buffer.host = static_cast<uint8_t *>(origin);
        buffer.type = type;
        buffer.dim = dims;
    }
    explicit View(const Words &w) : View(w.origin, w.type, {w.columns, w.rows}) {}
    View(const View &) = delete;
    View &operator=(const View &) = delete;

    size_t bytes() const {
        int64_t last = 0;
        for (int i = 0; i < buffer.dimensions; i++)
            last += int64_t{dims[i].extent - 1} * dims[i].stride;
        return static_cast<size_t>((last + 1) * buffer.type.bytes());
    }
    // The offset of every value, in bytes.
    std::vector<size_t> places() const {
        std::vector<size_t> all{0};
        for (int i = 0; i < buffer.dimensions; i++) {
            std::vector<size_t> next;
            for (int k = 0; k < dims[i].extent; k++)
                for (const size_t place : all)
                    next.push_back(place + static_cast<size_t>(int64_t{k} * dims[i].stride * buffer.type.bytes()));
            all = next;
        }
        return all;
    }
};

// The memory of a view on a device. What lies between its values is guard values.
class OnDevice {
public:
    OnDevice(View &host, const TestTarget &target) : host_(host), memory_(host.bytes(), target) {
        for (size_t i = 0; i < host_.bytes(); i++)
            memory_.host()[i] = guard(i);
        for_each_byte([&](size_t i) { memory_.host()[i] = host_.buffer.host[i]; });
        memory_.send();
        buffer_ = memory_.view(host_.buffer, host_.buffer.type);
    }
    halide_buffer_t *buffer() { return &buffer_; }

    // Copies the values back, and fails the test if a guard value has changed.
    void bring_back() {
        std::vector<bool> own(host_.bytes());
        memory_.fetch();
        for_each_byte([&](size_t i) {
            host_.buffer.host[i] = memory_.host()[i];
            own[i] = true;
        });
        bool intact = true;
        for (size_t i = 0; i < own.size(); i++)
            intact = intact && (own[i] || memory_.host()[i] == guard(i));
        CHECK(intact);
    }

private:
    static uint8_t guard(size_t i) { return static_cast<uint8_t>(i % 251); }
    template <typename Visit>
    void for_each_byte(Visit visit) const {
        const auto bytes = static_cast<size_t>(host_.buffer.type.bytes());
        for (const size_t place : host_.places())
            for (size_t i = place; i < place + bytes; i++)
                visit(i);
    }

    View &host_;
    DeviceMemory memory_;
    halide_buffer_t buffer_{};
};

template <const auto &kList, size_t kPlace>
auto argument(const contract::Call &call) {
    const void *value = contract::detail::address_of(call, kList[kPlace].arg, 0);
    if (!value)
        throw std::runtime_error(std::string("no argument ") + kList[kPlace].name);
    if constexpr (kList[kPlace].kind == contract::Kind::buffer)
        return static_cast<halide_buffer_t *>(const_cast<void *>(value));
    else if constexpr (kList[kPlace].kind == contract::Kind::integer)
        return *static_cast<const int32_t *>(value);
    else
        return *static_cast<const float *>(value);
}

template <const auto &kList, size_t... kPlaces>
int call_declared(Halide::Callable &compiled, const contract::Call &call, std::index_sequence<kPlaces...>) {
    return compiled(argument<kList, kPlaces>(call)...);
}

// Calls the pipeline with the buffers and what `call` has of other arguments.
template <const auto &kList>
void call_by_names(const std::string &name, const TestTarget &target, contract::Call &call,
                   const std::vector<std::pair<contract::Arg, View *>> &buffers) {
    std::vector<std::unique_ptr<OnDevice>> staged;
    for (const auto &[arg, view] : buffers) {
        if (target.on_gpu())
            staged.push_back(std::make_unique<OnDevice>(*view, target));
        contract::fill(call, arg, 0, target.on_gpu() ? staged.back()->buffer() : &view->buffer);
    }
    const int status = call_declared<kList>(pipeline(name, target), call, std::make_index_sequence<std::size(kList)>());
    REQUIRE(status == 0);
    for (size_t i = 0; i < staged.size(); i++)
        if (buffers[i].first >= contract::Arg::output)
            staged[i]->bring_back();
}

std::string name_of(const char *block, const slimscale_image &image, int colors) {
    return std::string(block) + "_u" + std::to_string(8 * bytes_of(format_of(image.format).word)) + "_" +
           std::to_string(colors);
}

// ---- Frames ---------------------------------------------------------------------------------------------------------

constexpr halide_type_t kFloat(halide_type_float, 32);

ColorTransform network(int colors) {
    return colors == 3 ? ColorTransform{3, 255, {0.4488f, 0.4371f, 0.4040f}} : ColorTransform{1, 1, {0.25f, 0, 0}};
}

void load(const TestTarget &target, const slimscale_image &image, int colors, const LoadCall &load, int row0,
          View &output) {
    const Format &format = format_of(image.format);
    contract::Call call;
    set_arguments(load, image, call);
    call.row0 = row0;
    std::vector<std::unique_ptr<View>> words;
    for (const int c : load.components)
        words.push_back(std::make_unique<View>(words_of(image, c, 0, samples_of(image.height, format.sub_y, c))));
    call_by_names<contract::declared::k_load>(name_of("load", image, colors), target, call,
                                              {{contract::Arg::component0, words[0].get()},
                                               {contract::Arg::component1, words[1].get()},
                                               {contract::Arg::component2, words[2].get()},
                                               {contract::Arg::output, &output}});
}

void check_load(const TestTarget &target, const slimscale_image &image, int colors) {
    const ColorTransform t = network(colors);
    const int width = image.width, row0 = image.height > 2 ? 1 : 0, rows = image.height - row0;
    std::vector<float> numbers(static_cast<size_t>(colors * width * rows));
    View output(numbers.data(), kFloat, {{0, colors, 1}, {0, width, colors}, {0, rows, int64_t{width} * colors}});
    load(target, image, colors, load_call(loading(image, t)), row0, output);
    double worst = 0;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < width; x++) {
            const Numbers want = load_oracle(image, colors, x, y + row0);
            for (int c = 0; c < colors; c++) {
                const int at = (y * width + x) * colors + c;
                const double number = static_cast<double>(numbers[static_cast<size_t>(at)]);
                worst = std::max(worst, std::fabs(number / t.range + static_cast<double>(t.mean[c]) - want.of[c]));
            }
        }
    INFO(target.name << ", " << slimscale_format_name(image.format) << " of " << colors << " colors, matrix "
                     << image.matrix << ", range " << image.range << ", siting " << image.siting << ", " << width << "x"
                     << image.height);
    CHECK(worst < 2e-6 * 4);
}

// Numbers as a network may make them, some beyond black and white, in a ring of rows.
struct MadeUp {
    static constexpr int kBase = 3;
    ColorTransform t;
    int width, ring;
    std::vector<float> rows;

    MadeUp(const ColorTransform &transform, int w, int height) : t(transform), width(w), ring(height + 2) {
        uint32_t seed = 99;
        const int size = width * ring * t.colors;
        rows.resize(static_cast<size_t>(size));
        for (size_t i = 0; i < rows.size(); i++) {
            seed = seed * 1664525u + 1013904223u;
            const float unit = static_cast<float>(seed >> 8) / (1 << 24) * 1.2f - 0.1f;
            rows[i] = (unit - t.mean[i % static_cast<size_t>(t.colors)]) * t.range;
        }
    }
    Numbers operator()(int x, int y) const {
        Numbers n{};
        const int row = (y + kBase) % ring;
        for (int c = 0; c < t.colors; c++) {
            const int at = (row * width + x) * t.colors + c;
            const float value = rows[static_cast<size_t>(at)];
            n.of[c] = static_cast<double>(value) / t.range + static_cast<double>(t.mean[c]);
        }
        return n;
    }
};

// The codes of the input that the output is made from, in a plane each.
std::vector<float> load_codes(const TestTarget &target, const Storing &s) {
    const int colors = s.numbers, planes = colors == 1 ? 4 : 1, pixels = s.input.width * s.input.height;
    std::vector<float> codes(static_cast<size_t>(planes * pixels), NAN);
    for (int c = 0; c < 4; c++) {
        if (!store_call(s, false).takes[c])
            continue;
        const LoadCall one = code_call(s.input, c);
        View plane(codes.data() + (c == kAlpha ? planes - 1 : c) * pixels, kFloat,
                   {{0, colors, 0}, {0, one.width, 1}, {0, one.height, one.width}});
        load(target, s.input, colors, one, 0, plane);
    }
    return codes;
}

void store(const TestTarget &target, const Storing &s, bool chroma, RowRange rows, MadeUp &made,
           std::vector<float> &codes) {
    const int colors = s.numbers, planes = colors == 1 ? 4 : 1;
    if (rows.begin == rows.end)
        return;
    contract::Call call;
    const StoreCall store = store_call(s, chroma);
    set_arguments(store, s, call);
    const int width = call.codes_width.value(), height = call.codes_height.value();
    View input(made.rows.data(), kFloat,
               {{0, colors, 1}, {0, made.width, colors}, {0, made.ring, int64_t{made.width} * colors}});
    View taken(codes.data(), kFloat, {{0, width, 1}, {0, height, width}, {0, planes, s.input.width * s.input.height}});
    call.base[0] = MadeUp::kBase;
    call.ring[0] = made.ring;
    call.row0 = rows.begin;
    std::vector<std::unique_ptr<View>> words;
    for (const int c : store.components)
        words.push_back(std::make_unique<View>(words_of(s.image, c, rows.begin, rows.end - rows.begin)));
    call_by_names<contract::declared::k_store>(name_of("store", s.image, colors), target, call,
                                               {{contract::Arg::input, &input},
                                                {contract::Arg::codes, &taken},
                                                {contract::Arg::output, words[0].get()},
                                                {contract::Arg::output1, words[1].get()},
                                                {contract::Arg::output2, words[2].get()},
                                                {contract::Arg::output3, words[3].get()}});
}

// In steps of codes: half a step of rounding, and the error of floats, which is not small beside steps of 16 bits.
constexpr double kMost = 0.75;

void check_store(const TestTarget &target, const slimscale_image &input, const slimscale_image &output, int colors,
                 int scale) {
    constexpr int kBand = 6;
    MadeUp made(network(colors), output.width, output.height);
    const Storing s = storing(input, output, made.t, scale);
    std::vector<float> codes = load_codes(target, s);
    for (int begin = 0; begin < output.height; begin += kBand) {
        const int end = std::min(begin + kBand, output.height);
        store(target, s, false, {begin, end}, made, codes);
        store(target, s, true, complete_chroma_rows(s, begin, end), made, codes);
    }
    INFO(target.name << ", " << slimscale_format_name(input.format) << " to " << slimscale_format_name(output.format)
                     << " of " << colors << " colors, x" << scale << ", matrix " << input.matrix << " to "
                     << output.matrix << ", range " << input.range << " to " << output.range << ", siting "
                     << input.siting << " to " << output.siting << ", " << input.width << "x" << input.height);
    CHECK(worst_step(input, output, colors, scale, made) < kMost);
}

TEST_CASE("every format is loaded as the formulas say, and nothing beside it is read", "[images]") {
    for (const TestTarget &target : image_targets())
        for (int colors : {3, 1})
            for (const slimscale_format format : formats_of(colors))
                for (const Side side : {Side::left, Side::right}) {
                    GuardedImage image(format, 37, 7, side, side == Side::left && !target.on_gpu());
                    image.fill(5);
                    check_load(target, image.image, colors);
                }
}

TEST_CASE("every format is stored as the formulas say, whatever the input is", "[images]") {
    for (const TestTarget &target : image_targets())
        for (int colors : {3, 1})
            for (const slimscale_format from : formats_of(colors)) {
                GuardedImage input(from, 5, 4);
                input.fill(17);
                const bool all = !target.on_gpu() || from == SLIMSCALE_NV12 || from == SLIMSCALE_RGBA8;
                for (const slimscale_format to :
                     all ? formats_of(colors) : std::vector<slimscale_format>{from, SLIMSCALE_P010, SLIMSCALE_BGRA8}) {
                    GuardedImage output(to, 10, 8, colors == 3 ? Side::left : Side::right,
                                        colors == 3 && !target.on_gpu());
                    output.set(0xff);
                    check_store(target, input.image, output.image, colors, 2);
                }
            }
}

TEST_CASE("matrix, range and siting are arguments, at every scale", "[images]") {
    for (const TestTarget &target : image_targets())
        for (int colors : {3, 1})
            for (int matrix = 0; matrix <= SLIMSCALE_MATRIX_BT2020; matrix++)
                for (int siting = SLIMSCALE_SITING_LEFT; siting <= SLIMSCALE_SITING_TOP_LEFT; siting++)
                    for (int scale = 1; scale <= 4; scale++) {
                        const slimscale_format format = scale % 2 ? SLIMSCALE_NV12 : SLIMSCALE_I422_10;
                        GuardedImage image(format, 7, 5), output(SLIMSCALE_I420, 7 * scale, 5 * scale);
                        image.fill(8);
                        image.image.matrix = static_cast<slimscale_matrix>(matrix);
                        image.image.range = static_cast<slimscale_range>(scale % 3);
                        image.image.siting = static_cast<slimscale_siting>(siting);
                        output.image.siting = static_cast<slimscale_siting>((siting + scale) % 4);
                        check_load(target, image.image, colors);
                        check_store(target, image.image, output.image, colors, scale);
                    }
}

TEST_CASE("frames of every small size", "[images]") {
    for (const TestTarget &target : image_targets())
        for (const slimscale_format format : {SLIMSCALE_I420, SLIMSCALE_P010, SLIMSCALE_NV16, SLIMSCALE_BGRA8})
            for (int colors : {3, 1})
                for (int height = 1; height <= (target.on_gpu() ? 3 : 5); height++)
                    for (int width = 1; width <= (target.on_gpu() ? 3 : 5); width++)
                        for (int scale : {1, 2, 3}) {
                            GuardedImage input(format, width, height), output(format, width * scale, height * scale);
                            input.fill(static_cast<uint32_t>(width));
                            check_load(target, input.image, colors);
                            check_store(target, input.image, output.image, colors, scale);
                        }
}

TEST_CASE("what is no number becomes 0, and what is too large white", "[images]") {
    for (const TestTarget &target : image_targets())
        for (const slimscale_format format : {SLIMSCALE_RGB8, SLIMSCALE_RGB10A2, SLIMSCALE_P016}) {
            GuardedImage input(format, 1, 1), output(format, 2, 2);
            input.fill(1);
            MadeUp made(network(3), 2, 2);
            const Storing s = storing(input.image, output.image, made.t, 2);
            std::vector<float> codes = load_codes(target, s);
            const auto code = [&](float number) {
                std::fill(made.rows.begin(), made.rows.end(), number);
                store(target, s, false, {0, 2}, made, codes);
                return code_at(output.image, 3, 0, 1, 1);
            };
            CAPTURE(target.name, slimscale_format_name(format));
            CHECK(code(NAN) == 0);
            CHECK(code(-INFINITY) == 0);
            CHECK(code(1e9f) == static_cast<double>(s.format->components[0].white()));
        }
}

TEST_CASE("clear writes zeros and nothing else", "[images]") {
    for (const TestTarget &target : image_targets())
        for (int width : {1, 5, 33, 130}) {
            CAPTURE(target.name, width);
            std::vector<uint32_t> words(static_cast<size_t>((width * 3 + 5) * 6), 7);
            View view(words.data(), halide_type_t(halide_type_uint, 32), {{0, width, 3}, {0, 6, width * 3 + 5}});
            contract::Call call;
            call_by_names<contract::declared::k_clear>("clear", target, call, {{contract::Arg::output, &view}});
            size_t zeros = 0;
            for (const uint32_t word : words)
                zeros += word == 0;
            for (const size_t place : view.places())
                REQUIRE(words[place / sizeof(uint32_t)] == 0);
            CHECK(zeros == static_cast<size_t>(width * 6));
        }
}

}  // namespace
