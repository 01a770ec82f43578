// The plain-loop interpreters against PyTorch's outputs (make_goldens.py), in both slicings: this establishes that they
// compute the papers' networks.
#include <set>

#include "networks/reference/reference.h"
#include "tests/golden/compare.h"
#include "tests/reference/program_reference.h"

using namespace slimscale;

namespace {

// On the 0..255 scale. Both sides compute in double precision and differ by the order of sums (1e-10) and the rounding
// of goldens to float (2e-5 at 255). A wrong constant, such as a mean of three digits, makes more than 1e-3.
constexpr double kReferenceTolerance = 1e-3;

using Interpreter = reference::Volume (*)(const networks::Network &, int channels, const reference::Weights &,
                                          const reference::Volume &);

void check_all_cases(Interpreter upscale) {
    for (const std::string &name : golden::case_names()) {
        const golden::Case c = golden::load_case(name);
        for (const golden::Sample &sample : c.samples) {
            INFO(name);
            networks::Network network = c.network;
            network.slicing = sample.slicing;
            golden::check_sample(sample, kReferenceTolerance, [&](const reference::Volume &image) {
                return upscale(network, sample.channels, c.weights, image);
            });
        }
    }
}

}  // namespace

// Else a case whose file is missing would pass.
TEST_CASE("the goldens cover every network at every scale, and luma") {
    std::set<std::string> covered;
    for (const std::string &name : golden::case_names()) {
        const golden::Case c = golden::load_case(name);
        covered.insert(c.network.name);
        const bool sliced_both_ways = c.network.family == networks::Family::carn;
        CHECK(c.samples.size() == (sliced_both_ways ? 6 : 4));
    }
    for (const char *network : {"edsr", "rcan", "carn", "carn_m"})
        for (const char *scale : {"_x2", "_x3", "_x4"})
            CHECK(covered.count(std::string("golden_") + network + scale) == 1);
    CHECK(covered.count("golden_edsr_luma_x2") == 1);
}

TEST_CASE("the graph computes what PyTorch does") {
    check_all_cases(reference::upscale);
}

TEST_CASE("the lowered program computes what PyTorch does") {
    check_all_cases(reference::upscale_program);
}
