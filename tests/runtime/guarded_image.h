// Images whose rows lie between pages without access, so that a byte that is read or written outside a row ends the
// test.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "slimscale/slimscale.h"
#include "tests/guarded_memory.h"

namespace slimscale::test {

class GuardedPlane {
public:
    GuardedPlane(size_t row_bytes, int rows, Side side, bool upwards) {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t open = (row_bytes + page - 1) / page * page;
        pitch_ = open + page;
        size_ = pitch_ * static_cast<size_t>(rows) + page;
        void *memory = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            throw std::runtime_error("no memory for guarded rows");
        memory_ = static_cast<unsigned char *>(memory);
        for (int y = 0; y < rows; y++)
            if (mprotect(memory_ + page + static_cast<size_t>(y) * pitch_, open, PROT_READ | PROT_WRITE) != 0)
                throw std::runtime_error("rows cannot be opened");
        first_ = memory_ + page + (side == Side::right ? open - row_bytes : 0);
        if (upwards)
            first_ += pitch_ * static_cast<size_t>(rows - 1);
        stride_ = upwards ? -static_cast<ptrdiff_t>(pitch_) : static_cast<ptrdiff_t>(pitch_);
    }
    ~GuardedPlane() {
        if (memory_)
            munmap(memory_, size_);
    }
    GuardedPlane(GuardedPlane &&other) noexcept
        : memory_(other.memory_), first_(other.first_), size_(other.size_), pitch_(other.pitch_),
          stride_(other.stride_) {
        other.memory_ = nullptr;
    }
    GuardedPlane &operator=(GuardedPlane &&) = delete;

    unsigned char *first() const { return first_; }
    ptrdiff_t stride() const { return stride_; }

private:
    unsigned char *memory_, *first_ = nullptr;
    size_t size_, pitch_;
    ptrdiff_t stride_;
};

class GuardedImage {
public:
    GuardedImage(slimscale_format format, int width, int height, Side side = Side::right, bool upwards = false) {
        image.format = format;
        image.width = width;
        image.height = height;
        size_t bytes = 0;
        int rows = 0;
        for (int p = 0; slimscale_plane_size(format, width, height, p, &bytes, &rows) == SLIMSCALE_OK; p++) {
            planes_.emplace_back(bytes, rows, side, upwards);
            sizes_.push_back({bytes, rows});
            image.planes[p] = planes_.back().first();
            image.strides[p] = planes_.back().stride();
        }
    }

    // Any bytes; halves and floats between 0 and 1.
    void fill(uint32_t seed) {
        slimscale_format_info info{};
        info.size = sizeof info;
        slimscale_describe_format(image.format, &info);
        const auto next = [&] { return seed = seed * 1664525u + 1013904223u; };
        each_row([&](unsigned char *row, size_t bytes) {
            for (size_t i = 0; i < bytes; i += static_cast<size_t>(info.word_bytes)) {
                const uint32_t noise = next() >> 8;
                const float unit = static_cast<float>(noise & 0xffff) / 65535;
                const auto half = static_cast<uint16_t>(noise % 0x3c01);
                if (!info.floats)
                    std::memcpy(row + i, &noise, static_cast<size_t>(info.word_bytes));
                else if (info.word_bytes == 4)
                    std::memcpy(row + i, &unit, sizeof unit);
                else
                    std::memcpy(row + i, &half, sizeof half);
            }
        });
    }

    void set(unsigned char value) {
        each_row([&](unsigned char *row, size_t bytes) { std::memset(row, value, bytes); });
    }

    std::vector<unsigned char> bytes() const {
        std::vector<unsigned char> all;
        each_row([&](const unsigned char *row, size_t count) { all.insert(all.end(), row, row + count); });
        return all;
    }

    slimscale_image image = SLIMSCALE_IMAGE_INIT;

private:
    struct Size {
        size_t bytes;
        int rows;
    };

    template <class Work>
    void each_row(Work work) const {
        for (size_t p = 0; p < planes_.size(); p++)
            for (int y = 0; y < sizes_[p].rows; y++)
                work(planes_[p].first() + y * planes_[p].stride(), sizes_[p].bytes);
    }

    std::vector<GuardedPlane> planes_;
    std::vector<Size> sizes_;
};

}  // namespace slimscale::test
