#include "extras/quality/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <new>

#include "base/text.h"
#include "extras/quality/close_up.h"
#include "extras/quality/measures.h"

namespace slimscale::quality {
namespace {

// A run that is shorter is repeated and the faster one counts, since a first run accesses fresh memory.
constexpr double kShortMs = 250;

Status timed(const Upscale &upscale, const Planes &small, Planes &large, double &ms) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    Status status = upscale(small, large);
    ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    return status;
}

Status check_result_size(const Planes &large, const images::Image &original) {
    const Planes wanted{original.width, original.height, original.channels, {}};
    if (large.width == wanted.width && large.height == wanted.height && large.channels == wanted.channels &&
        large.values.size() == wanted.plane_size() * static_cast<size_t>(wanted.channels))
        return Status();
    return Error{"the result is " + base::size_text(large.width, large.height) + " with " +
                 std::to_string(large.channels) + " channels, and the original " +
                 base::size_text(wanted.width, wanted.height) + " with " + std::to_string(wanted.channels)};
}

class Evaluate {
public:
    Evaluate(const std::vector<Subject> &subjects, const EvaluationOptions &options, const Callbacks &callbacks)
        : subjects_(subjects), options_(options), callbacks_(callbacks) {
        result_.scale = options.scale;
        result_.colors = options.colors;
        result_.degrade = options.degrade;
        result_.small_given = !options.small_folder.empty();
        small_.scale = options.scale;
        small_.colors = options.colors;
        small_.folder = options.small_folder;
        if (!options.degrade.empty())
            small_.degradations = *parse_degradations(options.degrade);
        for (const Subject &subject : subjects)
            result_.subjects.push_back(subject.name);
    }

    Evaluation run(const std::vector<std::string> &images) {
        for (size_t i = 0; i < images.size(); i++) {
            Status status;
            try {
                status = run_image(i, images[i]);
            } catch (const std::bad_alloc &) {
                status = Error{"not enough memory for an image of this size"};
            }
            if (status)
                continue;
            result_.left_out.push_back({images[i], status.error()});
            if (callbacks_.left_out)
                callbacks_.left_out(result_.left_out.back());
        }
        judge_small_images();
        return std::move(result_);
    }

private:
    Status run_image(size_t index, const std::string &image) {
        if (callbacks_.before)
            SLIMSCALE_RETURN_IF_ERROR(callbacks_.before(index, image));
        Pictures pictures;
        SLIMSCALE_RETURN_IF_ERROR(make_pictures(image, small_, pictures));
        const Measures measures(pictures.original, options_.scale);
        const images::Image &original = pictures.original;
        ImageScores scores{image, original.width, original.height, measures.of(pictures.bicubic), {}};
        for (const Subject &subject : subjects_)
            SLIMSCALE_RETURN_IF_ERROR(run_subject(subject, measures, pictures, scores),
                                      subject.name.name + " with " + std::to_string(subject.name.channels) +
                                          " channels (" + subject.name.engine + "): ");
        if (callbacks_.after)
            SLIMSCALE_RETURN_IF_ERROR(callbacks_.after(image, pictures));
        if (!small_.folder.empty())
            usual_bicubic_ += measures.of(usual_bicubic(original)).luma.psnr;
        if (options_.close_ups)
            keep_close_up(close_up(image, pictures, result_.subjects), result_.close_ups);
        result_.images.push_back(std::move(scores));
        return Status();
    }

    images::Image usual_bicubic(const images::Image &original) const {
        const images::Image small =
            resized(original, original.width / options_.scale, original.height / options_.scale);
        return resized(small, original.width, original.height);
    }

    // Warns of small images that were not made by an antialiased bicubic, which changes every network's figures.
    void judge_small_images() {
        constexpr double kSuspicious = 0.1;  // dB; rounding and other bicubics of MATLAB's kind stay below 0.02
        if (small_.folder.empty() || result_.images.empty())
            return;
        const double usual = usual_bicubic_ / static_cast<double>(result_.images.size());
        const double given = mean(result_).bicubic.luma.psnr;
        if (std::abs(given - usual) <= kSuspicious)
            return;
        char text[256];
        std::snprintf(
            text, sizeof text,
            "The small images are not made by an antialiased bicubic: enlarged by bicubic they have %.2f dB, and "
            "those that papers use %.2f dB. Figures on them cannot be compared with published ones.",
            given, usual);
        result_.warnings.emplace_back(text);
    }

    Status run_subject(const Subject &subject, const Measures &measures, Pictures &pictures, ImageScores &scores) {
        const Planes small = to_planes(pictures.small);
        Planes large, mean;
        SubjectScores found;
        if (subject.prepare)
            SLIMSCALE_RETURN_IF_ERROR(subject.prepare(small.width, small.height));
        SLIMSCALE_RETURN_IF_ERROR(timed(subject.upscale, small, large, found.ms));
        if (found.ms < kShortMs) {
            double again_ms = 0;
            SLIMSCALE_RETURN_IF_ERROR(timed(subject.upscale, small, large, again_ms));
            found.ms = std::min(found.ms, again_ms);
        }
        SLIMSCALE_RETURN_IF_ERROR(check_result_size(large, pictures.original));
        if (options_.self_ensemble)
            SLIMSCALE_RETURN_IF_ERROR(self_ensemble(subject.upscale, small, large, mean));
        pictures.results.push_back(to_image(large));
        found.plain = measures.of(pictures.results.back());
        if (options_.self_ensemble) {
            pictures.averages.push_back(to_image(mean));
            found.ensemble = measures.of(pictures.averages.back());
        }
        scores.subjects.push_back(found);
        return Status();
    }

    const std::vector<Subject> &subjects_;
    const EvaluationOptions &options_;
    const Callbacks &callbacks_;
    SmallImages small_;
    double usual_bicubic_ = 0;  // bicubic's PSNR on luma with small images as papers make them, summed over images
    Evaluation result_;
};

}  // namespace

Evaluation evaluate(const std::vector<std::string> &images, const std::vector<Subject> &subjects,
                    const EvaluationOptions &options, const Callbacks &callbacks) {
    return Evaluate(subjects, options, callbacks).run(images);
}

}  // namespace slimscale::quality
