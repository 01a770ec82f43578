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
    std::vector<int> values;          // those that may be asked for
    std::vector<const char *> words;  // what the values 0, 1, ... are called, if not by their number
};

// Empty for blocks that have none.
const std::vector<Parameter> &parameters_of(contract::Block block);

// "lanes=16 vectors=2 tiles=8 strip=16 unroll=4 order=tiles"
std::string text_of(const Blocking &blocking, contract::Block block);

// The inverse: each parameter of the block once, in any order.
Result<Blocking> parse_blocking(const std::string &text, contract::Block block);

// The error says why the schedule cannot compute this so, or would only spill registers.
Status check_blocking(const Blocking &blocking, const Work &work, const Isa &isa);

// All that have no error.
std::vector<Blocking> legal_blockings(const Work &work, const Isa &isa);

bool same(const Blocking &a, const Blocking &b, contract::Block block);

}  // namespace slimscale::schedules
