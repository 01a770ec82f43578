// Opens a packed blob in place: open_blob checks everything once, then BlobView gives pointers into it. Nothing is
// allocated or thrown.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "contract/blob_format.h"
#include "contract/crc32.h"
#include "contract/self_test.h"

namespace slimscale {

// Bounds far above any network, which keep the products below from overflowing 64 bits.
constexpr uint32_t kMaxBlobChannels = 4096;
constexpr uint32_t kMaxBlobFilters = 65536;
constexpr size_t kBlobBaseAlignment = 8;  // of the blob's first byte in memory

inline uint64_t block_count(const BlobFilter &filter) {
    return (uint64_t{filter.outputs} + kFilterBlock - 1) / kFilterBlock;
}

// Floats from one block of 16 output channels to the next, and from one shuffle phase to the next.
inline uint64_t block_stride(const BlobFilter &filter) {
    return uint64_t{filter.inputs} * filter.kernel * filter.kernel * kFilterBlock;
}
inline uint64_t phase_stride(const BlobFilter &filter) {
    return block_count(filter) * block_stride(filter);
}
inline uint64_t bias_stride(const BlobFilter &filter) {
    return block_count(filter) * kFilterBlock;
}

// The floats of all phases of a filter.
inline uint64_t weight_count(const BlobFilter &filter) {
    return filter.phases * phase_stride(filter);
}
inline uint64_t bias_count(const BlobFilter &filter) {
    return filter.phases * bias_stride(filter);
}
// The floats that begin at the bias: the biases of all phases and the slopes.
inline uint64_t tail_count(const BlobFilter &filter) {
    return bias_count(filter) + (filter.prelu ? bias_stride(filter) : 0);
}

// Floats from one calibrated width's ranges to the next.
inline uint64_t q16_stride(const BlobHeader &header) {
    return uint64_t{header.filter_count} * kQ16Elements;
}

// int8's widths and, behind them, its ranges, in bytes from the start of the blob; floats from one width's ranges to
// the next.
inline uint64_t int8_widths_offset(const BlobHeader &header) {
    return header.q16_ranges_offset + header.q16_count * q16_stride(header) * sizeof(float);
}
inline uint64_t int8_ranges_offset(const BlobHeader &header) {
    return int8_widths_offset(header) + header.int8_count * sizeof(uint32_t);
}
inline uint64_t int8_stride(const BlobHeader &header) {
    return uint64_t{header.filter_count} * kInt8Limits;
}

// Floats from the self-test's numbers of one width to those of the next.
inline uint64_t self_test_stride(const BlobHeader &header) {
    return contract::self_test_count(static_cast<int>(header.scale), static_cast<int>(header.colors));
}

// Points into the blob, which must outlive it.
struct BlobView {
    const BlobHeader *header = nullptr;
    const BlobFilter *filters = nullptr;         // header->filter_count
    const uint32_t *trained = nullptr;           // header->trained_count channel counts, ascending
    const uint32_t *q16_widths = nullptr;        // header->q16_count channel counts, ascending
    const uint32_t *int8_widths = nullptr;       // header->int8_count channel counts, ascending
    const uint32_t *self_test_widths = nullptr;  // header->self_test_count channel counts, ascending

    // [phase][block][input][ky][kx][16] and [phase][block * 16]. Precondition: filter < header->filter_count.
    const float *weights(uint32_t filter) const { return at(filters[filter].weights_offset); }
    const float *bias(uint32_t filter) const { return at(filters[filter].bias_offset); }
    // [block * 16]. Precondition: the filter has slopes.
    const float *slope(uint32_t filter) const { return bias(filter) + bias_count(filters[filter]); }

    bool is_trained(uint32_t channels) const {
        // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): no function of an unopened view is called.
        return place(trained, header->trained_count, channels) < header->trained_count;
    }

