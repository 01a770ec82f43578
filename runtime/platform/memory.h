// Memory comes from the caller's allocator at open and plan; pipelines draw their scratch from arenas sized then.
#pragma once

#include <cstddef>
#include <cstdint>

#include "slimscale/slimscale.h"

namespace slimscale::runtime {

constexpr size_t kAlignment = 64;  // a cache line; also enough for 512-bit vectors

constexpr size_t round_up(size_t value, size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}
constexpr int round_up(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

// A stride in values of `value_bytes`, made a cache line longer if it is a multiple of 4 KB, since data that lie such
// multiples apart share the sets of the L1 cache.
constexpr int64_t off_page(int64_t values, size_t value_bytes) {
    constexpr int64_t kPage = 4096;
    const auto bytes = static_cast<int64_t>(value_bytes);
    return values * bytes % kPage == 0 ? values + static_cast<int64_t>(kAlignment) / bytes : values;
}

slimscale_allocator default_allocator();

// One allocation of the caller's allocator, released with the object.
class Block {
public:
    Block() = default;
    Block(Block &&other) noexcept;
    Block &operator=(Block &&other) noexcept;
    ~Block() { release(); }

    // False if the allocator has no memory; the block is then empty.
    bool allocate(const slimscale_allocator &allocator, size_t bytes);
    void release();
    unsigned char *data() const { return data_; }
    size_t size() const { return size_; }

private:
    slimscale_allocator allocator_{};
    unsigned char *data_ = nullptr;
    size_t size_ = 0;
};

// A stack of scratch allocations used by one worker at a time. It holds what the archive states for the pipelines
// (slimscale_compiled_target.scratch_bytes); if that is too little, malloc serves the rest, and the arena counts it.
class Arena {
public:
    void use(unsigned char *data, size_t bytes);
    void *allocate(size_t bytes);
    void release(void *memory);
    size_t peak() const { return peak_; }            // bytes that would have avoided every fallback
    size_t fallbacks() const { return fallbacks_; }  // allocations served by malloc

private:
    unsigned char *data_ = nullptr;
    size_t capacity_ = 0, top_ = 0, newest_ = 0, peak_ = 0, fallbacks_ = 0;  // newest_: where the last one begins
    int live_ = 0;
};

}  // namespace slimscale::runtime
