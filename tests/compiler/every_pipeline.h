// Every kind of pipeline that the rows of contract/blocks.inc declare, so that a new row is tested without being
// listed.
#pragma once

#include <utility>
#include <vector>

#include "contract/arguments.h"
#include "generators/blocks/blocks.h"

namespace slimscale::test {

// The pipelines of a block with every combination of its options, and few channels. Where images
// are read or written there are three colors, or one.
inline std::vector<contract::Pipeline> every_pipeline(contract::Block block, contract::Schedule schedule,
                                                      contract::DataType type) {
    const auto upto = [&](const char *field, int most) { return has_field(block, field) ? most : 0; };
    const auto accepted = [&](contract::Pipeline &p) {
        const int colors = p.taps == 4 || p.sample == contract::Sample::u16 ? 1 : 3;
        for (const auto &[in, out] : {std::pair{16, 24}, {colors, 24}, {16, colors}}) {
            p.in = has_field(block, "in") ? in : 0;
            p.out = has_field(block, "out") ? out : 0;
            if (blocks::block(p, schedule, type))
                return true;
        }
        return false;
    };
    std::vector<contract::Pipeline> all;
    for (int add = 0; add <= upto("add", 1); add++)
        for (int prelu = 0; prelu <= upto("prelu", 1); prelu++)
            for (int skip = 0; skip <= upto("skip", 2); skip++)
                for (int taps = 3; taps <= 3 + upto("taps", 1); taps++)
                    for (int extra = 0; extra <= upto("segments", contract::kMostSegments - 1); extra++)
                        for (int sample = upto("sample", 1); sample <= upto("sample", 3); sample++) {
                            contract::Pipeline p = contract::pipeline(block, 0);
                            p.add = add == 1;
                            p.activation = prelu == 1 ? contract::Activation::prelu : contract::Activation::none;
                            p.skip = skip;
                            p.taps = taps;
                            p.segments = 1 + extra;
                            p.sample = static_cast<contract::Sample>(sample);
                            if (accepted(p))
                                all.push_back(p);
                        }
    return all;
}

// Those of all blocks that have names.
inline std::vector<contract::Pipeline> every_pipeline(contract::Schedule schedule, contract::DataType type) {
    std::vector<contract::Pipeline> all;
    for (const contract::BlockNames &names : contract::kBlockNames)
        if (!names.prefix.empty())
            for (const contract::Pipeline &p : every_pipeline(names.block, schedule, type))
                all.push_back(p);
    return all;
}

}  // namespace slimscale::test
