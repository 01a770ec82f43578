// The parameters of each block: their names, values and limits, as text and as a space to search.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "schedules/blocking.h"
#include "schedules/target_facts.h"

namespace slimscale::schedules {

struct Parameter {
    const char *name;
    int Blocking::*value;
    std::vector<int> values;          // the ones that are allowed
    std::vector<const char *> words;  // names of the values 0, 1, ...; empty: numbers stand for themselves
};

// Empty for blocks that have none.
const std::vector<Parameter> &parameters_of(contract::Block block);

// "lanes=16 vectors=2 tiles=8 strip=16 unroll=4 order=tiles"
std::string text_of(const Blocking &blocking, contract::Block block);

// The inverse of text_of: each parameter of the block must occur once, in any order. The error says which does not, or which
// values it may have.
Result<Blocking> parse_blocking(const std::string &text, contract::Block block);

// Whether the schedule can compute `work` so without spilling registers; the error says why not.
Status check_blocking(const Blocking &blocking, const Work &work, const Isa &isa);

// All blockings that check_blocking accepts.
std::vector<Blocking> legal_blockings(const Work &work, const Isa &isa);

// Whether the two agree in the parameters of the block.
bool same(const Blocking &a, const Blocking &b, contract::Block block);

}  // namespace slimscale::schedules
