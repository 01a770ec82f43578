// Whole files in and out. Errors are sentences without the file's name, "" if all went well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace slimscale::images {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 31;  // larger files are refused

std::string read_file(const std::string &path, std::vector<uint8_t> &bytes);

// Writes a temporary file in the same folder, syncs it and renames it to `path`: readers see the old file or the whole
// new one. On failure, and on a signal that users, terminals or resource limits send to end the process, the temporary
// file is removed. Single-threaded.
std::string write_file(const std::string &path, const void *data, size_t size);

// True if both names exist and are one file.
bool same_file(const std::string &a, const std::string &b);

}  // namespace slimscale::images
