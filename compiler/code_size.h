// What compiled objects take in a program, which is less than their files: symbols and relocations are the linker's.
#pragma once

#include <cstdint>
#include <string>

namespace slimscale::generators {

// Bytes of the sections that a program loads: code, constants, tables. 0 for a file that is no 64-bit ELF object of a
// little-endian processor, or is damaged.
uint64_t loaded_bytes(const std::string &object);

}  // namespace slimscale::generators
