#include "runtime/drivers/opencl.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "runtime/drivers/interfaces.h"

namespace slimscale::runtime {

namespace {

constexpr uint32_t kMostPlatforms = 16, kMostDevices = 32;

struct Devices {
    cl_device_id list[kMostDevices];
    int count = 0;

    void add(const opencl::Driver &driver, cl_platform_id platform, bool gpus) {
        cl_device_id found[kMostDevices];
        uint32_t found_count = 0;
        if (driver.devices(platform, CL_DEVICE_TYPE_ALL, kMostDevices, found, &found_count) != 0)
            return;  // a platform without devices gives an error
        for (uint32_t i = 0; i < std::min(found_count, kMostDevices); i++) {
            cl_bitfield type = 0, svm = 0;
            driver.device_info(found[i], CL_DEVICE_TYPE, sizeof type, &type, nullptr);
            driver.device_info(found[i], CL_DEVICE_SVM_CAPABILITIES, sizeof svm, &svm, nullptr);
            const bool wanted =
                ((type & CL_DEVICE_TYPE_GPU) != 0) == gpus && (svm & CL_DEVICE_SVM_COARSE_GRAIN_BUFFER) != 0;
            if (wanted && count < static_cast<int>(kMostDevices))
                list[count++] = found[i];
        }
    }
};

// Lists the devices with shared virtual memory, GPUs first.
Devices list_devices(const opencl::Driver &driver) {
    cl_platform_id platforms[kMostPlatforms];
    uint32_t count = 0;
    Devices devices;
    if (driver.platforms(kMostPlatforms, platforms, &count) != 0)
        return devices;
    for (const bool gpus : {true, false})
        for (uint32_t i = 0; i < std::min(count, kMostPlatforms); i++)
            devices.add(driver, platforms[i], gpus);
    return devices;
}

// Finds the device of an ordinal. Returns "", or why there is none.
const char *choose(opencl::Driver &driver, int ordinal, cl_device_id &device, char *text, size_t size) {
    if (driver.open(text, size)[0])
        return text;
    const Devices devices = list_devices(driver);
    if (devices.count == 0)
        std::snprintf(text, size, "OpenCL finds no device with shared virtual memory");
    else if (ordinal < 0 || ordinal >= devices.count)
        std::snprintf(text, size, "there is no OpenCL device %d; this machine has %d, counted from 0", ordinal,
                      devices.count);
    else {
        device = devices.list[ordinal];
        return "";
    }
    return text;
}

void describe_chosen(const opencl::Driver &driver, cl_device_id device, char *text, size_t size) {
    char name[96] = "", version[64] = "";
    driver.device_info(device, CL_DEVICE_NAME, sizeof name, name, nullptr);
    driver.device_info(device, CL_DEVICE_VERSION, sizeof version, version, nullptr);
    std::snprintf(text, size, "%s, %s", name, version);
}

}  // namespace

slimscale_status OpenclDevice::failed(cl_int result, const char *what, Error &error) const {
    const bool memory =
        result == CL_MEM_OBJECT_ALLOCATION_FAILURE || result == CL_OUT_OF_RESOURCES || result == CL_OUT_OF_HOST_MEMORY;
    return error.set(memory ? SLIMSCALE_OUT_OF_MEMORY : SLIMSCALE_DEVICE_FAILED, "%s: OpenCL error %d%s", what, result,
                     memory ? " (out of memory or resources)" : "");
}

slimscale_status OpenclDevice::describe(int ordinal, char *text, size_t text_size) {
    opencl::Driver driver;
    cl_device_id device = nullptr;
    if (choose(driver, ordinal, device, text, text_size)[0])
        return SLIMSCALE_UNSUPPORTED_TARGET;
    describe_chosen(driver, device, text, text_size);
    return SLIMSCALE_OK;
}

slimscale_status OpenclDevice::open(const slimscale_model &model, const slimscale_compiled_target &target,
                                    const DeviceOptions &options, const bool *, const slimscale_allocator &allocator,
                                    Error &error) {
    interface_ = opencl_interface();
    char why[256];
    if (choose(driver_, options.ordinal, device_, why, sizeof why)[0])
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", why);
    driver_.device_info(device_, CL_DEVICE_NAME, sizeof name_ - 1, name_, nullptr);
    driver_.device_info(device_, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof max_allocation_, &max_allocation_, nullptr);
    cl_int result = 0;
    context_ = driver_.create_context(nullptr, 1, &device_, nullptr, nullptr, &result);
    if (result != 0)
        return failed(result, "no OpenCL context", error);
    queue_ = driver_.create_queue(context_, device_, 0, &result);
    if (result != 0)
        return failed(result, "no OpenCL queue", error);
    if (!kernels_.allocate(allocator, model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES + target.winograd_pipelines))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the table of kernels");
    return SLIMSCALE_OK;
}

void OpenclDevice::close() {
    if (queue_)
        driver_.finish(queue_);
    for (const Kernels::Entry &entry : kernels_) {
        for (int k = 0; k < entry.count; k++)
            driver_.release_kernel(entry.kernels[k].kernel);
        if (entry.code)
            driver_.release_program(entry.code);
    }
    if (queue_)
        driver_.release_queue(queue_);
    if (context_)
        driver_.release_context(context_);
    queue_ = nullptr;
    context_ = nullptr;
    kernels_.release();
}

slimscale_status OpenclDevice::allocate(size_t bytes, unsigned char **address, Error &error) {
    void *memory = driver_.allocate(context_, CL_MEM_READ_WRITE, bytes, 0);
    if (!memory)
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the device has no %zu bytes in one piece (at most %llu); plan smaller frames, set "
                         "memory_cap or open fewer widths",
                         bytes, static_cast<unsigned long long>(max_allocation_));
    *address = static_cast<unsigned char *>(memory);
    return SLIMSCALE_OK;
}

