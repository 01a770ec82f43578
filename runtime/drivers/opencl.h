// OpenCL 2.0 with shared virtual memory, so that views are addresses as on CUDA. Kernels are compiled from source by
// the driver in a pipeline's first call. Beside CUDA this is the way to GPUs of other makers, and to processors for
// tests.
#pragma once

#include "contract/model.h"
#include "runtime/drivers/kernel_table.h"
#include "runtime/drivers/opencl_driver.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

class OpenclDevice final : public Device {
public:
    slimscale_status open(const slimscale_model &model, const slimscale_tier &tier, const DeviceOptions &options,
                          const bool *used, const slimscale_allocator &allocator, Error &error);
    static slimscale_status describe(int ordinal, char *text, size_t text_size);

    void close() override;
    slimscale_status allocate(size_t bytes, unsigned char **address, Error &error) override;
    void release(unsigned char *address) override;
    size_t free_bytes() override { return max_allocation_; }
    slimscale_status copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                               Error &error) override;
    slimscale_status finish(Error &error) override;
    slimscale_status load(int pipeline, const char *source, Error &error) override;
    slimscale_status launch(int pipeline, const Launch &launch, Error &error) override;

private:
    using Kernels = KernelTable<opencl::Program, opencl::Kernel>;

    slimscale_status failed(opencl::Result result, const char *what, Error &error) const;
    slimscale_status build_failed(opencl::Program program, opencl::Result result, Error &error) const;
    slimscale_status find_kernel(Kernels::Entry &kernels, const char *name, opencl::Kernel &kernel, Error &error) const;
    slimscale_status set_arguments(opencl::Kernel kernel, const Launch &launch, Error &error) const;

    opencl::Driver driver_;
    opencl::DeviceId device_ = nullptr;
    opencl::Context context_ = nullptr;
    opencl::Queue queue_ = nullptr;
    uint64_t max_allocation_ = 0;
    Kernels kernels_;
};

}  // namespace slimscale::runtime
