// CUDA by its driver API: in the caller's context and stream or our own, with kernels from the archive's cubins or, if
// none fits, from its PTX. Only finish() synchronises.
#pragma once

#include "contract/model.h"
#include "runtime/drivers/cuda_driver.h"
#include "runtime/drivers/kernel_table.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

class CudaDevice final : public Device {
public:
    slimscale_status open(const slimscale_model &model, const slimscale_compiled_target &target,
                          const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                          Error &error);
    static slimscale_status describe(const DeviceOptions &options, char *text, size_t text_size);

    void *stream() const override { return stream_; }
    bool takes_images_in(slimscale_memory memory) const override {
        return memory == SLIMSCALE_HOST_MEMORY || memory == SLIMSCALE_CUDA_MEMORY;
    }
    slimscale_status enter(Error &error) override;
    void leave() override;
    void close() override;
    slimscale_status allocate(size_t bytes, unsigned char **address, Error &error) override;
    void release(unsigned char *address) override;
    size_t free_bytes() override;
    slimscale_status copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                               Error &error) override;
    slimscale_status finish(Error &error) override;
    slimscale_status load(int pipeline, const char *source, Error &error) override;
    slimscale_status launch(int pipeline, const Launch &launch, Error &error) override;

private:
    using Kernels = KernelTable<cuda::Module, cuda::Function>;

    slimscale_status failed(cuda::Result result, const char *what, Error &error) const;
    slimscale_status open_context(const DeviceOptions &options, Error &error);
    slimscale_status open_stream(const DeviceOptions &options, Error &error);
    slimscale_status open_modules(const slimscale_model &model, const slimscale_compiled_target &target,
                                  const bool *used, const slimscale_allocator &allocator, Error &error);
    slimscale_status load_module(const slimscale_compiled_target &target, int pipeline, const char *name, Error &error);
    cuda::Result load_code(const slimscale_code &code, cuda::Module &module, char *log, unsigned log_size) const;
    slimscale_status resolve_kernels(const slimscale_code &ptx, Kernels::Entry &kernels, Error &error) const;

    cuda::Driver driver_;
    cuda::DeviceNumber device_ = 0;
    cuda::Context context_ = nullptr;
    cuda::Stream stream_ = nullptr;
    bool own_context_ = false, own_stream_ = false;
    int capability_ = 0;  // 86: 8.6
    Kernels kernels_;
};

}  // namespace slimscale::runtime
