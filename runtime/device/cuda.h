// CUDA by its driver API: the caller's context and stream or our own, kernels from the archive's cubins or, where none
// fits, its PTX. Nothing is synchronised but by finish().
#pragma once

#include "runtime/device/cuda_driver.h"
#include "runtime/device/device.h"

namespace slimscale::runtime {

class CudaDevice final : public Device {
public:
    slimscale_status open(const slimscale_model &model, const slimscale_tier &tier, const DeviceOptions &options,
                          const bool *used, const slimscale_allocator &allocator, Error &error);
    static slimscale_status describe(const DeviceOptions &options, char *text, size_t text_size);

    void *stream() const override { return stream_; }
    slimscale_status enter(Error &error) override;
    void leave() override;
    void close() override;
    slimscale_status allocate(size_t bytes, unsigned char **address, Error &error) override;
    void release(unsigned char *address) override;
    size_t free_bytes() override;
    slimscale_status upload(unsigned char *to, const void *from, size_t bytes, Error &error) override;
    slimscale_status upload_rows(const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                                 Error &error) override;
    slimscale_status download_rows(const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                                   Error &error) override;
    slimscale_status finish(Error &error) override;
    slimscale_status load(int pipeline, const char *source, size_t size, Error &error) override;
    slimscale_status launch(int pipeline, const Launch &launch, Error &error) override;

private:
    // A pipeline's kernels: one, or one more for views whose channels do not lie side by side.
    static constexpr int kMostKernels = 4;
    struct Kernels {
        cuda::Module module;
        int count;
        const char *names[kMostKernels];  // not terminated
        size_t lengths[kMostKernels];
        cuda::Function functions[kMostKernels];
    };

    slimscale_status failed(cuda::Result result, const char *what, Error &error) const;
    slimscale_status open_context(const DeviceOptions &options, Error &error);
    slimscale_status open_stream(const DeviceOptions &options, Error &error);
    slimscale_status open_modules(const slimscale_model &model, const slimscale_tier &tier, const bool *used,
                                  const slimscale_allocator &allocator, Error &error);
    slimscale_status load_module(const slimscale_tier &tier, int pipeline, const char *name, Error &error);
    cuda::Result load_code(const slimscale_code &code, cuda::Module &module, char *log, unsigned log_size) const;
    slimscale_status resolve_kernels(const slimscale_code &ptx, Kernels &kernels, Error &error) const;
    slimscale_status find_kernel(Kernels &kernels, const char *name, cuda::Function &function, Error &error) const;
    slimscale_status copy_rows(const PitchedRows &to, const PitchedRows &from, unsigned to_type, unsigned from_type,
                               size_t row_bytes, int rows, Error &error);

    cuda::Driver driver_;
    cuda::DeviceNumber device_ = 0;
    cuda::Context context_ = nullptr;
    cuda::Stream stream_ = nullptr;
    bool own_context_ = false, own_stream_ = false;
    int capability_ = 0;  // 86: 8.6
    Block table_;
    Kernels *kernels_ = nullptr;
    int pipeline_count_ = 0;
};

}  // namespace slimscale::runtime
