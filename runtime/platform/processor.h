// The processor as a device: its addresses are the host's, its memory comes from the caller's allocator, and work is
// done when a call returns.
#pragma once

#include "runtime/platform/device.h"

namespace slimscale::runtime {

class Processor final : public Device {
public:
    void open(const slimscale_allocator &allocator);
    // Writes the processor's name or, with SLIMSCALE_UNSUPPORTED_TARGET, that it lacks instructions of `target`.
    static slimscale_status describe(const char *target, char *text, size_t text_size);

    bool shares_host_memory() const override { return true; }
    // Allocates zeros: pipelines read and discard columns to the right of a frame that nothing writes, and subnormal
    // numbers there would slow them down.
    slimscale_status allocate(size_t bytes, unsigned char **address, Error &error) override;
    void release(unsigned char *address) override;
    bool may_be_fragmented() const override { return false; }
    slimscale_status copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                               Error &error) override;
    slimscale_status finish(Error &) override { return SLIMSCALE_OK; }
    bool bind(halide_buffer_t &buffer, const void *address) override;

private:
    slimscale_allocator allocator_{};
};

}  // namespace slimscale::runtime
