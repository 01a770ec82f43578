#include "runtime/platform/processor.h"

#include <cstdio>
#include <cstring>

#include "runtime/platform/cpu.h"

namespace slimscale::runtime {

void Processor::open(const slimscale_allocator &allocator) {
    allocator_ = allocator;
    std::snprintf(name_, sizeof name_, "%s", machine_name());
}

slimscale_status Processor::describe(const char *target, char *text, size_t text_size) {
    if (can_run(detect_cpu(), target)) {
        std::snprintf(text, text_size, "%s", machine_name());
        return SLIMSCALE_OK;
    }
    std::snprintf(text, text_size, "this processor (%s) lacks instructions that %s needs", machine_name(), target);
    return SLIMSCALE_UNSUPPORTED_TARGET;
}

slimscale_status Processor::allocate(size_t bytes, unsigned char **address, Error &error) {
    void *memory = allocator_.allocate(allocator_.opaque, bytes, kAlignment);
    if (!memory)
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the allocator has no %zu bytes; plan smaller frames, set memory_cap or open narrower widths",
                         bytes);
    *address = static_cast<unsigned char *>(std::memset(memory, 0, bytes));
    return SLIMSCALE_OK;
}

void Processor::release(unsigned char *address) {
    allocator_.release(allocator_.opaque, address);
}

slimscale_status Processor::copy_rows(Way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                                      Error &) {
    for (int y = 0; y < rows; y++)
        std::memcpy(to.first + y * to.pitch, from.first + y * from.pitch, row_bytes);
    return SLIMSCALE_OK;
}

bool Processor::bind(halide_buffer_t &buffer, const void *address) {
    buffer.host = static_cast<uint8_t *>(const_cast<void *>(address));
    return true;
}

}  // namespace slimscale::runtime
