#include "bench/tune/subject.h"

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "bench/blocks/loaded.h"
#include "compiler/files.h"
#include "compiler/process.h"
#include "schedules/parameters.h"

namespace slimscale::bench {

using namespace generators;

namespace {

// Sizes less than a strip, and more than the longest one.
constexpr int kSampleWidths[] = {36, 300};
constexpr int kSampleHeights[] = {8, 4};
// The largest error as a share of the output's standard deviation, as tests/blocks/compare.h explains it.
constexpr double kTolerance = 1e-4;

Object object_of(const Candidate &candidate, const Job &job, const std::string &cache) {
    return plan_object(job.work, job.target, schedules::text_of(candidate.blocking, job.work.block), cache, {});
}

std::string library_of(const Object &object) {
    return object.cuda.stem + ".so";
}

Status compile_and_link(const Object &object, const std::string &library) {
    SLIMSCALE_RETURN_IF_ERROR(compile_objects({object}, {}, 1, [](const Object &) {}));
    return link_pipeline(object, library);
}

// Called in a child, so that a candidate can do no harm. Its output is checked before its library gets the name by
// which later runs trust it.
Status prepare_one(const Object &object, const Reference &reference) {
    const std::string unproven = library_of(object) + temporary_suffix();
    SLIMSCALE_RETURN_IF_ERROR(compile_and_link(object, unproven));
    const auto look = [&](size_t) -> Status {
        SLIMSCALE_ASSIGN_OR_RETURN(const Entry entry, load_pipeline(unproven, object.function));
        return reference.difference(entry);
    };
    SLIMSCALE_RETURN_IF_ERROR(run_forked(1, 1, look, [](size_t) {}));
    return move_file(unproven, library_of(object));
}

std::string refusal_of(const Object &object) {
    return object.cuda.stem + ".refused";
}

void load(Candidate &candidate, const Object &object) {
    if (file_exists(refusal_of(object))) {
        const Result<std::string> refused = base::read_text(refusal_of(object));
        candidate.refused = refused ? *refused : refused.error();
        return;
    }
    const auto entry = load_pipeline(library_of(object), object.function);
    candidate.refused = entry.error();
    candidate.entry = entry ? *entry : nullptr;
}

}  // namespace

Status output_difference(const Halide::Runtime::Buffer<float> &got, const Halide::Runtime::Buffer<float> &expected) {
    const size_t count = expected.number_of_elements();
    const float *a = got.begin(), *b = expected.begin();
    double sum = 0, squares = 0, worst = 0;
    for (size_t i = 0; i < count; i++) {
        sum += b[i], squares += static_cast<double>(b[i]) * b[i];
        const double error = std::abs(static_cast<double>(a[i]) - b[i]);
        if (std::isnan(error))
            return Error{"it computes something else: not a number"};
        worst = std::max(worst, error);
    }
    const auto n = static_cast<double>(count);
    const double deviation = std::sqrt(std::max(0., squares / n - sum / n * (sum / n)));
    if (worst <= kTolerance * deviation)
        return Status();
    return Error{"it computes something else: off by " + std::to_string(worst) + " where outputs deviate by " +
                 std::to_string(deviation)};
}

Result<Reference> Reference::make(const Job &job, const std::string &cache) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<Target> naive, parse_targets("naive", false));
    const Object object = plan_object(job.work, naive[0], "", cache, {});
    SLIMSCALE_RETURN_IF_ERROR(make_folder(folder_of(object.path())));
    SLIMSCALE_RETURN_IF_ERROR(compile_and_link(object, library_of(object)));
    SLIMSCALE_ASSIGN_OR_RETURN(const Entry entry, load_pipeline(library_of(object), object.function));
    Reference reference;
    reference.pipeline_ = job.pipeline;
    for (size_t i = 0; i < std::size(kSampleWidths); i++) {
        auto call = Call::make(job.pipeline, {kSampleWidths[i], kSampleHeights[i]});
        if (!call)
            return Error{call.error()};
        if (call->run(entry) != 0)
            return Error{job.pipeline + ": " + call_error()};
        reference.samples_.push_back({kSampleWidths[i], kSampleHeights[i], call->output()});
    }
    return reference;
}

Status Reference::difference(Entry candidate) const {
    run_serially();
    for (const Sample &sample : samples_) {
        SLIMSCALE_ASSIGN_OR_RETURN(Call call, Call::make(pipeline_, {sample.width, sample.height}));
        if (call.run(candidate) != 0)
            return Error{call_error()};
        SLIMSCALE_RETURN_IF_ERROR(output_difference(call.output(), sample.expected));
    }
    return Status();
}

Status prepare(std::vector<Candidate> &candidates, const Job &job, const Reference &reference, const std::string &cache,
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
        // A refused candidate is a result and not an error of this run.
        SLIMSCALE_RETURN_IF_ERROR(run_forked(
            missing.size(), jobs,
            [&](size_t i) {
                const Status refused = prepare_one(missing[i], reference);
                return refused ? Status() : base::write_file(refusal_of(missing[i]), refused.error());
            },
            [](size_t) {}));
        for (; done < end; done++)
            load(candidates[done], object_of(candidates[done], job, cache));
    }
    candidates.resize(done);
    return Status();
}

}  // namespace slimscale::bench
