#include "runtime/api/self_test.h"

#include <cmath>
#include <cstdio>
#include <cstring>

#include "runtime/api/handle.h"
#include "runtime/api/targets.h"

namespace slimscale::runtime {

namespace {

// The picture's size, for which tiles and vectors are not full, and which has several rows of tiles.
constexpr int kWidth = 37, kHeight = 18;

// In shares of white: a hundredth of a level of 255, as in the tests of targets; narrower arithmetic has larger errors.
constexpr double kTolerance = 0.01 / 255, kNarrowTolerance = 4.0 / 255;

// The picture: ramps, edges and a texture, with values of 0.1 to 0.9.
float pixel(int x, int y, int color) {
    const uint32_t texture = static_cast<uint32_t>(x + 64 * y + 4096 * color) * 2654435761u >> 24;
    const int ramp = x + y + 5 * color, edge = (x / 6 + y / 5) % 2;
    return 0.1f + 0.4f * static_cast<float>(ramp) / (kWidth + kHeight + 15) + 0.25f * static_cast<float>(edge) +
           0.15f * static_cast<float>(texture) / 255;
}

void set_planes(slimscale_image &image, float *samples, int width, int height, int colors) {
    image = SLIMSCALE_IMAGE_INIT;
    image.format = SLIMSCALE_PLANAR_F32;
    image.width = width;
    image.height = height;
    for (int c = 0; c < colors; c++) {
        image.planes[c] = samples + static_cast<ptrdiff_t>(c) * width * height;
        image.strides[c] = static_cast<ptrdiff_t>(width) * static_cast<ptrdiff_t>(sizeof(float));
    }
}

// The outputs of all opened channel counts for the picture on one target, one after the other.
class Outputs {
public:
    slimscale_status run(const slimscale_model &model, const slimscale_options &options, const char *target,
                         Error &error) {
        slimscale_options o = options;
        o.self_test = 0;
        o.target = target;
        o.pool = nullptr;
        o.threads = 1;
        o.memory_cap = 0;
        o.band_rows = 0;
        o.device_images = 0;
        o.processor_count = 0;
        o.error_text = error.text;
        o.error_text_size = sizeof error.text;
        const slimscale_compiled_target *found = find_target(model, target);
        if (found && found->device != SLIMSCALE_DEVICE_CUDA)
            o.cuda_context = o.cuda_stream = nullptr;
        slimscale_handle *s = nullptr;
        error.status = slimscale_open(&model, &o, &s);
        if (error.status == SLIMSCALE_OK)
            run_all(*s, error);
        slimscale_close(s);
        return error.status;
    }
    // The largest difference, and the channels that have it; infinite if a value is a NaN.
    double difference(const Outputs &other, int &channels) const {
        double most = 0;
        channels = channels_[0];
        for (size_t i = 0; i < size_; i++) {
            const double apart = std::fabs(static_cast<double>(values()[i]) - static_cast<double>(other.values()[i]));
            if (apart <= most)
                continue;
            channels = channels_[i / each_];
            if (!(apart < HUGE_VAL))
                return HUGE_VAL;
            most = apart;
        }
        return most;
    }

private:
    const float *values() const { return reinterpret_cast<const float *>(memory_.data()); }

    slimscale_status run_all(slimscale_handle &s, Error &error) {
        const int colors = s.model->colors, out_width = kWidth * s.scale, out_height = kHeight * s.scale;
        const size_t in_size = static_cast<size_t>(kWidth) * kHeight * static_cast<size_t>(colors);
        each_ = static_cast<size_t>(out_width) * static_cast<size_t>(out_height) * static_cast<size_t>(colors);
        size_ = each_ * static_cast<size_t>(s.inputs.width_count);
        if (!memory_.allocate(s.allocator, (size_ + in_size) * sizeof(float)))
            return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the self-test's pictures");
        float *outputs = reinterpret_cast<float *>(memory_.data()), *input = outputs + size_;
        for (int c = 0; c < colors; c++)
            for (int y = 0; y < kHeight; y++)
                for (int x = 0; x < kWidth; x++)
                    input[(c * kHeight + y) * kWidth + x] = pixel(x, y, c);
        if (slimscale_plan(&s, kWidth, kHeight) != SLIMSCALE_OK)
            return error.set(s.error.status, "%s", s.error.text);
        slimscale_image in, out;
        set_planes(in, input, kWidth, kHeight, colors);
        for (int i = 0; i < s.inputs.width_count; i++) {
            slimscale_request request = SLIMSCALE_REQUEST_INIT;
            request.channels = channels_[i] = s.channels[i];
            set_planes(out, outputs + static_cast<size_t>(i) * each_, out_width, out_height, colors);
            if (slimscale_run(&s, &request, &in, &out, nullptr) != SLIMSCALE_OK)
                return error.set(s.error.status, "%s", s.error.text);
        }
        return SLIMSCALE_OK;
    }

