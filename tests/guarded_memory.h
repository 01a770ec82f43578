// Memory between pages that nobody may touch: a byte read or written outside of it ends the program.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace slimscale::test {

enum class Side { left, right };  // the side at which the memory touches a page without access

class GuardedMemory {
public:
    // Right: the memory ends at a closed page, as nearly as `alignment` allows. Left: it begins behind one.
    explicit GuardedMemory(size_t bytes, size_t alignment = 1, Side side = Side::right) {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t open = (bytes + page - 1) / page * page;
        size_ = page + open + page;
        void *memory = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            throw std::runtime_error("no memory between guard pages");
        memory_ = static_cast<uint8_t *>(memory);
        data_ = memory_ + page + (side == Side::right ? (open - bytes) / alignment * alignment : 0);
        if (open > 0 && mprotect(memory_ + page, open, PROT_READ | PROT_WRITE) != 0)
            throw std::runtime_error("memory between guard pages cannot be opened");
    }
    GuardedMemory(const void *contents, size_t bytes, size_t alignment = 1, Side side = Side::right)
        : GuardedMemory(bytes, alignment, side) {
        if (bytes > 0)
            std::memcpy(data_, contents, bytes);
    }
    ~GuardedMemory() {
        if (memory_)
            munmap(memory_, size_);
    }
    GuardedMemory(GuardedMemory &&other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), data_(other.data_), size_(other.size_) {}
    GuardedMemory &operator=(GuardedMemory &&) = delete;

    uint8_t *data() const { return data_; }

private:
    uint8_t *memory_ = nullptr, *data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace slimscale::test
