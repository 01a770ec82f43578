// The targets of contract/targets.inc with what the compiler needs to know of them. The names of compiled functions
// contain their target. The runtime detects processors and devices itself and chooses among a model's targets, because
// Halide's multi-target wrapper uses features that it has not detected.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "contract/pipeline.h"

namespace slimscale::generators {

using contract::DataType;
using contract::Device;
using contract::Schedule;

// What brings a target into archives besides its name (contract/targets.inc).
enum class BroughtBy : uint8_t { name, cpu, device };

struct Target {
    contract::Target id;
    std::string name;      // of `id`, such as "avx2", on command lines and in the runtime's dispatch
    const char *platform;  // one of platforms(): Halide's target string without features
    const char *features;  // appended to the platform
    Schedule schedule;
    BroughtBy brought_by;

    bool on(Device device) const { return id.device == device; }
};

bool is_q16(const Target &target);

// All targets, best first, as in contract/targets.inc. A name occurs once per platform that has it.
const std::vector<Target> &all_targets();

// Halide's target string for a pipeline of `target`: without a runtime, and with the caller's context passed to every
// callback. Of AMX targets only pipelines in tiles have the feature that Halide forms tiles for, as it brings
// AVX512-FP16 along, which processors without AMX may lack: the others then run there as they are, which tests rely on.
std::string halide_target(const contract::Pipeline &pipeline, const Target &target);

std::vector<std::string> platforms();  // "x86-64-linux" first

// Parses a list of names ("avx2,baseline") or a group (cpu, arm, jetson, android). The result has at least one target,
// best first and each once, all of the first platform that has them all. Unknown names are an error that lists the
// known ones; targets that no platform has together are one, too. `calibrated`: groups include their q16 targets.
// Groups have the targets whose rows say so: not those in AMX tiles, which have
// not been measured yet (docs/decisions/0062 and 0071).
Result<std::vector<Target>> parse_targets(const std::string &names, bool calibrated);

// Adds the platform's CPU targets that devices bring along if `targets` has none, so that an archive also runs without
// a device.
std::vector<Target> with_cpu_targets(const std::vector<Target> &targets);

// The target that a pipeline of `target` is compiled for. q16 targets share the pipelines that touch no activations
// with the f32 target of the same ISA; int8 targets share all but 3x3 convolutions between features with the bf16
// target.
const Target &pipeline_target(const contract::Pipeline &pipeline, const Target &target);

// "slimscale_conv3x3_16_16_f32_avx2"; its argv entry has "_argv" appended.
std::string function_name(const contract::Pipeline &pipeline, const Target &target);

}  // namespace slimscale::generators
