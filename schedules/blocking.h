// How the fast schedules cut a block into register tiles and strips: numbers that come from tables of measurements
// (schedules/tables.h), or from the rules below where nothing is measured.
#pragma once

#include <string>

#include "Halide.h"
#include "contract/pipeline.h"
#include "schedules/channels.h"

namespace slimscale::schedules {

// Which loop over a Winograd-domain element's products is the outer one: over register tiles of tiles, each of which then
// meets all filters in turn, or over groups of output channels, whose filters stay in the cache while all tiles pass.
enum Order { kTilesOutside,
             kGroupsOutside };

// A block uses some of these (parameters.h lists which); 0 means that it does not use the number.
struct Blocking {
    int lanes = 0;    // channels in a vector: of the output, in tails of the input
    int vectors = 0;  // vectors of output channels in a register tile
    int tiles = 0;    // Winograd tiles in a register tile: at most 8, as 32 columns beyond the last tile are readable
    int pixels = 0;   // pixels in a register tile of other blocks: divides 4, as the output's width is a multiple of 4
    int strip = 0;    // Winograd tiles in a strip, a multiple of `tiles`
    int unroll = 0;   // steps of the reduction over input channels without a branch between them
    int order = kTilesOutside;

    // Whether groups of vectors straddle the filter's blocks of 16 output channels, so that they must be unrolled for
    // constant addresses.
    bool unroll_groups() const { return lanes * vectors % contract::kFilterBlock != 0 && vectors > 1; }
};

// A pipeline that has a blocking, without addend, activation and input image, which the blocking does not depend on.
using Work = contract::Pipeline;

// Return false, with `work` untouched, for pipelines that have no blocking and for texts that name no pipeline.
bool work_of(const contract::Pipeline &pipeline, Work &work);
bool parse_work(std::string_view name, Work &work);

// The rules, from the target's lanes and registers.
Blocking blocking(Channels channels, const Halide::Target &target);  // conv3x3
Blocking ruled_blocking(const Work &work, const Halide::Target &target);

// The bytes of a Winograd tile's transformed inputs (int16 in q16) and products.
int tile_bytes(Channels channels, bool q16);

}  // namespace slimscale::schedules
