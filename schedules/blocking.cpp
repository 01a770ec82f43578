#include "schedules/blocking.h"

#include "contract/arguments.h"
#include "schedules/parameters.h"
#include "schedules/target_facts.h"

namespace slimscale::schedules {

using Halide::Target;

namespace {

using contract::Block;

constexpr int kPixels = 4;

int ruled_conv3x3_vectors(int vectors, int lanes, bool scarce) {
    int best = 1;
    for (int candidate : {2, 3, 4}) {
        // With 16 registers 4 vectors leave room for 2 tiles only, which pays at 4 lanes alone (128 against 118 GF/s).
        const bool fits = candidate != 4 || lanes == 4 || !scarce;
        if (vectors % candidate == 0 && fits)
            best = candidate;
    }
    return best;
}

// Three vectors that hold all channels (24 at 8 lanes) are taken at once. With 32 registers 4 vectors make 16 sums.
int ruled_conv1x1_vectors(int channels, int lanes, bool scarce) {
    if (channels == 3 * lanes)
        return 3;
    if (channels % (4 * lanes) == 0 && !scarce)
        return 4;
    return channels % (2 * lanes) == 0 ? 2 : 1;
}

}  // namespace

int tile_bytes(Channels channels, bool q16) {
    const int input = static_cast<int>(q16 ? sizeof(int16_t) : sizeof(float));
    return contract::kElements * (channels.in * input + channels.out * static_cast<int>(sizeof(float)));
}

bool work_of(const contract::Pipeline &pipeline, Work &work) {
    const bool sound = pipeline.in > 0 && pipeline.out > 0 && pipeline.segments >= 1 && pipeline.segments <= contract::kMostSegments;
    if (!sound || parameters_of(pipeline.block).empty())
        return false;
    work = pipeline;
    work.add = false;
    work.skip = 0;
    work.activation = contract::Activation::none;
    return true;
}

bool parse_work(std::string_view name, Work &work) {
    contract::Pipeline pipeline;
    return parse_pipeline(name, pipeline) && work_of(pipeline, work);
}

Blocking blocking(Channels channels, const Target &target) {
    Blocking b;
    b.lanes = vector_lanes(target, channels.out);
    const bool scarce = vector_registers(target) == 16;
    b.vectors = ruled_conv3x3_vectors(channels.out / b.lanes, b.lanes, scarce);
    b.tiles = !scarce ? 4 : b.vectors == 4 ? 2
                        : b.vectors == 1   ? 8
                                           : 4;
    if (b.lanes == 16) {
        // 16 sums where channels allow, 12 from 3 vectors: with 8, cores that have two 512-bit units wait for results
        // (docs/decisions/0049).
        const int vectors = channels.out / b.lanes;
        b.vectors = vectors % 2 == 0 ? 2 : vectors % 3 == 0 ? 3
                                                            : 1;
        b.tiles = b.vectors == 3 ? 4 : 8;
    }
    b.unroll = 4;
    b.strip = 16;  // longer ones are faster alone and slower in networks, which need the cache (docs/decisions/0050)
    return b;
}

Blocking ruled_blocking(const Work &work, const Target &target) {
    if (work.block == Block::conv3x3)
        return blocking({work.in, work.out}, target);
    Blocking b;
    b.pixels = kPixels;
    if (work.block == Block::conv1x1) {
        b.lanes = vector_lanes(target, work.out);
        b.vectors = ruled_conv1x1_vectors(work.out, b.lanes, vector_registers(target) == 16);
        b.unroll = 4;
    } else if (work.block == Block::head) {
        b.lanes = vector_lanes(target, work.out);
        b.vectors = work.out % (2 * b.lanes) == 0 ? 2 : 1;
    } else {
        b.lanes = vector_lanes(target, work.in);
        b.unroll = 1;
    }
    return b;
}

}  // namespace slimscale::schedules
