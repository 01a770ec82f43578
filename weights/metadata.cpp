#include "weights/metadata.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/numbers.h"
#include "base/status.h"
#include "base/text.h"

namespace slimscale::weights {
namespace {

using networks::Family;
using networks::Network;
using networks::Slicing;

const std::string kPrefix = "network.";
// A file from before these fields were added lacks them, and means their defaults.
constexpr std::array<std::string_view, 3> kOptional{"linear_residuals", "input_skip", "feature_residual"};

// The one list of fields, which the reader and the writer walk.
template <typename NetworkType, typename Visit>
void visit_fields(NetworkType &network, Visit &&visit) {
    visit("name", network.name);
    visit("family", network.family);
    visit("scale", network.scale);
    visit("colors", network.colors);
    visit("channels", network.channels);
    visit("blocks", network.blocks);
    visit("residual_groups", network.residual_groups);
    visit("reduction", network.reduction);
    visit("res_scale", network.res_scale);
    visit("group_channels", network.group_channels);
    visit("recursive", network.recursive);
    visit("linear_residuals", network.linear_residuals);
    visit("input_skip", network.input_skip);
    visit("feature_residual", network.feature_residual);
    visit("slicing", network.slicing);
    visit("range", network.range);
    visit("mean", network.mean);
}

// The spellings of enums; a value's place in the list is its number.
constexpr std::array kFamilies{
#define SLIMSCALE_FAMILY(name, title) #name,
#include "networks/families.inc"
};
constexpr std::array<const char *, 2> kSlicings{"leading", "per_segment"};
constexpr std::array<const char *, 2> kBools{"false", "true"};

template <typename Enum, size_t count>
bool parse_choice(const std::string &text, const std::array<const char *, count> &names, Enum *value) {
    for (size_t i = 0; i < count; i++) {
        if (text != names[i])
            continue;
        *value = static_cast<Enum>(i);
        return true;
    }
    return false;
}

std::string to_text(const std::string &value) {
    return value;
}
std::string to_text(int value) {
    return std::to_string(value);
}
std::string to_text(bool value) {
    return kBools[value];
}
std::string to_text(Family value) {
    return kFamilies[static_cast<size_t>(value)];
}
std::string to_text(Slicing value) {
    return kSlicings[static_cast<size_t>(value)];
}

std::string to_text(double value) {
    return base::shortest(value);
}

std::string to_text(const std::array<double, 3> &values) {
    return to_text(values[0]) + " " + to_text(values[1]) + " " + to_text(values[2]);
}

bool from_text(const std::string &text, std::string *value) {
    return *value = text, true;
}
bool from_text(const std::string &text, int *value) {
    return base::parse(text, value);
}
bool from_text(const std::string &text, double *value) {
    return base::parse(text, value);
}
bool from_text(const std::string &text, bool *value) {
    return parse_choice(text, kBools, value);
}
bool from_text(const std::string &text, Family *value) {
    return parse_choice(text, kFamilies, value);
}
bool from_text(const std::string &text, Slicing *value) {
    return parse_choice(text, kSlicings, value);
}

std::vector<std::string> split(const std::string &text, const char *separators) {
    std::vector<std::string> parts;
    for (size_t begin = 0; (begin = text.find_first_not_of(separators, begin)) != std::string::npos;) {
        const size_t end = std::min(text.find_first_of(separators, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return parts;
}

bool from_text(const std::string &text, std::array<double, 3> *values) {
    const std::vector<std::string> parts = split(text, " ");
    if (parts.size() != values->size())
        return false;
    for (size_t i = 0; i < parts.size(); i++)
        if (!base::parse(parts[i], &(*values)[i]))
            return false;
    return true;
}

}  // namespace

void write_network(const Network &network, Metadata *metadata) {
    visit_fields(network, [&](const char *name, const auto &value) { (*metadata)[kPrefix + name] = to_text(value); });
}

Result<Network> read_network(const Metadata &metadata) {
    Network network;
    Status status;
    std::set<std::string> known;
    visit_fields(network, [&](const char *name, auto &value) {
        const std::string key = kPrefix + name;
        known.insert(key);
        const auto entry = metadata.find(key);
        if (!status)
            return;
        if (entry == metadata.end() && std::find(kOptional.begin(), kOptional.end(), name) != kOptional.end())
            return;
        if (entry == metadata.end())
            status = Error{"the metadata lack " + base::in_quotes(key)};
        else if (!from_text(entry->second, &value))
            status = Error{"the metadata's " + base::in_quotes(key) + " cannot be " + base::in_quotes(entry->second)};
    });
    SLIMSCALE_RETURN_IF_ERROR(status);
    for (const auto &[key, value] : metadata)
        if (key.compare(0, kPrefix.size(), kPrefix) == 0 && known.count(key) == 0)
            return Error{"the metadata hold " + base::in_quotes(key) + ", which this version does not know"};
    return network;
}

std::string widths_text(const std::vector<int> &widths) {
    std::string text;
    for (const int width : widths)
        text += (text.empty() ? "" : " ") + std::to_string(width);
    return text;
}

Result<std::vector<int>> parse_widths(const std::string &text) {
    std::vector<int> widths;
    for (const std::string &part : split(text, " ,")) {
        int width;
        if (!base::parse(part, &width))
            return Error{base::in_quotes(part) + " is no width: give channel counts such as \"16 64\""};
        widths.push_back(width);
    }
    return widths;
}

std::string family_text(Family family) {
    return to_text(family);
}

std::string slicing_text(Slicing slicing) {
    return to_text(slicing);
}

Result<Slicing> parse_slicing(const std::string &text) {
    Slicing slicing;
    if (!from_text(text, &slicing))
        return Error{base::in_quotes(text) + " is no slicing: give \"leading\" or \"per_segment\""};
    return slicing;
}

}  // namespace slimscale::weights
