// The one list of CPU targets ("tiers") that pipelines are compiled for. A tier's functions carry its name, and the
// runtime chooses among a model's tiers by its own CPU detection (Halide's multi-target wrapper assumes features that
// it does not know to be present).
#pragma once

#include <string>
#include <vector>

namespace slimscale::generators {

struct Tier {
    const char *name;      // "avx2": in function names, in the runtime's dispatch, on command lines
    const char *platform;  // Halide's bare triple: what runtime objects are built for
    const char *features;  // appended to the platform
    const char *schedule;  // "fast" or "naive", as in schedules/
};

const std::vector<Tier> &all_tiers();  // best first

// NVIDIA GPUs. Not among all_tiers(): the runtime cannot choose it yet. PTX for capability 7.5, the oldest that ptxas 13
// assembles; it refuses PTX that is newer than the GPU it assembles for.
const Tier &cuda_tier();

// Halide's target string for a tier's pipelines: no runtime inside, the caller's context handed to every callback.
std::string halide_target(const Tier &tier);

std::vector<std::string> platforms();  // the distinct ones

// "avx2,baseline" or a group, "cpu" or "arm", as tiers, best first, without repetition. Unknown names and mixed
// platforms are refused: then the result is empty and `error` says what would do.
std::vector<Tier> parse_tiers(const std::string &names, std::string &error);

// "slimscale_conv3x3_16_16_f32_avx2"; its argv entry has "_argv" appended.
std::string function_name(const std::string &pipeline, const Tier &tier);

}  // namespace slimscale::generators
