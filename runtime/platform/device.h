// A device as the rest of the runtime sees it, the processor (processor.h) or a GPU (drivers/): memory with addresses,
// copies, and on GPUs kernel launches, all in the order of one stream. A handle has one.
//
// Addresses are the device's. Arithmetic on them is allowed; the host may access them only if shares_host_memory().
#pragma once

#include <HalideRuntime.h>

#include <cstddef>
#include <cstdint>

#include "runtime/platform/error.h"
#include "runtime/platform/memory.h"

namespace slimscale::runtime {

// The device that is requested, from slimscale_options.
struct DeviceOptions {
    int ordinal;         // of the machine's devices
    void *cuda_context;  // the caller's, or null
    void *cuda_stream;
    bool leave_amx = false;  // "auto" takes no target that needs AMX

    bool callers() const { return cuda_context || cuda_stream; }
};

// One launch as Halide's generated code asks for it. Arguments end where `sizes` holds 0; buffers are halide_buffer_t
// with a device address.
struct Launch {
    const char *kernel;
    int blocks[3], threads[3];
    int shared_bytes;
    const size_t *sizes;
    void **arguments;
    const int8_t *is_buffer;

    int count() const {
        int n = 0;
        while (sizes[n] != 0)
            n++;
        return n;
    }
};

// Rows of bytes, `pitch` apart, which may be negative in host memory.
struct PitchedRows {
    unsigned char *first;
    ptrdiff_t pitch;
};

class Device {
public:
    const char *name() const { return name_; }  // "NVIDIA GeForce RTX 3090"; a profile is for devices of this name
    virtual void *stream() const { return nullptr; }

    // Whether its addresses are the host's, so that data in host memory need not be copied to it.
    virtual bool shares_host_memory() const { return false; }
    // Whether images may lie in such memory.
    virtual bool takes_images_in(slimscale_memory memory) const { return memory == SLIMSCALE_HOST_MEMORY; }

    // Between these two the device's context is the calling thread's current one. Every call below needs it.
    virtual slimscale_status enter(Error &) { return SLIMSCALE_OK; }
    virtual void leave() {}
    // Releases what open() acquired. The device need not be entered.
    virtual void close() {}

    virtual slimscale_status allocate(size_t bytes, unsigned char **address, Error &error) = 0;
    virtual void release(unsigned char *address) = 0;  // waits until nothing uses the memory any more
    // The most that an allocation may take, with something left for the driver; 0: unknown.
    virtual size_t free_bytes() { return 0; }
    // Whether a smaller allocation may succeed where free_bytes() promised a larger one and it failed.
    virtual bool may_be_fragmented() const { return true; }

    // Copies between host memory, which may be reused once finish() has returned, and the device's.
    enum class Way { to_device, to_host };
    virtual slimscale_status copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes,
                                       int rows, Error &error) = 0;
    // Waits for all copies and launches.
    virtual slimscale_status finish(Error &error) = 0;

    // Makes `buffer` refer to the device's memory at `address` for one call of a pipeline, until unbind().
    virtual bool bind(halide_buffer_t &buffer, const void *address) {
        buffer.device = reinterpret_cast<uintptr_t>(address);
        buffer.device_interface = interface_;
        return true;
    }
    virtual void unbind(halide_buffer_t &) {}

    // Generated code calls these: they make sure that a pipeline's kernels are loaded, and launch one of them. `source`
    // is the PTX or OpenCL C that Halide embedded.
    virtual slimscale_status load(int pipeline, const char *, Error &error) { return not_ours(pipeline, error); }
    virtual slimscale_status launch(int pipeline, const Launch &, Error &error) { return not_ours(pipeline, error); }

private:
    // For devices whose generated code calls another runtime.
    static slimscale_status not_ours(int pipeline, Error &error) {
        return error.set(SLIMSCALE_PIPELINE_FAILED,
                         "pipeline %d called for kernels that this device does not load; "
                         "please report this",
                         pipeline);
    }

protected:
    char name_[64] = "";
    const halide_device_interface_t *interface_ = nullptr;
};

// Keeps the device's context current while it lives and restores the caller's context afterwards.
class ScopedDevice {
public:
    ScopedDevice(Device &device, Error &error) : device_(device), status_(device.enter(error)) {}
    ~ScopedDevice() {
        if (status_ == SLIMSCALE_OK)
            device_.leave();
    }
    ScopedDevice(const ScopedDevice &) = delete;
    ScopedDevice &operator=(const ScopedDevice &) = delete;
    slimscale_status status() const { return status_; }

private:
    Device &device_;
    slimscale_status status_;
};

// One allocation of a device, released with the object.
class DeviceBlock {
public:
    DeviceBlock() = default;
    DeviceBlock(DeviceBlock &&other) noexcept : device_(other.device_), data_(other.data_), size_(other.size_) {
        other.forget();
    }
    DeviceBlock &operator=(DeviceBlock &&other) noexcept {
        if (this != &other) {
            release();
            device_ = other.device_, data_ = other.data_, size_ = other.size_;
            other.forget();
        }
        return *this;
    }
    ~DeviceBlock() { release(); }

    slimscale_status allocate(Device &device, size_t bytes, Error &error) {
        release();
        const slimscale_status status = device.allocate(bytes, &data_, error);
        if (status == SLIMSCALE_OK)
            device_ = &device, size_ = bytes;
        return status;
    }
    void release() {
        if (data_)
            device_->release(data_);
        forget();
    }
    void forget() {  // for a device that cannot be entered any more: the memory is not released
        data_ = nullptr;
        size_ = 0;
    }
    unsigned char *data() const { return data_; }
    size_t size() const { return size_; }

private:
    Device *device_ = nullptr;
    unsigned char *data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace slimscale::runtime
