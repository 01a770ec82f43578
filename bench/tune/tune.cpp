#include "bench/tune/tune.h"

#include <algorithm>

#include "bench/blocks/loaded.h"
#include "bench/peak/clocks.h"
#include "bench/tune/candidates.h"
#include "bench/tune/race.h"

namespace slimscale::bench {

using schedules::Blocking;

namespace {

constexpr double kCompileShare = 0.5;   // of the time that is left; races take the rest
constexpr double kStep = 1.01;          // how much faster a neighbour must be for the search to go on from it
constexpr size_t kMostCandidates = 24;  // of one generation

class Search {
public:
    Search(const Job &job, const Settings &settings, double seconds, Reference reference, Call call,
           const std::function<void(const std::string &)> &say)
        : job_(job), settings_(settings), end_(wall_seconds() + seconds), reference_(std::move(reference)),
          call_(std::move(call)), say_(say) {}

    Result<Outcome> run(const Blocking &old) {
        std::vector<Candidate> first{{old, "", nullptr}};
        const std::string context = job_.pipeline + " on " + job_.target.name + ": ";
        SLIMSCALE_RETURN_IF_ERROR(prepare(first, job_, reference_, settings_.cache, 1, [](size_t) { return true; }),
                                  context);
        if (!first[0].refused.empty())
            return Error{context + "the present blocking is refused: " + first[0].refused};
        best_ = first[0];
        tried_.push_back(old);
        for (bool better = true; better;)
            SLIMSCALE_RETURN_IF_ERROR(advance(better), context);
        return decide(first[0]);
    }

private:
    double left() const { return end_ - wall_seconds(); }

    Subject subject_of(const Candidate &candidate) {
        const auto now = settings_.threads == 1 ? thread_seconds : wall_seconds;
        return {[this, now, entry = candidate.entry](double &ms) -> Status {
                    const double start = now();
                    const int status = call_.run(entry);
                    ms = (now() - start) * 1e3;
                    return status == 0 ? Status() : Error{call_error()};
                },
                {},
                {}};
    }

    Status prepare_candidates(std::vector<Candidate> &candidates) {
        const double last = end_ - (1 - kCompileShare) * left();
        const std::string total = std::to_string(candidates.size());
        SLIMSCALE_RETURN_IF_ERROR(
            prepare(candidates, job_, reference_, settings_.cache, settings_.jobs, [&](size_t done) {
                say_("compiling, " + std::to_string(done) + " of " + total);
                return wall_seconds() < last;
            }));
        for (const Candidate &candidate : candidates)
            tried_.push_back(candidate.blocking);
        const auto is_refused = [](const Candidate &candidate) { return !candidate.refused.empty(); };
        const auto kept = std::remove_if(candidates.begin(), candidates.end(), is_refused);
        refused_ += static_cast<size_t>(candidates.end() - kept);
        candidates.erase(kept, candidates.end());
        timed_ += candidates.size();
        return Status();
    }

    // Runs one generation. `better` receives whether another one is worthwhile.
    Status advance(bool &better) {
        std::vector<Candidate> candidates;
        // The rule's comes first, since the present blocking may be that of another number of channels.
        if (const Blocking ruled = schedules::ruled_blocking(job_.work, target()); !is_tried(ruled)) {
            candidates.push_back({ruled, "", nullptr});
            tried_.push_back(ruled);
        }
        for (const Blocking &b : neighbours(best_.blocking, job_.work, schedules::isa_of(target()), tried_))
            if (candidates.size() < kMostCandidates)
                candidates.push_back({b, "", nullptr});
        better = false;
        if (candidates.empty())
            return Status();
        const bool all = candidates.size() < kMostCandidates;
        SLIMSCALE_RETURN_IF_ERROR(prepare_candidates(candidates));
        say_("racing " + std::to_string(candidates.size() + 1));
        std::vector<Subject> subjects{subject_of(best_)};
        for (const Candidate &candidate : candidates)
            subjects.push_back(subject_of(candidate));
        const size_t winner = fastest(std::move(subjects));
        const bool ahead =
            winner > 0 && run_off(subject_of(best_), subject_of(candidates[winner - 1])).speedup() > kStep;
        if (ahead)
            best_ = candidates[winner - 1];
        better = left() > 0 && (ahead || !all);
        return Status();
    }

    bool is_tried(const Blocking &blocking) const {
        return std::any_of(tried_.begin(), tried_.end(),
                           [&](const Blocking &tried) { return schedules::same(tried, blocking, job_.work.block); });
    }

    Outcome decide(const Candidate &old) {
        say_("last run-off");
        const Runoff last = run_off(subject_of(old), subject_of(best_));
        const bool other = !schedules::same(old.blocking, best_.blocking, job_.work.block);
        const bool changed = other && last.speedup() >= kMargin;
        return {changed ? best_.blocking : old.blocking,
                last.old_ms,
                changed ? last.new_ms : last.old_ms,
                timed_,
                refused_,
                changed};
    }

    Halide::Target target() const { return Halide::Target(generators::halide_target(job_.work, job_.target)); }

    const Job &job_;
    const Settings &settings_;
    const double end_;
    const Reference reference_;
    Call call_;
    const std::function<void(const std::string &)> &say_;
    Candidate best_;
    std::vector<Blocking> tried_;
    size_t timed_ = 0, refused_ = 0;
};

}  // namespace

Result<Outcome> tune(const Job &job, const Blocking &old, const Settings &settings, double seconds,
                     const std::function<void(const std::string &)> &say) {
    say("computing the expected output");
    SLIMSCALE_ASSIGN_OR_RETURN(Reference reference, Reference::make(job, settings.cache));
    SLIMSCALE_ASSIGN_OR_RETURN(Call call, Call::make(job.pipeline, {settings.width, settings.height}));
    return Search(job, settings, seconds, std::move(reference), std::move(call), say).run(old);
}

}  // namespace slimscale::bench