    // [filter_count][36], at Winograd-domain element k + 6*l; a 1x1 filter has only the first. Null if the weights are
    // not calibrated at this width.
    const float *q16_ranges(int channels) const {
        const uint32_t i = place(q16_widths, header->q16_count, static_cast<uint32_t>(channels));
        return i < header->q16_count ? at(header->q16_ranges_offset) + i * q16_stride(*header) : nullptr;
    }

    // [filter_count][2]: the least value and the largest. Null if the weights have no ranges of bytes at this width.
    const float *int8_ranges(int channels) const {
        const uint32_t i = place(int8_widths, header->int8_count, static_cast<uint32_t>(channels));
        return i < header->int8_count ? at(int8_ranges_offset(*header)) + i * int8_stride(*header) : nullptr;
    }

    // The numbers that contract::self_test_numbers gives of the network's output; null if the weights hold none for
    // this width.
    const float *self_test(int channels) const {
        const uint32_t i = place(self_test_widths, header->self_test_count, static_cast<uint32_t>(channels));
        return i < header->self_test_count ? at(header->self_test_offset) + i * self_test_stride(*header) : nullptr;
    }

private:
    // The place of `channels` among `count` widths; `count` if it is none of them.
    static uint32_t place(const uint32_t *widths, uint32_t count, uint32_t channels) {
        uint32_t i = 0;
        while (i < count && widths[i] != channels)
            i++;
        return i;
    }
    const float *at(uint64_t offset) const {
        return reinterpret_cast<const float *>(reinterpret_cast<const char *>(header) + offset);
    }
};

namespace blob_detail {

inline bool inside(uint64_t offset, uint64_t bytes, uint64_t total, uint64_t alignment) {
    return offset % alignment == 0 && offset >= sizeof(BlobHeader) && offset <= total && bytes <= total - offset;
}

inline bool is_name(const char *text, size_t size) {
    const char *end = static_cast<const char *>(std::memchr(text, 0, size));
    if (end == nullptr || end == text)
        return false;
    for (; text != end; text++)
        if (!((*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') || *text == '_'))
            return false;
    return true;
}

inline const char *check_start(const void *data, size_t size) {
    if (data == nullptr || size < sizeof(BlobHeader))
        return "the weights are too short to be a packed blob; pack them with slimscale_pack";
    if (reinterpret_cast<uintptr_t>(data) % kBlobBaseAlignment != 0)
        return "the weights must lie at an address that is a multiple of 8";
    const BlobHeader &header = *static_cast<const BlobHeader *>(data);
    if (std::memcmp(header.magic, kBlobMagic, sizeof kBlobMagic) != 0)
        return "the weights are no packed blob; pack them with slimscale_pack";
    if (header.version != kBlobVersion)
        return "the weights were packed for another version; pack them again with this version's slimscale_pack";
    if (header.total_bytes != size)
        return "the weights have another size than when they were packed: they are truncated or padded";
    constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
    if (crc32(static_cast<const char *>(data) + kCovered, size - kCovered) != header.crc32)
        return "the weights' checksum does not match: they are damaged";
    return nullptr;
}

inline const char *check_header(const BlobHeader &header) {
    if (!is_name(header.network, sizeof header.network))
        return "the weights' network has no valid name";
    if (header.scale < 1 || header.scale > kMaxScale)
        return "the weights' scale is not 1, 2, 3 or 4";
    if (header.colors != 1 && header.colors != 3)
        return "the weights' color count is not 1 or 3";
    if (header.channels == 0 || header.channels > kMaxBlobChannels)
        return "the weights' channel count is out of bounds";
    if (header.segment_slicing > 1)
        return "the weights ask for an unknown way of slicing concatenations";
    if (!std::isfinite(header.range) || header.range <= 0)
        return "the weights' range is not a positive number";
    for (const float mean : header.mean)
        if (!std::isfinite(mean))
            return "the weights' mean is not finite";
    if (header.filter_count == 0 || header.filter_count > kMaxBlobFilters ||
        !inside(header.filters_offset, header.filter_count * sizeof(BlobFilter), header.total_bytes,
                alignof(BlobFilter)))
        return "the weights' filter table lies outside the blob";
    if (header.trained_count > kMaxBlobChannels ||
        !inside(header.trained_offset, header.trained_count * sizeof(uint32_t), header.total_bytes, alignof(uint32_t)))
        return "the weights' list of trained widths lies outside the blob";
    if (header.q16_count > kMaxBlobChannels ||
        !inside(header.q16_widths_offset, header.q16_count * sizeof(uint32_t), header.total_bytes, alignof(uint32_t)))
        return "the weights' list of calibrated widths lies outside the blob";
    if (!inside(header.q16_ranges_offset, header.q16_count * q16_stride(header) * sizeof(float), header.total_bytes,
                kBlobAlignment))
        return "the weights' q16 ranges lie outside the blob";
    if (header.int8_count > kMaxBlobChannels ||
        !inside(int8_widths_offset(header),
                header.int8_count * (sizeof(uint32_t) + int8_stride(header) * sizeof(float)), header.total_bytes,
                alignof(float)))
        return "the weights' int8 ranges lie outside the blob";
    if (header.self_test_count > kMaxBlobChannels ||
        !inside(header.self_test_widths_offset, header.self_test_count * sizeof(uint32_t), header.total_bytes,
                alignof(uint32_t)))
        return "the weights' list of widths for the self-test lies outside the blob";
    if (!inside(header.self_test_offset, header.self_test_count * self_test_stride(header) * sizeof(float),
                header.total_bytes, alignof(float)))
        return "the weights' numbers for the self-test lie outside the blob";
    if (header.input_skip > 1)
        return "the weights ask for an unknown kind of input skip";
    return nullptr;
}

inline const char *check_widths(const uint32_t *widths, uint32_t count, uint32_t most, const char *fault) {
    for (uint32_t i = 0; i < count; i++)
        if (widths[i] <= (i == 0 ? 0 : widths[i - 1]) || widths[i] > most)
            return fault;
    return nullptr;
}

// Checks the ranges of one filter at one width: those that its kernel uses are positive, or all are zero.
inline const char *check_ranges(const BlobFilter &filter, const float *ranges) {
    int used = 0;
    for (int i = 0; i < kQ16Elements; i++) {
        if (!std::isfinite(ranges[i]) || ranges[i] < 0)
            return "a q16 range of the weights is negative or not finite; run slimscale quantize again";
        used += ranges[i] > 0;
    }
    if (filter.kernel == 1 && used != (ranges[0] > 0))
        return "a 1x1 filter of the weights has q16 ranges of several Winograd-domain elements; run slimscale quantize "
               "again";
    if (used != 0 && used != q16_ranges_of(filter.kernel))
        return "a filter of the weights has q16 ranges at some Winograd-domain elements only; run slimscale quantize "
               "again";
    return nullptr;
}

// Checks int8's ranges of one filter at one width: the least value is at most 0, the largest at least 0.
inline const char *check_int8(const BlobFilter &filter, const float *range) {
    if (!std::isfinite(range[0]) || !std::isfinite(range[1]) || range[0] > 0 || range[1] < 0 ||
        (filter.kernel == 1 && range[0] != range[1]))
        return "an int8 range of the weights is none of a 3x3 filter that holds 0; run slimscale quantize again";
    return nullptr;
}

inline const char *check_filter(const BlobFilter &filter, uint64_t total_bytes) {
    if (filter.inputs == 0 || filter.inputs > kMaxBlobChannels || filter.outputs == 0 ||
        filter.outputs > kMaxBlobChannels)
        return "a filter of the weights has a channel count out of bounds";
    if (filter.kernel != 1 && filter.kernel != 3)
        return "a filter of the weights is not 1x1 or 3x3";
    if (filter.phases != 1 && filter.phases != 4 && filter.phases != 9 && filter.phases != 16)
        return "a filter of the weights has a phase count other than 1, 4, 9 or 16";
    if (filter.groups == 0 || filter.outputs % filter.groups != 0 ||
        (filter.groups > 1 && filter.outputs / filter.groups % kFilterBlock != 0))
        return "a filter of the weights has groups that are no whole blocks of 16 channels";
    if (filter.prelu > 1 || (filter.prelu == 1 && filter.phases != 1))
        return "a filter of the weights has slopes and several phases";
    if (!inside(filter.weights_offset, weight_count(filter) * sizeof(float), total_bytes, kBlobAlignment) ||
        !inside(filter.bias_offset, tail_count(filter) * sizeof(float), total_bytes, kBlobAlignment))
        return "a filter of the weights lies outside the blob";
    return nullptr;
}

}  // namespace blob_detail

// Returns null and sets *view if the blob is sound. Otherwise returns a sentence of static lifetime that says what is
// wrong, and leaves *view untouched. Reads every byte once, for the checksum. `data` must be aligned to
// kBlobBaseAlignment bytes; with kBlobAlignment the filters lie on cache lines, too.
inline const char *open_blob(const void *data, size_t size, BlobView *view) {
    if (const char *error = blob_detail::check_start(data, size))
        return error;
    BlobView opened;
    opened.header = static_cast<const BlobHeader *>(data);
    if (const char *error = blob_detail::check_header(*opened.header))
        return error;
    const char *base = static_cast<const char *>(data);
    opened.filters = reinterpret_cast<const BlobFilter *>(base + opened.header->filters_offset);
    opened.trained = reinterpret_cast<const uint32_t *>(base + opened.header->trained_offset);
    opened.q16_widths = reinterpret_cast<const uint32_t *>(base + opened.header->q16_widths_offset);
    opened.int8_widths = reinterpret_cast<const uint32_t *>(base + int8_widths_offset(*opened.header));
    opened.self_test_widths = reinterpret_cast<const uint32_t *>(base + opened.header->self_test_widths_offset);
    for (uint32_t i = 0; i < opened.header->filter_count; i++)
        if (const char *error = blob_detail::check_filter(opened.filters[i], opened.header->total_bytes))
            return error;
    const BlobHeader &header = *opened.header;
    if (const char *error = blob_detail::check_widths(opened.trained, header.trained_count, header.channels,
                                                      "the weights' trained widths are not ascending channel counts"))
        return error;
    if (const char *error =
            blob_detail::check_widths(opened.q16_widths, header.q16_count, header.channels,
                                      "the weights' calibrated widths are not ascending channel counts"))
        return error;
    for (uint32_t w = 0; w < header.q16_count; w++)
        for (uint32_t i = 0; i < header.filter_count; i++)
            if (const char *error = blob_detail::check_ranges(
                    opened.filters[i],
                    opened.q16_ranges(static_cast<int>(opened.q16_widths[w])) + uint64_t{i} * kQ16Elements))
                return error;
    if (const char *error = blob_detail::check_widths(opened.int8_widths, header.int8_count, header.channels,
                                                      "the weights' widths for int8 are not ascending channel counts"))
        return error;
    for (uint32_t w = 0; w < header.int8_count; w++)
        for (uint32_t i = 0; i < header.filter_count; i++)
            if (const char *error = blob_detail::check_int8(
                    opened.filters[i],
                    opened.int8_ranges(static_cast<int>(opened.int8_widths[w])) + uint64_t{i} * kInt8Limits))
                return error;
    if (const char *error =
            blob_detail::check_widths(opened.self_test_widths, header.self_test_count, header.channels,
                                      "the weights' widths for the self-test are not ascending channel counts"))
        return error;
    const auto *numbers = reinterpret_cast<const float *>(base + header.self_test_offset);
    for (uint64_t i = 0; i < header.self_test_count * self_test_stride(header); i++)
        if (!std::isfinite(numbers[i]))
            return "a number for the self-test in the weights is not finite; pack them again";
    *view = opened;
    return nullptr;
}

}  // namespace slimscale
