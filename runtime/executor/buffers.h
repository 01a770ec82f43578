// halide_buffer_t over memory that somebody else owns, and an argument list for a pipeline's argv entry.
#pragma once

#include <HalideRuntime.h>

#include <cstdint>
#include <initializer_list>

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

    // Once per view. A device that cannot bind leaves the buffer without memory, and the pipeline refuses it.
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

// Arguments in a pipeline's order. Scalars are copied, so that callers may pass expressions.
class Arguments {
public:
    explicit Arguments(Context *context)
        : context_(context) { pointers_[count_++] = &context_; }
    Arguments(const Arguments &) = delete;

    Arguments &operator<<(BufferView &buffer) {
        pointers_[count_++] = buffer.get();
        return *this;
    }
    Arguments &operator<<(int value) {
        scalars_[count_].i = value;
        pointers_[count_] = &scalars_[count_];
        count_++;
        return *this;
    }
    Arguments &operator<<(float value) {
        scalars_[count_].f = value;
        pointers_[count_] = &scalars_[count_];
        count_++;
        return *this;
    }
    void **get() { return pointers_; }

private:
    static constexpr int kMost = 32;  // conv1x1_add of q16 with four inputs takes 24
    Context *context_;
    union {
        int32_t i;
        float f;
    } scalars_[kMost];
    void *pointers_[kMost];
    int count_ = 0;
};

}  // namespace slimscale::runtime
