// The targets ("tiers") of contract/targets.inc as the compiler takes them. A target's functions carry its name, and
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

struct Tier {
    contract::Target target;
    std::string name;      // the target's, printed: "avx2" on command lines and in the runtime's dispatch
    const char *platform;  // Halide's bare triple: what runtime objects are built for
    const char *features;  // appended to the platform
    Schedule schedule;

    bool on(Device device) const { return target.device == device; }
};

bool is_q16(const Tier &tier);

// Best first, as in contract/targets.inc. A name stands once for each platform that has it.
const std::vector<Tier> &all_tiers();

// Halide's target string for a tier's pipelines: no runtime inside, the caller's context handed to every callback.
std::string halide_target(const Tier &tier);

std::vector<std::string> platforms();  // the distinct ones

// "avx2,baseline" or a group (cpu, arm, jetson, android) as tiers of one platform, the first that has them all, best
// first, without repetition, at least one. Unknown names and mixed platforms are refused with a sentence that says what
// would do. `calibrated`: groups bring their q16 tiers.
Result<std::vector<Tier>> parse_tiers(const std::string &names, bool calibrated);

// With the platform's usual CPU tiers where there is none among them: an archive runs without a device, too.
std::vector<Tier> with_cpu_tiers(const std::vector<Tier> &tiers);

// The tier that a pipeline of `tier` is compiled for: q16 tiers take all but their convolutions between features from
// the f32 tier of the same instructions.
const Tier &pipeline_tier(const contract::Pipeline &pipeline, const Tier &tier);

// "slimscale_conv3x3_16_16_f32_avx2"; its argv entry has "_argv" appended.
std::string function_name(const contract::Pipeline &pipeline, const Tier &tier);

}  // namespace slimscale::generators
