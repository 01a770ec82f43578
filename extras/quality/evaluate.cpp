#include "extras/quality/evaluate.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "extras/quality/close_up.h"
#include "extras/quality/measures.h"

namespace slimscale::quality {
namespace {

// A first run touches fresh memory. One shorter than this is repeated, and the faster one counts.
constexpr double kShortMs = 250;

std::string timed(const Upscale &upscale, const Planes &small, Planes &large, double &ms) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    std::string error = upscale(small, large);
    ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    return error;
}

std::string size_error(const Planes &large, const images::Image &original) {
    const Planes wanted{original.width, original.height, original.channels, {}};
    if (large.width == wanted.width && large.height == wanted.height && large.channels == wanted.channels &&
        large.values.size() == wanted.plane_size() * static_cast<size_t>(wanted.channels))
        return "";
    return "the result is " + std::to_string(large.width) + "x" + std::to_string(large.height) + " with " +
           std::to_string(large.channels) + " channels, and the original " + std::to_string(wanted.width) + "x" +
           std::to_string(wanted.height) + " with " + std::to_string(wanted.channels);
}

class Evaluate {
public:
    Evaluate(const std::vector<Subject> &subjects, const EvaluationOptions &options, const Watch &watch)
        : subjects_(subjects), options_(options), watch_(watch) {
        result_.scale = options.scale;
        result_.colors = options.colors;
        for (const Subject &subject : subjects)
            result_.subjects.push_back(subject.name);
    }

    Evaluation run(const std::vector<std::string> &images) {
        for (size_t i = 0; i < images.size(); i++) {
            std::string error;
            try {
                error = run_image(i, images[i]);
            } catch (const std::bad_alloc &) {
                error = "not enough memory for an image of this size";
            }
            if (error.empty())
                continue;
            result_.left_out.push_back({images[i], error});
            if (watch_.left_out)
                watch_.left_out(result_.left_out.back());
        }
        return std::move(result_);
    }

private:
    std::string run_image(size_t index, const std::string &image) {
        Pictures pictures;
        std::string error = watch_.before ? watch_.before(index, image) : "";
        if (error.empty())
            error = make_pictures(image, options_.scale, options_.colors, pictures);
        if (!error.empty())
            return error;
        const Measures measures(pictures.original, options_.scale);
        const images::Image &original = pictures.original;
        ImageScores scores{image, original.width, original.height, measures.of(pictures.bicubic), {}};
        for (const Subject &subject : subjects_) {
            error = run_subject(subject, measures, pictures, scores);
            if (!error.empty())
                return subject.name.name + " with " + std::to_string(subject.name.channels) + " channels (" +
                       subject.name.engine + "): " + error;
        }
        if (watch_.after)
            error = watch_.after(image, pictures);
        if (!error.empty())
            return error;
        if (options_.close_ups)
            keep_close_up(close_up(image, pictures, result_.subjects), result_.close_ups);
        result_.images.push_back(std::move(scores));
        return "";
    }

    std::string run_subject(const Subject &subject, const Measures &measures, Pictures &pictures,
                            ImageScores &scores) {
        const Planes small = to_planes(pictures.small);
        Planes large, mean;
        SubjectScores found;
        std::string error = subject.prepare ? subject.prepare(small.width, small.height) : "";
        if (error.empty())
            error = timed(subject.upscale, small, large, found.ms);
        if (error.empty() && found.ms < kShortMs) {
            double again_ms = 0;
            error = timed(subject.upscale, small, large, again_ms);
            found.ms = std::min(found.ms, again_ms);
        }
        if (error.empty())
            error = size_error(large, pictures.original);
        if (error.empty() && options_.self_ensemble)
            error = self_ensemble(subject.upscale, small, large, mean);
        if (!error.empty())
            return error;
        pictures.results.push_back(to_image(large));
        found.plain = measures.of(pictures.results.back());
        if (options_.self_ensemble) {
            pictures.averages.push_back(to_image(mean));
            found.ensemble = measures.of(pictures.averages.back());
        }
        scores.subjects.push_back(found);
        return "";
    }

    const std::vector<Subject> &subjects_;
    const EvaluationOptions &options_;
    const Watch &watch_;
    Evaluation result_;
};

}  // namespace

Evaluation evaluate(const std::vector<std::string> &images, const std::vector<Subject> &subjects,
                    const EvaluationOptions &options, const Watch &watch) {
    return Evaluate(subjects, options, watch).run(images);
}

}  // namespace slimscale::quality
