#include "schedules/blocking.h"

#include <regex>

#include "schedules/target_facts.h"

namespace slimscale::schedules {

using Halide::Target;

namespace {

constexpr int kFrequencies = 36;
constexpr int kPixels = 4;

int ruled_conv3x3_vectors(int vectors, int lanes, bool scarce) {
    int best = 1;
    for (int candidate : {2, 3, 4}) {
        // With 16 registers 4 vectors leave room for 2 tiles only: worth it at 4 lanes (128 against 118 GF/s).
        const bool fits = candidate != 4 || lanes == 4 || !scarce;
        if (vectors % candidate == 0 && fits) {
            best = candidate;
        }
    }
    return best;
}

// All 3 vectors of 24 channels at a time where a vector is a third of them. 4 with 32 registers: 16 sums.
int ruled_conv1x1_vectors(int channels, int lanes, bool scarce) {
    if (channels == 3 * lanes) {
        return 3;
    }
    if (channels % (4 * lanes) == 0 && !scarce) {
        return 4;
    }
    return channels % (2 * lanes) == 0 ? 2 : 1;
}

}  // namespace

int tile_bytes(Channels channels, bool q16) {
    const int input = static_cast<int>(q16 ? sizeof(int16_t) : sizeof(float));
    return kFrequencies * (channels.in * input + channels.out * static_cast<int>(sizeof(float)));
}

bool parse_work(const std::string &pipeline, Work &work) {
    static const std::regex pattern(
        "(?:(conv3x3)(?:_add)?|(conv1x1)(?:_add)?|(head|tail4?))_(\\d{1,4})_(\\d{1,4})(?:_n([1-4]))?");
    std::smatch match;
    if (!std::regex_match(pipeline, match, pattern) || match[6].matched != match[2].matched) {
        return false;
    }
    work.kind = match[1].str() + match[2].str() + match[3].str();
    work.channels = {std::stoi(match[4]), std::stoi(match[5])};
    work.segments = match[6].matched ? std::stoi(match[6]) : 1;
    return work.channels.in > 0 && work.channels.out > 0;
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
        // 16 sums where channels allow, 12 of 3 vectors: cores with two 512-bit units wait for 8 (docs/decisions.md).
        const int vectors = channels.out / b.lanes;
        b.vectors = vectors % 2 == 0 ? 2 : vectors % 3 == 0 ? 3
                                                            : 1;
        b.tiles = b.vectors == 3 ? 4 : 8;
    }
    b.unroll = 4;
    b.strip = 16;  // longer ones are faster by themselves and slower in networks, which want the cache for more
    return b;
}

Blocking ruled_blocking(const Work &work, const Target &target) {
    if (work.kind == "conv3x3") {
        return blocking(work.channels, target);
    }
    Blocking b;
    b.pixels = kPixels;
    if (work.kind == "conv1x1") {
        b.lanes = vector_lanes(target, work.channels.out);
        b.vectors = ruled_conv1x1_vectors(work.channels.out, b.lanes, vector_registers(target) == 16);
        b.unroll = 4;
    } else if (work.kind == "head") {
        b.lanes = vector_lanes(target, work.channels.out);
        b.vectors = work.channels.out % (2 * b.lanes) == 0 ? 2 : 1;
    } else {
        b.lanes = vector_lanes(target, work.channels.in);
        b.unroll = 1;
    }
    return b;
}

}  // namespace slimscale::schedules
