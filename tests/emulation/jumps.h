// Code of other instructions in the place of groups of instructions that the processor lacks: a group of tile
// instructions then raises a signal once instead of each time that it is met, which makes whole networks some 20 times
// as fast.
#pragma once

#include <sys/ucontext.h>

#include <cstddef>
#include <cstdint>

namespace slimscale::test {

// Whether emulate_amx() puts jumps in the place of what it meets from now on; it does not at first. The numbers are the
// same. Only for programs in which one thread runs such code.
void emulate_by_jumps(bool wanted);

class Jumps {
public:
    static constexpr int kMostBytes = 256;  // of a group

    // Executes the group whose bytes `code` are a copy of those at `place`, with the general registers in the order of
    // ucontext.h. Returns its bytes.
    using Execute = int (*)(const uint8_t *code, const uint8_t *place, const greg_t *registers);

    // Writes a jump over the group of `bytes` bytes at `code`, to code that calls `execute` with all registers kept and
    // goes on behind the group. The first instruction has at least the 5 bytes of a jump. May be called in a handler of
    // signals. Where no memory is to be had within a jump's reach, or the code cannot be written, nothing changes.
    void replace(uint8_t *code, int bytes, Execute execute);

private:
    uint8_t *room(const uint8_t *near, size_t bytes);

    uint8_t *next_ = nullptr, *end_ = nullptr;
};

}  // namespace slimscale::test
