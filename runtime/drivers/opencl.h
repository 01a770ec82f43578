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
    slimscale_status open(const slimscale_model &model, const slimscale_compiled_target &target,
                          const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                          Error &error);
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
    using Kernels = KernelTable<cl_program, cl_kernel>;

    slimscale_status failed(cl_int result, const char *what, Error &error) const;
    slimscale_status build_failed(cl_program program, cl_int result, Error &error) const;
    slimscale_status find_kernel(Kernels::Entry &kernels, const char *name, cl_kernel &kernel, Error &error) const;
    slimscale_status set_arguments(cl_kernel kernel, const Launch &launch, Error &error) const;

    opencl::Driver driver_;
    cl_device_id device_ = nullptr;
    cl_context context_ = nullptr;
    cl_command_queue queue_ = nullptr;
    cl_ulong max_allocation_ = 0;
    Kernels kernels_;
};

}  // namespace slimscale::runtime
