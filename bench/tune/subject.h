// Candidates are compiled, compared with the plain schedule, and loaded into this process.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/blocks/call.h"
#include "compiler/compile.h"
#include "schedules/blocking.h"

namespace slimscale::bench {

struct Job {
    std::string pipeline;  // "conv3x3_64_64"
    schedules::Work work;
    generators::Target target;
};

struct Candidate {
    schedules::Blocking blocking;
    std::string refused;  // why it is not timed: it does not compile, or computes something else; "": it is timed
    Entry entry = nullptr;
};

// The outputs that candidates must have, computed by the plain schedule at awkward sizes.
class Reference {
public:
    static Result<Reference> make(const Job &job, const std::string &cache);

    // An error that says how far off the candidate's output is, if rounding does not explain it. Runs the candidate
    // serially, for forked children.
    Status difference(Entry candidate) const;

private:
    struct Sample {
        int width, height;
        Halide::Runtime::Buffer<float> expected;
    };
    std::string pipeline_;
    std::vector<Sample> samples_;
};

// An error if `got` differs from `expected` by more than rounding.
Status output_difference(const Halide::Runtime::Buffer<float> &got, const Halide::Runtime::Buffer<float> &expected);

// Compiles and compares candidates in forked children, `jobs` at a time, until all are done or `go_on` returns false.
// Those in the cache are not compiled again. Candidates that were not reached are removed from the list.
Status prepare(std::vector<Candidate> &candidates, const Job &job, const Reference &reference, const std::string &cache,
               int jobs, const std::function<bool(size_t done)> &go_on);

}  // namespace slimscale::bench
