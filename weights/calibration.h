// How calibration's tensors and metadata are named in a weights file: "<prefix><channels>.<convolution or key>".
#pragma once

#include <cmath>
#include <map>
#include <string>

#include "base/numbers.h"
#include "base/status.h"
#include "base/text.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

inline std::string prefix_of(const std::string &prefix, int channels) {
    return prefix + std::to_string(channels) + ".";
}

inline bool has_prefix(const std::string &name, const std::string &prefix) {
    return name.compare(0, prefix.size(), prefix) == 0;
}

// Splits "q16.16.body.0.conv1" into 16 channels and the convolution's name. Precondition: has_prefix(name, prefix).
inline bool split_name(const std::string &prefix, const std::string &name, int &channels, std::string &convolution) {
    const size_t dot = name.find('.', prefix.size());
    if (dot == std::string::npos || !base::parse(name.substr(prefix.size(), dot - prefix.size()), &channels))
        return false;
    convolution = name.substr(dot + 1);
    return name == prefix_of(prefix, channels) + convolution;
}

// Reads a number that is not negative. Leaves `value` as it is if the key is missing.
template <typename Number>
Status read_number(const Safetensors &file, const std::string &key, Number &value) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end() || (base::parse(found->second, &value) && value >= 0 && std::isfinite(value)))
        return Status();
    return Error{"the metadata's " + base::in_quotes(key) + " cannot be " + base::in_quotes(found->second)};
}

template <typename Value>
void erase_prefixed(const std::string &prefix, std::map<std::string, Value> &map) {
    auto begin = map.lower_bound(prefix), end = begin;
    while (end != map.end() && has_prefix(end->first, prefix))
        ++end;
    map.erase(begin, end);
}

}  // namespace slimscale::weights
