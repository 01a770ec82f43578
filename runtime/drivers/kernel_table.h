// What a driver has loaded of each pipeline: its module or program, and its kernels by name. Nothing grows in a frame.
#pragma once

#include <cstring>

#include "runtime/platform/memory.h"

namespace slimscale::runtime {

// Code and Kernel are a driver's handles; null: none.
template <typename Code, typename Kernel>
class KernelTable {
public:
    // A pipeline's kernels: one, or one more for views whose channels do not lie side by side.
    static constexpr int kMostKernels = 4;

    struct Named {
        const char *name;  // not terminated; of the archive
        size_t length;
        Kernel kernel;
    };
    struct Entry {
        Code code;
        int count;
        Named kernels[kMostKernels];

        bool full() const { return count == kMostKernels; }
        void add(const char *name, size_t length, Kernel kernel) { kernels[count++] = {name, length, kernel}; }
        Kernel find(const char *name) const {
            const size_t length = std::strlen(name);
            for (int i = 0; i < count; i++)
                if (kernels[i].length == length && std::memcmp(kernels[i].name, name, length) == 0)
                    return kernels[i].kernel;
            return nullptr;
        }
    };

    // Empty entries for so many pipelines; false if there is no memory for them.
    bool allocate(const slimscale_allocator &allocator, int pipelines) {
        if (!memory_.allocate(allocator, sizeof(Entry) * static_cast<size_t>(pipelines)))
            return false;
        std::memset(memory_.data(), 0, memory_.size());
        size_ = pipelines;
        return true;
    }
    void release() {
        memory_.release();
        size_ = 0;
    }
    Entry &operator[](int pipeline) { return begin()[pipeline]; }
    Entry *begin() { return reinterpret_cast<Entry *>(memory_.data()); }
    Entry *end() { return begin() + size_; }
    int size() const { return size_; }

private:
    Block memory_;
    int size_ = 0;
};

}  // namespace slimscale::runtime
