#include "runtime/api/self_test.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "contract/compiled_target.h"
#include "contract/self_test.h"
#include "runtime/api/handle.h"
#include "runtime/api/open.h"
#include "runtime/api/targets.h"

namespace slimscale::runtime {

namespace {

constexpr int kWidth = contract::kSelfTestWidth, kHeight = contract::kSelfTestHeight;

// In shares of white: a hundredth of a level of 255, as in the tests of targets; narrower arithmetic has larger errors.
constexpr double kTolerance = 0.01 / 255, kNarrowTolerance = 4.0 / 255;

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
    slimscale_status run(const slimscale_model &model, const slimscale_options &options,
                         const slimscale_compiled_target &target, Error &error) {
        slimscale_options o = options;
        o.self_test = 0;
        o.target = target.name;
        o.pool = nullptr;
        o.threads = 1;
        o.memory_cap = 0;
        o.band_rows = 0;
        o.device_images = 0;
        o.processor_count = 0;
        o.error_text = error.text;
        o.error_text_size = sizeof error.text;
        if (target.device != SLIMSCALE_DEVICE_CUDA)
            o.cuda_context = o.cuda_stream = nullptr;
        slimscale_handle *s = nullptr;
        error.status = slimscale_open(&model, &o, &s);
        if (error.status == SLIMSCALE_OK)
            run_all(*s, error);
        slimscale_close(s);
        return error.status;
    }
    int count() const { return count_; }  // of channel counts
    int channels(int i) const { return channels_[i]; }
    // The largest difference at the i-th channel count; infinite if a value is a NaN.
    double difference(int i, const Outputs &other) const { return farthest(output(i), other.output(i), each_); }
    // Between what is stored of the output and the same of this one.
    double difference(int i, const float *stored, const slimscale_model &model) const {
        float numbers[contract::kMostSelfTestNumbers] = {};
        contract::self_test_numbers(output(i), model.scale, model.colors, numbers);
        return farthest(numbers, stored, contract::self_test_count(model.scale, model.colors));
    }

private:
    static double farthest(const float *a, const float *b, size_t count) {
        double most = 0;
        for (size_t i = 0; i < count; i++) {
            const double apart = std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
            if (!(apart < HUGE_VAL))
                return HUGE_VAL;
            most = std::max(most, apart);
        }
        return most;
    }
    const float *output(int i) const {
        return reinterpret_cast<const float *>(memory_.data()) + static_cast<size_t>(i) * each_;
    }

    slimscale_status run_all(slimscale_handle &s, Error &error) {
        const int colors = s.model->colors, out_width = kWidth * s.scale, out_height = kHeight * s.scale;
        const size_t in_size = static_cast<size_t>(kWidth) * kHeight * static_cast<size_t>(colors);
        each_ = static_cast<size_t>(out_width) * static_cast<size_t>(out_height) * static_cast<size_t>(colors);
        count_ = s.inputs.width_count;
        const size_t size = each_ * static_cast<size_t>(count_);
        if (!memory_.allocate(s.allocator, (size + in_size) * sizeof(float)))
            return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the self-test's pictures");
        float *outputs = reinterpret_cast<float *>(memory_.data()), *input = outputs + size;
        for (int c = 0; c < colors; c++)
            for (int y = 0; y < kHeight; y++)
                for (int x = 0; x < kWidth; x++)
                    input[(c * kHeight + y) * kWidth + x] = contract::self_test_pixel(x, y, c);
        if (slimscale_plan(&s, kWidth, kHeight) != SLIMSCALE_OK)
            return error.set(s.error.status, "%s", s.error.text);
        slimscale_image in, out;
        set_planes(in, input, kWidth, kHeight, colors);
        for (int i = 0; i < count_; i++) {
            slimscale_request request = SLIMSCALE_REQUEST_INIT;
            request.channels = channels_[i] = s.channels[i];
            set_planes(out, outputs + static_cast<size_t>(i) * each_, out_width, out_height, colors);
            if (slimscale_run(&s, &request, &in, &out, nullptr) != SLIMSCALE_OK)
                return error.set(s.error.status, "%s", s.error.text);
        }
        return SLIMSCALE_OK;
    }

    Block memory_;
    size_t each_ = 0;  // numbers of one output
    int count_ = 0;
    int channels_[kMaxWidths] = {};
};

// The f32 target of processors that needs the fewest instruction sets, of those that run here; null: there is none.
const slimscale_compiled_target *plainest(const slimscale_model &model) {
    for (int i = model.target_count - 1; i >= 0; i--) {
        const slimscale_compiled_target &t = model.targets[i];
        if (t.device == SLIMSCALE_DEVICE_CPU && contract::type_of(t) == contract::DataType::f32 && runs_here(t))
            return &t;
    }
    return nullptr;
}

// The weights that a handle is opened with. Precondition: a handle has been opened with them.
BlobView weights_of(const slimscale_model &model, const slimscale_options &options) {
    BlobView view;
    open_blob(options.weights ? options.weights : model.blob, options.weights ? options.weights_size : model.blob_size,
              &view);
    return view;
}

void say(slimscale_self_test_result &result, slimscale_status status, const char *text) {
    result.status = status;
    std::snprintf(result.text, sizeof result.text, "%s", text);
}

// One target's test.
class Test {
public:
    Test(const slimscale_model &model, const slimscale_options &options, const slimscale_compiled_target &target,
         slimscale_self_test_result &result)
        : model_(model), options_(options), target_(target), result_(result), plain_(plainest(model)) {}