void OpenclDevice::release(unsigned char *address) {
    driver_.finish(queue_);  // clSVMFree does not wait for what still uses the memory
    driver_.release(context_, address);
}

// Memory is shared, so addresses tell the way.
slimscale_status OpenclDevice::copy_rows(Way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes,
                                         int rows, Error &error) {
    for (int y = 0; y < rows; y++) {
        const cl_int result = driver_.copy(queue_, 0, to.first + y * to.pitch, from.first + y * from.pitch, row_bytes,
                                           0, nullptr, nullptr);
        if (result != 0)
            return failed(result, "copying to or from the device", error);
    }
    return SLIMSCALE_OK;
}

slimscale_status OpenclDevice::finish(Error &error) {
    const cl_int result = driver_.finish(queue_);
    return result == 0 ? SLIMSCALE_OK : failed(result, "the device's work did not finish", error);
}

slimscale_status OpenclDevice::build_failed(cl_program program, cl_int result, Error &error) const {
    char log[4096] = "";
    driver_.build_info(program, device_, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, nullptr);
    return error.set(SLIMSCALE_DEVICE_FAILED, "OpenCL's compiler refuses a pipeline (error %d): %.300s", result, log);
}

// Halide's kernels expect these definitions.
constexpr const char *kBuildOptions = "-D MAX_CONSTANT_BUFFER_SIZE=65536 -D MAX_CONSTANT_ARGS=8";

slimscale_status OpenclDevice::load(int pipeline, const char *source, Error &error) {
    if (kernels_[pipeline].code)
        return SLIMSCALE_OK;
    cl_int result = 0;
    cl_program program = driver_.create_program(context_, 1, &source, nullptr, &result);
    if (result != 0)
        return failed(result, "no OpenCL program", error);
    result = driver_.build_program(program, 1, &device_, kBuildOptions, nullptr, nullptr);
    if (result != 0) {
        build_failed(program, result, error);
        driver_.release_program(program);
        return error.status;
    }
    kernels_[pipeline].code = program;
    return SLIMSCALE_OK;
}

slimscale_status OpenclDevice::find_kernel(Kernels::Entry &kernels, const char *name, cl_kernel &kernel,
                                           Error &error) const {
    kernel = kernels.find(name);
    if (kernel)
        return SLIMSCALE_OK;
    if (kernels.full())
        return error.set(SLIMSCALE_PIPELINE_FAILED, "a pipeline has more than %d kernels; please report this",
                         Kernels::kMostKernels);
    cl_int result = 0;
    kernel = driver_.create_kernel(kernels.code, name, &result);
    if (result != 0)
        return failed(result, name, error);
    kernels.add(name, std::strlen(name), kernel);
    return SLIMSCALE_OK;
}

slimscale_status OpenclDevice::set_arguments(cl_kernel kernel, const Launch &l, Error &error) const {
    const int count = l.count();
    for (int i = 0; i <= count; i++) {
        cl_int result = 0;
        if (i == count)  // Halide's last parameter is the shared memory, of at least a byte
            result = driver_.set_argument(kernel, static_cast<uint32_t>(i),
                                          static_cast<size_t>(std::max(1, l.shared_bytes)), nullptr);
        else if (l.is_buffer[i])
            result = driver_.set_pointer(kernel, static_cast<uint32_t>(i),
                                         reinterpret_cast<const void *>(static_cast<uintptr_t>(
                                             static_cast<const halide_buffer_t *>(l.arguments[i])->device)));
        else
            result = driver_.set_argument(kernel, static_cast<uint32_t>(i), l.sizes[i], l.arguments[i]);
        if (result != 0)
            return failed(result, "a kernel's argument", error);
    }
    return SLIMSCALE_OK;
}

slimscale_status OpenclDevice::launch(int pipeline, const Launch &l, Error &error) {
    cl_kernel kernel = nullptr;
    if (find_kernel(kernels_[pipeline], l.kernel, kernel, error) != SLIMSCALE_OK ||
        set_arguments(kernel, l, error) != SLIMSCALE_OK)
        return error.status;
    size_t global[3], local[3];
    for (int i = 0; i < 3; i++) {
        local[i] = static_cast<size_t>(l.threads[i]);
        global[i] = local[i] * static_cast<size_t>(l.blocks[i]);
    }
    const cl_int result = driver_.launch(queue_, kernel, 3, nullptr, global, local, 0, nullptr, nullptr);
    return result == 0 ? SLIMSCALE_OK : failed(result, "a kernel was not launched", error);
}

}  // namespace slimscale::runtime
