// The targets ("targets") of contract/targets.inc as the compiler takes them. A target's functions carry its name, and
// the runtime chooses among a model's targets by its own detection of processors and devices (Halide's multi-target
// wrapper assumes features that it does not know to be present).
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "contract/pipeline.h"

namespace slimscale::generators {

using contract::DataType;
using contract::Device;
using contract::Schedule;

struct Target {
    contract::Target id;
    std::string name;      // the target's, printed: "avx2" on command lines and in the runtime's dispatch
    const char *platform;  // Halide's bare triple: what runtime objects are built for
    const char *features;  // appended to the platform
    Schedule schedule;

    bool on(Device device) const { return id.device == device; }
};

bool is_q16(const Target &target);

// Best first, as in contract/targets.inc. A name stands once for each platform that has it.
const std::vector<Target> &all_targets();

// Halide's target string for a target's pipelines: no runtime inside, the caller's context handed to every callback.
std::string halide_target(const Target &target);

std::vector<std::string> platforms();  // the distinct ones

// "avx2,baseline" or a group (cpu, arm, jetson, android) as targets of one platform, the first that has them all, best
// first, without repetition, at least one. Unknown names and mixed platforms are refused with a sentence that says what
// would do. `calibrated`: groups bring their q16 targets.
Result<std::vector<Target>> parse_targets(const std::string &names, bool calibrated);

// With the platform's usual CPU targets where there is none among them: an archive runs without a device, too.
std::vector<Target> with_cpu_targets(const std::vector<Target> &targets);

// The target that a pipeline of `target` is compiled for: q16 targets take all but their convolutions between features
// from the f32 target of the same instructions.
const Target &pipeline_target(const contract::Pipeline &pipeline, const Target &target);

// "slimscale_conv3x3_16_16_f32_avx2"; its argv entry has "_argv" appended.
std::string function_name(const contract::Pipeline &pipeline, const Target &target);

}  // namespace slimscale::generators