    void run() {
        if (found_.run(model_, options_, target_, error_) != SLIMSCALE_OK)
            return say(result_, error_.status, error_.text);
        const BlobView weights = weights_of(model_, options_);
        const bool all_stored = compare_with_stored(weights);
        if (!all_stored && plain_ && compare_with_plainest(weights) != SLIMSCALE_OK)
            return say(result_, error_.status, error_.text);
        if (!(result_.difference <= tolerance())) {
            error_.set(SLIMSCALE_SELF_TEST_FAILED,
                       "%s differs by %.3g of 255 grey levels from %s at %d channels: %s computes wrongly on this "
                       "machine",
                       target_.name, 255 * result_.difference, with_, result_.channels,
                       with_ == kStored ? "it" : "one of them");
            return say(result_, error_.status, error_.text);
        }
        const bool vacuous = !all_stored && (!plain_ || plain_ == &target_);
        say(result_, SLIMSCALE_OK,
            vacuous ? "the weights hold no values for the self-test, and no plainer target runs here" : "");
    }

private:
    static constexpr const char *kStored = "the values stored with the weights";

    double tolerance() const {
        return contract::type_of(target_) == contract::DataType::f32 ? kTolerance : kNarrowTolerance;
    }
    void note(double difference, int channels, const char *with) {
        if (result_.channels != 0 && !(difference > result_.difference))
            return;
        result_.difference = difference;
        result_.channels = channels;
        with_ = with;
    }
    // True: the weights hold values for all channel counts.
    bool compare_with_stored(const BlobView &weights) {
        bool all = true;
        for (int i = 0; i < found_.count(); i++) {
            const float *stored = weights.self_test(found_.channels(i));
            all = all && stored;
            if (stored)
                note(found_.difference(i, stored, model_), found_.channels(i), kStored);
        }
        return all;
    }
    slimscale_status compare_with_plainest(const BlobView &weights) {
        Outputs expected;
        if (expected.run(model_, options_, *plain_, error_) != SLIMSCALE_OK)
            return error_.status;
        for (int i = 0; i < found_.count(); i++)
            if (!weights.self_test(found_.channels(i)))
                note(found_.difference(i, expected), found_.channels(i), plain_->name);
        return SLIMSCALE_OK;
    }

    const slimscale_model &model_;
    const slimscale_options &options_;
    const slimscale_compiled_target &target_;
    slimscale_self_test_result &result_;
    const slimscale_compiled_target *plain_;
    const char *with_ = kStored;  // what the largest difference is from
    Outputs found_;
    Error error_;
};

}  // namespace

void test_target(const slimscale_model &model, const slimscale_options &options,
                 const slimscale_compiled_target &target, slimscale_self_test_result &result) {
    std::snprintf(result.target, sizeof result.target, "%s", target.name);
    result.channels = 0;
    result.difference = 0;
    Test(model, options, target, result).run();
}

namespace {

// Tests the targets of an opened handle, each at the channel counts that it runs. Returns the first that fails, with
// `result`; null if all pass.
const slimscale_compiled_target *first_failing(const slimscale_handle &s, const slimscale_options &options,
                                               slimscale_self_test_result &result) {
    const PlanInputs &in = s.inputs;
    for (int i = 0; i < in.width_count; i++) {
        const slimscale_compiled_target *target = in.targets[i];
        if (std::find(in.targets, in.targets + i, target) != in.targets + i)
            continue;
        int channels[kMaxWidths], count = 0;
        for (int k = i; k < in.width_count; k++)
            if (in.targets[k] == target)
                channels[count++] = s.channels[k];
        slimscale_options o = options;
        o.channels = channels;
        o.channels_length = count;
        test_target(*s.model, o, *target, result);
        if (result.status != SLIMSCALE_OK)
            return target;
    }
    return nullptr;
}

}  // namespace

slimscale_status open_tested(const slimscale_model &model, const slimscale_options &options, slimscale_handle **out,
                             Error &error) {
    bool passed_over[kMaxTargets] = {};
    Error note;
    for (;;) {
        if (open_model(model, options, passed_over, out, error) != SLIMSCALE_OK) {
            const bool none_left = note.text[0] && error.status == SLIMSCALE_UNSUPPORTED_TARGET;
            return none_left ? error.set(SLIMSCALE_SELF_TEST_FAILED,
                                         "no target of %s passes its self-test on this machine", model.name)
                             : error.status;
        }
        slimscale_self_test_result result{};
        const slimscale_compiled_target *failing = first_failing(**out, options, result);
        if (!failing)
            return note.text[0] ? error.set(SLIMSCALE_OK, "%s", note.text) : SLIMSCALE_OK;
        slimscale_close(*out);
        *out = nullptr;
        if (!is_automatic(options.target))
            return error.set(result.status, "%s", result.text);
        note.set(SLIMSCALE_OK, "%s was passed over: %s", failing->name, result.text);
        passed_over[failing - model.targets] = true;
    }
}

}  // namespace slimscale::runtime
