#include "schedules/parameters.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace slimscale::schedules {

namespace {

using contract::Block;
using contract::kFilterBlock;

const std::vector<int> kLanes{4, 8, 16};
const std::vector<int> kVectors{1, 2, 3, 4, 6};
const std::vector<int> kPixels{1, 2, 4};
const std::vector<int> kUnroll{1, 2, 4, 8};
const std::vector<int> kTailUnroll{1, 2};  // fewer, since a tail's 9 or 16 taps are unrolled as well

const Parameter kLanesParameter{"lanes", &Blocking::lanes, kLanes, {}};
const Parameter kVectorsParameter{"vectors", &Blocking::vectors, kVectors, {}};
const Parameter kPixelsParameter{"pixels", &Blocking::pixels, kPixels, {}};
const Parameter kUnrollParameter{"unroll", &Blocking::unroll, kUnroll, {}};
const Parameter kTailUnrollParameter{"unroll", &Blocking::unroll, kTailUnroll, {}};

const std::map<Block, std::vector<Parameter>> kParameters{
    {Block::conv3x3,
     {kLanesParameter,
      kVectorsParameter,
      {"tiles", &Blocking::tiles, {1, 2, 3, 4, 6, 8}, {}},
      {"strip", &Blocking::strip, {8, 12, 16, 24, 32, 48, 64}, {}},
      kUnrollParameter,
      {"order", &Blocking::order, {kTilesOutside, kGroupsOutside}, {"tiles", "groups"}}}},
    {Block::conv1x1, {kLanesParameter, kVectorsParameter, kPixelsParameter, kUnrollParameter}},
    {Block::head, {kLanesParameter, kVectorsParameter, kPixelsParameter}},
    {Block::tail, {kLanesParameter, kPixelsParameter, kTailUnrollParameter}},
};

std::string word_of(const Parameter &parameter, int value) {
    return parameter.words.empty() ? std::to_string(value) : parameter.words[static_cast<size_t>(value)];
}

std::string values_of(const Parameter &parameter) {
    std::string list;
    for (int value : parameter.values)
        list += (list.empty() ? "" : ", ") + word_of(parameter, value);
    return list;
}

const Parameter *find_parameter(Block block, const std::string &name) {
    for (const Parameter &parameter : parameters_of(block))
        if (parameter.name == name)
            return &parameter;
    return nullptr;
}

Status parse_item(const std::string &item, Block block, Blocking &blocking, std::vector<const Parameter *> &seen) {
    const size_t equals = item.find('=');
    const Parameter *parameter = find_parameter(block, item.substr(0, equals));
    if (equals == std::string::npos || parameter == nullptr)
        return Error{"'" + item + "' is no parameter of " + std::string(names_of(block).prefix)};
    if (std::find(seen.begin(), seen.end(), parameter) != seen.end())
        return Error{std::string(parameter->name) + " is given twice"};
    seen.push_back(parameter);
    const std::string word = item.substr(equals + 1);
    for (int value : parameter->values) {
        if (word_of(*parameter, value) == word) {
            blocking.*parameter->value = value;
            return Status();
        }
    }
    return Error{std::string(parameter->name) + " is '" + word + "': use " + values_of(*parameter)};
}

Error too_many_registers(int needed, const Isa &isa) {
    return {"the register tile takes " + std::to_string(needed) + " registers of " + std::to_string(isa.registers) +
            ": use fewer vectors, tiles or pixels"};
}

// Accumulators, a vector of filters or inputs for each row of them, and one more to multiply with.
int registers(int vectors, int columns) {
    return vectors * columns + vectors + 1;
}

// Checks blocks whose vectors run along output channels.
Status check_groups(const Blocking &b, const Work &work) {
    const int group = b.lanes * b.vectors;
    if (work.out % group != 0)
        return Error{std::to_string(work.out) + " output channels are no multiple of " + std::to_string(group) +
                     ", lanes times vectors"};
    const bool constant = work.block == Block::conv3x3 || group == work.out;  // addresses in the filter
    if (!constant && group % kFilterBlock != 0 && kFilterBlock % group != 0)
        return Error{"groups of " + std::to_string(group) + " channels straddle the filter's blocks of 16"};
    return Status();
}

Status check_tail(const Blocking &b, const Work &work) {
    if (work.in % b.lanes != 0)
        return Error{std::to_string(work.in) + " input channels are no multiple of lanes"};
    if (work.in / b.lanes % b.unroll != 0)
        return Error{"unroll does not divide the vectors of input channels"};
    return Status();
}

}  // namespace

const std::vector<Parameter> &parameters_of(Block block) {
    static const std::vector<Parameter> none;
    const auto found = kParameters.find(block);
    return found == kParameters.end() ? none : found->second;
}

std::string text_of(const Blocking &blocking, Block block) {
    std::string text;
    for (const Parameter &parameter : parameters_of(block))
        text += (text.empty() ? "" : " ") + std::string(parameter.name) + "=" +
                word_of(parameter, blocking.*parameter.value);
    return text;
}

Result<Blocking> parse_blocking(const std::string &text, Block block) {
    Blocking parsed;
    std::vector<const Parameter *> seen;
    std::istringstream items(text);
    for (std::string item; items >> item;)
        SLIMSCALE_RETURN_IF_ERROR(parse_item(item, block, parsed, seen));
    for (const Parameter &parameter : parameters_of(block))
        if (std::find(seen.begin(), seen.end(), &parameter) == seen.end())
            return Error{std::string(parameter.name) + " is missing: use " + values_of(parameter)};
    return parsed;
}

Status check_blocking(const Blocking &b, const Work &work, const Isa &isa) {
    if (b.lanes > isa.lanes)
        return Error{std::to_string(b.lanes) + " lanes are more than a vector of " + std::string(isa.name) + " has"};
    const bool is_tail = work.block == Block::tail, winograd = work.block == Block::conv3x3;
    const int columns = winograd ? b.tiles : b.pixels;
    const int needed = registers(is_tail ? work.out : b.vectors, columns);
    if (needed > isa.registers)
        return too_many_registers(needed, isa);
    if (winograd && b.strip % b.tiles != 0)
        return Error{"strip is no multiple of tiles"};
    return is_tail ? check_tail(b, work) : check_groups(b, work);
}

std::vector<Blocking> legal_blockings(const Work &work, const Isa &isa) {
    std::vector<Blocking> all{Blocking{}};
    for (const Parameter &parameter : parameters_of(work.block)) {
        std::vector<Blocking> longer;
        for (const Blocking &begun : all) {
            for (int value : parameter.values) {
                longer.push_back(begun);
                longer.back().*parameter.value = value;
            }
        }
        all = std::move(longer);
    }
    const auto wrong = [&](const Blocking &b) { return !check_blocking(b, work, isa); };
    all.erase(std::remove_if(all.begin(), all.end(), wrong), all.end());
    return all;
}

bool same(const Blocking &a, const Blocking &b, Block block) {
    const auto &parameters = parameters_of(block);
    return std::all_of(parameters.begin(), parameters.end(),
                       [&](const Parameter &p) { return a.*p.value == b.*p.value; });
}

}  // namespace slimscale::schedules