    Block memory_;
    size_t each_ = 0, size_ = 0;
    int channels_[kMaxWidths] = {};
};

// The f32 target of processors that needs the fewest instruction sets, of those that run here; null: there is none.
const slimscale_compiled_target *plainest(const slimscale_model &model) {
    for (int i = model.target_count - 1; i >= 0; i--) {
        const slimscale_compiled_target &t = model.targets[i];
        if (t.device == SLIMSCALE_DEVICE_CPU && !t.q16 && runs_here(t))
            return &t;
    }
    return nullptr;
}

void say(slimscale_self_test_result &result, slimscale_status status, const char *text) {
    result.status = status;
    std::snprintf(result.text, sizeof result.text, "%s", text);
}

}  // namespace

void test_target(const slimscale_model &model, const slimscale_options &options, const char *target,
                 slimscale_self_test_result &result) {
    std::snprintf(result.target, sizeof result.target, "%s", target);
    result.channels = 0;
    result.difference = 0;
    const slimscale_compiled_target *tested = find_target(model, target), *plain = plainest(model);
    Error error;
    Outputs found, expected;
    if (found.run(model, options, target, error) != SLIMSCALE_OK)
        return say(result, error.status, error.text);
    if (!plain)
        return say(result, SLIMSCALE_OK, "no other target runs here to compare with");
    if (expected.run(model, options, plain->name, error) != SLIMSCALE_OK)
        return say(result, error.status, error.text);
    result.difference = found.difference(expected, result.channels);
    const bool narrow = tested->q16 || tested->activation_bytes < static_cast<int>(sizeof(float));
    if (result.difference <= (narrow ? kNarrowTolerance : kTolerance))
        return say(result, SLIMSCALE_OK, "");
    error.set(
        SLIMSCALE_SELF_TEST_FAILED,
        "%s and %s differ by %.3g of 255 grey levels at %d channels: one of them computes wrongly on this machine",
        target, plain->name, 255 * result.difference, result.channels);
    say(result, error.status, error.text);
}

slimscale_status open_tested(const slimscale_model &model, const slimscale_options &options, slimscale_handle **out,
                             Error &error) {
    slimscale_options o = options;
    o.self_test = 0;
    o.error_text = error.text;
    o.error_text_size = sizeof error.text;
    Error passed_over;
    const bool automatic = is_automatic(options.target);
    for (int next = -1; next < model.target_count; next++) {
        if (next >= 0)
            o.target = model.targets[next].name;
        error.status = slimscale_open(&model, &o, out);
        if (error.status != SLIMSCALE_OK && next < 0)
            return error.status;
        if (error.status != SLIMSCALE_OK)
            continue;
        slimscale_self_test_result result{};
        const char *target = slimscale_target(*out);
        test_target(model, options, target, result);
        if (result.status == SLIMSCALE_OK) {
            if (passed_over.text[0])
                error.set(SLIMSCALE_OK, "%s", passed_over.text);
            return SLIMSCALE_OK;
        }
        if (next < 0)
            next = static_cast<int>(find_target(model, target) - model.targets);
        slimscale_close(*out);
        *out = nullptr;
        error.set(result.status, "%s", result.text);
        if (!automatic)
            return error.status;
        passed_over.set(SLIMSCALE_OK, "%s was passed over: %s", target, result.text);
    }
    return error.set(SLIMSCALE_SELF_TEST_FAILED, "no target of %s passes its self-test on this machine", model.name);
}

}  // namespace slimscale::runtime
