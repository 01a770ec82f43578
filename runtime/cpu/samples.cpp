#include "runtime/cpu/samples.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace slimscale::runtime::cpu {

namespace {

float as_float(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

struct Half {
    uint16_t bits;
};

// IEEE halves without instructions for them, which not every processor has.
float float_of(Half half) {
    constexpr uint32_t kUp = 0x77800000;  // 2^112: exponents are biased by 15 and by 127
    const uint32_t magnitude = half.bits & 0x7fffu, sign = (half.bits & 0x8000u) << 16;
    const uint32_t finite = bits_of(as_float(magnitude << 13) * as_float(kUp));
    return as_float((magnitude >= 0x7c00 ? finite | 0x7f800000u : finite) | sign);
}

// To nearest, half to even.
Half half_of(float value) {
    constexpr uint32_t kInfinity = 0x7f800000, kTooLarge = (127 + 16) << 23, kNormal = 113 << 23, kMagic = 126 << 23;
    const uint32_t bits = bits_of(value), magnitude = bits & 0x7fffffffu, sign = (bits >> 16) & 0x8000u;
    const uint32_t normal = (magnitude - (112u << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
    const uint32_t small = bits_of(as_float(magnitude) + as_float(kMagic)) - kMagic;
    const uint32_t large = magnitude > kInfinity ? 0x7e00 : 0x7c00;
    return {static_cast<uint16_t>((magnitude >= kTooLarge ? large : magnitude < kNormal ? small : normal) | sign)};
}

template <typename W>
float to_code(W word, const Component &c) {
    return static_cast<float>(static_cast<int32_t>((word >> c.shift) & mask_of(c)));
}
float to_code(float word, const Component &) {
    return word;
}
float to_code(Half word, const Component &) {
    return float_of(word);
}

// A NaN is not greater than 0 and becomes 0 rather than undefined behaviour.
int to_integer(float code, float white) {
    return static_cast<int>(std::min(std::max(0.0f, code), white) + 0.5f);
}

template <typename W, int Step>
void fetch_words(const W *__restrict in, int step, const Component &component, int count, float *__restrict codes) {
    const Component c = component;
    for (int i = 0; i < count; i++)
        codes[i] = to_code(in[i * (Step ? Step : step)], c);
}

// Loops with a constant step become vectors.
template <typename W>
void fetch_as(const SampleRow &row, int begin, int end, float *codes) {
    const Component &c = *row.component;
    const W *in = reinterpret_cast<const W *>(row.row) + c.first + static_cast<ptrdiff_t>(begin) * c.step;
    switch (c.step) {
    case 1:
        return fetch_words<W, 1>(in, 1, c, end - begin, codes);
    case 2:
        return fetch_words<W, 2>(in, 2, c, end - begin, codes);
    default:
        return fetch_words<W, 0>(in, c.step, c, end - begin, codes);
    }
}

constexpr int kRun = 64;

// Not inlined, g++ 12 makes vectors of it.
[[gnu::noinline]] void round_run(const float *__restrict codes, float white, int shift, int *__restrict words) {
    for (int i = 0; i < kRun; i++)
        words[i] = to_integer(codes[i], white) << shift;
}

template <typename W, int Step>
void put_run(const int *__restrict words, int count, int step, W *__restrict out) {
    for (int i = 0; i < count; i++)
        out[i * (Step ? Step : step)] = static_cast<W>(words[i]);
}

template <typename W>
void put_integers(const SampleRow &row, int begin, int end, const float *codes) {
    const Component &c = *row.component;
    W *out = reinterpret_cast<W *>(row.row) + c.first + static_cast<ptrdiff_t>(begin) * c.step;
    const float white = c.white();
    for (; begin < end; begin += kRun, codes += kRun, out += kRun * c.step) {
        const int count = std::min(kRun, end - begin);
        int words[kRun];
        if (count == kRun)
            round_run(codes, white, c.shift, words);
        else
            for (int i = 0; i < count; i++)
                words[i] = to_integer(codes[i], white) << c.shift;
        if (c.step == 1)
            put_run<W, 1>(words, count, 1, out);
        else if (c.step == 2)
            put_run<W, 2>(words, count, 2, out);
        else
            put_run<W, 0>(words, count, c.step, out);
    }
}

}  // namespace

SampleRow sample_row(const slimscale_image &image, const Format &format, int c, int y) {
    const Component &component = format.components[c];
    return {&format, &component, row_of(image, component.plane, y), samples_of(image.width, format.sub_x, c)};
}

void fetch(const SampleRow &row, int begin, int end, float *codes) {
    switch (row.format->word) {
    case Word::u8:
        return fetch_as<uint8_t>(row, begin, end, codes);
    case Word::u16:
        return fetch_as<uint16_t>(row, begin, end, codes);
    case Word::u32:
        return fetch_as<uint32_t>(row, begin, end, codes);
    case Word::f16:
        return fetch_as<Half>(row, begin, end, codes);
    case Word::f32:
        return fetch_as<float>(row, begin, end, codes);
    }
}

void fetch_around(const SampleRow &row, int begin, int end, Edge edge, float *codes) {
    const int first = std::clamp(begin, 0, row.count), last = std::clamp(end, first, row.count);
    fetch(row, first, last, codes + (first - begin));
    for (int i = begin; i < end; i++)
        if (i < first || i >= last) {
            const int at = inside(i, row.count, edge);
            fetch(row, at, at + 1, codes + (i - begin));
        }
}

void put(const SampleRow &row, int begin, int end, const float *codes) {
    const Component &c = *row.component;
    const ptrdiff_t first = c.first + static_cast<ptrdiff_t>(begin) * c.step;
    switch (row.format->word) {
    case Word::u8:
        return put_integers<uint8_t>(row, begin, end, codes);
    case Word::u16:
        return put_integers<uint16_t>(row, begin, end, codes);
    case Word::u32: {
        uint32_t *out = reinterpret_cast<uint32_t *>(row.row) + first;
        const uint32_t others = ~(mask_of(c) << c.shift);
        for (int i = 0; i < end - begin; i++, out += c.step)
            *out = (*out & others) | static_cast<uint32_t>(to_integer(codes[i], c.white())) << c.shift;
        return;
    }
    case Word::f16: {
        Half *out = reinterpret_cast<Half *>(row.row) + first;
        for (int i = 0; i < end - begin; i++)
            out[i * c.step] = half_of(codes[i]);
        return;
    }
    case Word::f32: {
        float *out = reinterpret_cast<float *>(row.row) + first;
        for (int i = 0; i < end - begin; i++)
            out[i * c.step] = codes[i];
        return;
    }
    }
}

void put_together(const SampleRow (&rows)[3], int begin, int end, const float *const (&codes)[3]) {
    auto *out = reinterpret_cast<uint32_t *>(rows[0].row);
    uint32_t others = ~0u;
    for (const SampleRow &row : rows)
        others &= ~(mask_of(*row.component) << row.component->shift);
    for (int x = begin; x < end; x++) {
        uint32_t word = others;
        for (int c = 0; c < 3; c++) {
            const Component &component = *rows[c].component;
            word |= static_cast<uint32_t>(to_integer(codes[c][x - begin], component.white())) << component.shift;
        }
        out[x] = word;
    }
}

}  // namespace slimscale::runtime::cpu
