// The JSON header of a safetensors file. Names and numbers are well-formed; places are not checked yet. Internal to
// safetensors.cpp and its tests.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::weights {

struct TensorEntry {
    std::string name;
    std::string dtype;
    std::vector<uint64_t> shape;
    std::array<uint64_t, 2> offsets{};  // begin and end in the data, in bytes
};

struct SafetensorsHeader {
    std::map<std::string, std::string> metadata;
    std::vector<TensorEntry> tensors;  // in the file's order, with distinct names
};

Result<SafetensorsHeader> parse_header(const uint8_t *json, size_t size);

}  // namespace slimscale::weights
