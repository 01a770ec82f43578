// halide_buffer_t views of memory that is owned elsewhere, and the arguments of a call of a pipeline.
#pragma once

#include <HalideRuntime.h>

#include <cstdint>
#include <initializer_list>

#include "contract/call.h"
#include "runtime/platform/context.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

struct Dim {
    int64_t min, extent, stride;
};

// A view of up to seven dimensions, innermost first. `origin` is the device's address of the element at the dimensions'
// minima.
class BufferView {
public:
    BufferView() = default;
    BufferView(const BufferView &) = delete;
    BufferView &operator=(const BufferView &) = delete;
    ~BufferView() {
        if (device_)
            device_->unbind(buffer_);
    }

    // Binds the view to memory, once per view. If the device cannot bind it, the buffer stays without memory and the
    // pipeline refuses it.
    void set(const void *origin, halide_type_t type, std::initializer_list<Dim> dims, Device &device) {
        int n = 0;
        for (const Dim &d : dims)
            dims_[n++] = halide_dimension_t(static_cast<int32_t>(d.min), static_cast<int32_t>(d.extent),
                                            static_cast<int32_t>(d.stride));
        buffer_ = {};
        buffer_.type = type;
        buffer_.dimensions = n;
        buffer_.dim = dims_;
        if (!device.bind(buffer_, origin))
            return;
        buffer_.set_device_dirty(buffer_.host == nullptr);
        device_ = &device;
    }
    halide_buffer_t *get() { return &buffer_; }

private:
    halide_buffer_t buffer_{};
    halide_dimension_t dims_[7]{};
    Device *device_ = nullptr;
};

// The arguments of one call, each by its name.
class Arguments : public contract::Call {
public:
    explicit Arguments(Context *context) : context_(context) {}
    Arguments(const Arguments &) = delete;
    Arguments &operator=(const Arguments &) = delete;

    // The array for the pipeline's argv entry; null if the arguments that were set are not those of the pipeline.
    void **packed(const contract::PipelineKey &key) {
        return contract::pack(key, *this, &context_, pointers_) ? nullptr : pointers_;
    }

private:
    Context *context_;
    void *pointers_[contract::kMostArguments];
};

}  // namespace slimscale::runtime
