#include "bench/tune/subject.h"

#include <algorithm>
#include <cmath>

#include "bench/blocks/loaded.h"
#include "compiler/files.h"
#include "compiler/process.h"
#include "schedules/parameters.h"

namespace slimscale::bench {

using namespace generators;

namespace {

// Less than a strip, and more than the longest one.
constexpr int kSampleWidths[] = {36, 300};
constexpr int kSampleHeights[] = {8, 4};
// Largest error as a share of the output's standard deviation: as in tests/blocks/compare.h, where it is explained.
constexpr double kTolerance = 1e-4;

Object object_of(const Candidate &candidate, const Job &job, const std::string &cache) {
    return plan_object(job.work, job.tier, schedules::text_of(candidate.blocking, job.work.block), cache, {});
}

std::string library_of(const Object &object) {
    return object.cuda.stem + ".so";
}

std::string compile_and_link(const Object &object, const std::string &library) {
    const std::string error = compile_objects({object}, {}, 1, [](const Object &) {});
    return error.empty() ? link_pipeline(object, library) : error;
}

// Whatever a candidate does, it does in a child of its own. What it computes is looked at before its library gets the
// name that later runs take for right.
std::string prepare_one(const Object &object, const Oracle &oracle) {
    const std::string unproven = library_of(object) + temporary_suffix();
    std::string error = compile_and_link(object, unproven);
    if (error.empty())
        error = run_forked(
            1, 1,
            [&](size_t) {
                const auto entry = load_pipeline(unproven, object.function);
                return entry ? oracle.difference(*entry) : entry.error();
            },
            [](size_t) {});
    return error.empty() ? move_file(unproven, library_of(object)) : error;
}

std::string refusal_of(const Object &object) {
    return object.cuda.stem + ".refused";
}

void load(Candidate &candidate, const Object &object) {
    if (file_exists(refusal_of(object))) {
        const std::string error = read_file(refusal_of(object), candidate.refused);
        candidate.refused += error;
        return;
    }
    const auto entry = load_pipeline(library_of(object), object.function);
    candidate.refused = entry.error();
    candidate.entry = entry ? *entry : nullptr;
}

}  // namespace

std::string output_difference(const Halide::Runtime::Buffer<float> &got,
                              const Halide::Runtime::Buffer<float> &expected) {
    const size_t count = expected.number_of_elements();
    const float *a = got.begin(), *b = expected.begin();
    double sum = 0, squares = 0, worst = 0;
    for (size_t i = 0; i < count; i++) {
        sum += b[i], squares += static_cast<double>(b[i]) * b[i];
        const double error = std::abs(static_cast<double>(a[i]) - b[i]);
        if (std::isnan(error))
            return "it computes something else: not a number";
        worst = std::max(worst, error);
    }
    const auto n = static_cast<double>(count);
    const double deviation = std::sqrt(std::max(0., squares / n - sum / n * (sum / n)));
    if (worst <= kTolerance * deviation)
        return "";
    return "it computes something else: off by " + std::to_string(worst) + " where outputs deviate by " +
           std::to_string(deviation);
}

base::Result<Oracle> Oracle::make(const Job &job, const std::string &cache) {
    std::string error;
    const std::vector<Tier> naive = parse_tiers("naive", false, error);
    if (!error.empty())
        return base::Error{error};
    const Object object = plan_object(job.work, naive[0], "", cache, {});
    error = make_folder(folder_of(object.path()));
    if (error.empty())
        error = compile_and_link(object, library_of(object));
    if (!error.empty())
        return base::Error{error};
    const auto entry = load_pipeline(library_of(object), object.function);
    if (!entry)
        return base::Error{entry.error()};
    Oracle oracle;
    oracle.pipeline_ = job.pipeline;
    for (size_t i = 0; i < std::size(kSampleWidths); i++) {
        auto call = Call::make(job.pipeline, {kSampleWidths[i], kSampleHeights[i]});
        if (!call)
            return base::Error{call.error()};
        if (call->run(*entry) != 0)
            return base::Error{job.pipeline + ": " + call_error()};
        oracle.samples_.push_back({kSampleWidths[i], kSampleHeights[i], call->output()});
    }
    return oracle;
}

std::string Oracle::difference(Entry candidate) const {
    run_serially();
    for (const Sample &sample : samples_) {
        auto call = Call::make(pipeline_, {sample.width, sample.height});
        if (!call)
            return call.error();
        if (call->run(candidate) != 0)
            return call_error();
        if (const std::string error = output_difference(call->output(), sample.expected); !error.empty())
            return error;
    }
    return "";
}

std::string prepare(std::vector<Candidate> &candidates, const Job &job, const Oracle &oracle, const std::string &cache,
                    int jobs, const std::function<bool(size_t done)> &go_on) {
    const auto chunk = static_cast<size_t>(jobs);
    size_t done = 0;
    while (done < candidates.size() && (done == 0 || go_on(done))) {
        const size_t end = std::min(candidates.size(), done + chunk);
        std::vector<Object> missing;
        for (size_t i = done; i < end; i++) {
            const Object object = object_of(candidates[i], job, cache);
            if (!file_exists(library_of(object)) && !file_exists(refusal_of(object)))
                missing.push_back(object);
        }
        // A refusal is a result, not an error of this run.
        const std::string error = run_forked(
            missing.size(), jobs,
            [&](size_t i) {
                const std::string refused = prepare_one(missing[i], oracle);
                return refused.empty() ? "" : write_file(refusal_of(missing[i]), refused);
            },
            [](size_t) {});
        if (!error.empty())
            return error;
        for (; done < end; done++)
            load(candidates[done], object_of(candidates[done], job, cache));
    }
    candidates.resize(done);
    return "";
}

}  // namespace slimscale::bench
