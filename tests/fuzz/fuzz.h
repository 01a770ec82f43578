// What the fuzz targets share: a reader of numbers from the fuzzer's bytes, and an expectation that ends the program.
#pragma once

#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/guarded_memory.h"

// libFuzzer's entry. Under g++ replay.cpp calls it. Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Ends the program where a promise is broken, as a fuzzer expects it.
#define FUZZ_EXPECT(condition)                                                             \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                  \
        }                                                                                  \
    } while (false)

namespace slimscale::fuzz {

using Guarded = test::GuardedMemory;

// Takes numbers from the input, from its beginning on; behind its end there are zeros.
class Input {
public:
    Input(const uint8_t *data, size_t size) : data_(data), end_(data + size) {}

    bool empty() const { return data_ == end_; }

    template <class T>
    T number() {
        T value{};
        const size_t bytes =
            static_cast<size_t>(end_ - data_) < sizeof value ? static_cast<size_t>(end_ - data_) : sizeof value;
        if (bytes > 0)
            std::memcpy(&value, data_, bytes);
        data_ += bytes;
        return value;
    }
    int below(int count) { return number<uint8_t>() % count; }
    bool flag() { return below(2) != 0; }
    // A number that is mostly small, sometimes a border case, and sometimes anything.
    int any_int() {
        static constexpr int kBorders[] = {0, -1, INT_MIN, INT_MAX, 4096, 65535, 65536, 65537, 1 << 20, 1 << 30};
        switch (below(4)) {
        case 0:
            return number<int32_t>();
        case 1:
            return kBorders[below(10)];
        default:
            return number<uint8_t>() % 65;
        }
    }

private:
    const uint8_t *data_, *end_;
};

}  // namespace slimscale::fuzz
