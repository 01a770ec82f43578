// The calls that Halide's generated code makes for CUDA and OpenCL. Halide's own runtimes for them are not part of the
// library: they cap CUDA kernels at 64 registers, compile PTX in the first call, keep their state in globals, and
// abort.
#include <HalideRuntime.h>

#include "runtime/drivers/interfaces.h"
#include "runtime/platform/context.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {
namespace {

const halide_device_interface_t cuda_identity{};
const halide_device_interface_t opencl_identity{};

constexpr int kRefused = halide_error_code_device_run_failed;

// Does the work, and sets the call's error to its first failure.
template <typename Work>
int reported(void *user_context, Work work) {
    if (!user_context)
        return kRefused;
    const Context &context = *static_cast<Context *>(user_context);
    Call &call = *context.call;
    if (!call.device)
        return kRefused;
    Error error;
    if (work(*call.device, context.pipeline, error) == SLIMSCALE_OK)
        return halide_error_code_success;
    if (call.error && call.fail_first())
        *call.error = error;
    return kRefused;
}

int load(void *user_context, const char *source) {
    return reported(user_context,
                    [&](Device &device, int pipeline, Error &error) { return device.load(pipeline, source, error); });
}

int launch(void *user_context, const Launch &launch) {
    return reported(user_context,
                    [&](Device &device, int pipeline, Error &error) { return device.launch(pipeline, launch, error); });
}

}  // namespace

const halide_device_interface_t *cuda_interface() {
    return &cuda_identity;
}

const halide_device_interface_t *opencl_interface() {
    return &opencl_identity;
}

}  // namespace slimscale::runtime

using namespace slimscale::runtime;

#define SLIMSCALE_DEVICE_HOOKS(api)                                                                                  \
    const halide_device_interface_t *halide_##api##_device_interface() {                                             \
        return api##_interface();                                                                                    \
    }                                                                                                                \
    int halide_##api##_initialize_kernels(void *user_context, void **, const char *source, int) {                    \
        return load(user_context, source);                                                                           \
    }                                                                                                                \
    void halide_##api##_finalize_kernels(void *, void *) {}                                                          \
    int halide_##api##_run(void *user_context, void *, const char *kernel, int blocks_x, int blocks_y, int blocks_z, \
                           int threads_x, int threads_y, int threads_z, int shared_bytes, size_t sizes[],            \
                           void *arguments[], int8_t is_buffer[]) {                                                  \
        Launch one{                                                                                                  \
            kernel, {blocks_x, blocks_y, blocks_z}, {threads_x, threads_y, threads_z}, shared_bytes, {}, {}, {}};    \
        one.sizes = sizes;                                                                                           \
        one.arguments = arguments;                                                                                   \
        one.is_buffer = is_buffer;                                                                                   \
        return launch(user_context, one);                                                                            \
    }

extern "C" {

SLIMSCALE_DEVICE_HOOKS(cuda)
SLIMSCALE_DEVICE_HOOKS(opencl)

// All buffers have device memory; one without is a defect of this library.
int halide_copy_to_device(void *, halide_buffer_t *buffer, const halide_device_interface_t *interface) {
    const bool there = buffer->device != 0 && buffer->device_interface == interface && !buffer->host_dirty();
    return there ? halide_error_code_success : halide_error_code_copy_to_device_failed;
}

}  // extern "C"
