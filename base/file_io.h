// Whole files in and out, bounded and without half-written results.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace slimscale::base {

// The largest network of the papers (EDSR x3, 43.7 M parameters) is 175 MB.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 32;

Result<std::vector<uint8_t>> read_file(const std::string &path);

// Writes beside `path` under a temporary name, then renames: `path` holds the old bytes or the new ones, never a part.
// "" on success.
[[nodiscard]] std::string write_file(const std::string &path, const std::vector<uint8_t> &bytes);

// A name from a file as it may appear in a message: quoted, at most 100 characters, control characters replaced.
std::string in_quotes(const std::string &text);

}  // namespace slimscale::base
