#include "tests/blocks/tensors.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace slimscale::test {

namespace {

constexpr float kUnused = 1e30f;  // shows in any result that it enters, while a NaN would vanish in max()
constexpr float kGuard = -12345.75f;
constexpr int kColumnPadding = 32;
constexpr float kFrameSteps = 1024;  // from 0 to 1, so that all values are numbers of f16

int modulo(int a, int n) {
    return ((a % n) + n) % n;
}

}  // namespace

float noise(uint32_t seed, int a, int b, int c, int d) {
    uint32_t h = seed * 0x9E3779B9u;
    for (int value : {a, b, c, d}) {
        h ^= static_cast<uint32_t>(value) + 0x7F4A7C15u + (h << 6) + (h >> 2);
        h *= 0x85EBCA6Bu;
        h ^= h >> 13;
    }
    return static_cast<float>(h >> 8) / static_cast<float>(1 << 23) - 1.f;
}

GuardedFloats::GuardedFloats(size_t count) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = (count * sizeof(float) + page - 1) / page * page;
    mapped_bytes_ = bytes + page;
    mapping_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *start = static_cast<char *>(mapping_);
    mprotect(start + bytes, page, PROT_NONE);
    data_ = reinterpret_cast<float *>(start + bytes) - count;
}

GuardedFloats::~GuardedFloats() {
    munmap(mapping_, mapped_bytes_);
}

double Frame::at(int c, int x, int y) const {
    if (x < 0 || x >= width || y < 0 || y >= height)
        return 0;
    return std::round(noise(seed, c, period > 0 ? x % period : x, y) * kFrameSteps) / kFrameSteps;
}

RingTensor::RingTensor(const Frame &frame, int ring_rows, int base_row, int first, int channel_offset,
                       int channel_total)
    : base(base_row), ring(ring_rows),
      memory_(static_cast<size_t>((channel_total > 0 ? channel_total : frame.channels) *
                                  (round_up(frame.width, 4) + kColumnPadding + 1) * (ring_rows + 1))) {
    const int total = channel_total > 0 ? channel_total : frame.channels;
    const int columns = round_up(frame.width, 4) + kColumnPadding + 1;  // from -1
    std::fill_n(memory_.data(), total * columns * (ring + 1), kUnused);

    halide_dimension_t shape[3] = {{0, frame.channels, 1}, {-1, columns, total}, {0, ring + 1, total * columns}};
    buffer_ = Buffer3(memory_.data() + channel_offset, 3, shape);
    for (int y = first; y < first + ring; y++) {
        if (y < 0 || y >= frame.height)
            continue;
        const int row = modulo(y + base, ring);
        for (int x = -1; x < columns - 1; x++)
            for (int c = 0; c < frame.channels; c++)
                buffer_(c, x, row) = static_cast<float>(frame.at(c, x, y));
    }
    buffer_.sliced(2, ring).fill(0.f);
}

OutputView::OutputView(int channels, int width, int rows, Strides s) {
    const int total = s.channel_total > 0 ? s.channel_total : channels;
    const int columns = round_up(width, 4) * s.x_step;  // with guards where a tile of four would reach
    const int size = total * columns * rows * s.y_step;
    memory_.assign(static_cast<size_t>(size), kGuard);
    halide_dimension_t shape[3] = {
        {0, channels, 1}, {0, width, total * s.x_step}, {0, rows, total * columns * s.y_step}};
    buffer_ = Buffer3(memory_.data() + s.channel_offset + (s.offset_y * columns + s.offset_x) * total, 3, shape);
}

Buffer3 OutputView::rows(int first, int count) {
    Buffer3 part = buffer_.cropped(2, first, count);
    part.translate(2, -first);
    return part;
}

bool OutputView::guards_intact() const {
    std::vector<float> rest = memory_;
    buffer_.for_each_element(
        [&](int c, int x, int y) { rest[static_cast<size_t>(&buffer_(c, x, y) - memory_.data())] = kGuard; });
    return std::all_of(rest.begin(), rest.end(), [](float value) { return value == kGuard; });
}

}  // namespace slimscale::test
