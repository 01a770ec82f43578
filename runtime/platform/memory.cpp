#include "runtime/platform/memory.h"

#include <cstdlib>
#include <utility>

namespace slimscale::runtime {

namespace {

void *allocate_aligned(void *, size_t bytes, size_t alignment) {
    void *memory = nullptr;
    return posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}

void release_aligned(void *, void *memory) {
    std::free(memory);
}

}  // namespace

slimscale_allocator default_allocator() {
    return {nullptr, allocate_aligned, release_aligned};
}

bool Block::allocate(const slimscale_allocator &allocator, size_t bytes) {
    release();
    if (bytes == 0)
        bytes = kAlignment;
    data_ = static_cast<unsigned char *>(allocator.allocate(allocator.opaque, bytes, kAlignment));
    if (!data_)
        return false;
    allocator_ = allocator;
    size_ = bytes;
    return true;
}

void Block::release() {
    if (data_)
        allocator_.release(allocator_.opaque, data_);
    data_ = nullptr;
    size_ = 0;
}

Block::Block(Block &&other) noexcept
    : allocator_(other.allocator_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Block &Block::operator=(Block &&other) noexcept {
    if (this != &other) {
        release();
        allocator_ = other.allocator_;
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void Arena::use(unsigned char *data, size_t bytes) {
    data_ = data;
    capacity_ = bytes;
    top_ = newest_ = peak_ = fallbacks_ = 0;
    live_ = 0;
}

// A stack whose frees may come in any order: the newest allocation is reused at once, others when nothing is live any
// more. Pipelines allocate and free a few buffers per task, so the stack empties with every task; a buffer that is
// allocated again for every phase of a shuffle is the newest.
void *Arena::allocate(size_t bytes) {
    const size_t begin = newest_ = top_;
    top_ += round_up(bytes, kAlignment);
    live_++;
    if (top_ > peak_)
        peak_ = top_;
    if (top_ <= capacity_)
        return data_ + begin;
    fallbacks_++;
    return allocate_aligned(nullptr, bytes, kAlignment);
}

void Arena::release(void *memory) {
    if (!memory)
        return;
    const auto *byte = static_cast<unsigned char *>(memory);
    const bool ours = data_ && byte >= data_ && byte < data_ + capacity_;
    if (ours && byte == data_ + newest_)
        top_ = newest_;
    if (--live_ == 0)
        top_ = 0;
    if (!ours)
        std::free(memory);
}

}  // namespace slimscale::runtime
