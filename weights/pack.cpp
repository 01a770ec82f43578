#include "weights/pack.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/text.h"
#include "contract/blob_format.h"
#include "contract/blob_view.h"
#include "contract/crc32.h"
#include "contract/self_test.h"
#include "networks/program.h"
#include "weights/self_test.h"

namespace slimscale::weights {
namespace {

static_assert(sizeof(BlobHeader::network) == base::kMaxNameLength + 1, "every name fits, with its zero");

uint64_t aligned(uint64_t offset) {
    return (offset + kBlobAlignment - 1) / kBlobAlignment * kBlobAlignment;
}

BlobFilter describe(const networks::Filter &filter) {
    BlobFilter packed{};
    packed.inputs = static_cast<uint32_t>(filter.inputs);
    packed.outputs = static_cast<uint32_t>(filter.outputs);
    packed.kernel = static_cast<uint32_t>(filter.kernel);
    packed.phases = static_cast<uint32_t>(filter.shuffle * filter.shuffle);
    packed.groups = static_cast<uint32_t>(filter.groups);
    packed.prelu = filter.prelu ? 1 : 0;
    return packed;
}

// Places all filters behind `end`, in bytes from the blob's start; returns the new end.
uint64_t place(std::vector<BlobFilter> &filters, uint64_t end) {
    for (BlobFilter &filter : filters) {
        filter.weights_offset = aligned(end);
        filter.bias_offset = aligned(filter.weights_offset + weight_count(filter) * sizeof(float));
        end = filter.bias_offset + tail_count(filter) * sizeof(float);
    }
    return aligned(end);
}

float folded(float value, double factor) {
    return static_cast<float>(value * factor);
}

// weight: (outputs * phases, inputs, kernel, kernel). Its row o * phases + p holds channel o of phase p.
void pack_weights(const BlobFilter &filter, const std::vector<float> &weight, double factor, float *packed) {
    const uint64_t row_size = uint64_t{filter.inputs} * filter.kernel * filter.kernel;
    for (uint64_t phase = 0; phase < filter.phases; phase++) {
        for (uint64_t output = 0; output < filter.outputs; output++) {
            const float *row = &weight[(output * filter.phases + phase) * row_size];
            float *lane = packed + phase * phase_stride(filter) + output / kFilterBlock * block_stride(filter) +
                          output % kFilterBlock;
            for (uint64_t i = 0; i < row_size; i++)
                lane[i * kFilterBlock] = folded(row[i], factor);
        }
    }
}

void pack_bias(const BlobFilter &filter, const std::vector<float> &bias, double factor, float *packed) {
    for (uint64_t phase = 0; phase < filter.phases; phase++)
        for (uint64_t output = 0; output < filter.outputs; output++)
            packed[phase * bias_stride(filter) + output] = folded(bias[output * filter.phases + phase], factor);
}

BlobHeader make_header(const ModelFile &model, size_t filter_count, size_t self_test_count) {
    const networks::Network &network = model.network;
    BlobHeader header{};
    std::memcpy(header.magic, kBlobMagic, sizeof header.magic);
    header.version = kBlobVersion;
    network.name.copy(header.network, sizeof header.network - 1);
    header.scale = static_cast<uint32_t>(network.scale);
    header.colors = static_cast<uint32_t>(network.colors);
    header.channels = static_cast<uint32_t>(network.channels);
    header.filter_count = static_cast<uint32_t>(filter_count);
    header.trained_count = static_cast<uint32_t>(model.trained_widths.size());
    header.input_skip = network.input_skip ? 1 : 0;
    header.segment_slicing = network.slicing == networks::Slicing::per_segment ? 1 : 0;
    header.range = static_cast<float>(network.range);
    for (size_t i = 0; i < network.mean.size(); i++)
        header.mean[i] = static_cast<float>(network.mean[i]);
    header.filters_offset = sizeof(BlobHeader);
    header.trained_offset = header.filters_offset + filter_count * sizeof(BlobFilter);
    header.q16_count = static_cast<uint32_t>(model.q16.size());
    header.q16_widths_offset = header.trained_offset + header.trained_count * sizeof(uint32_t);
    header.self_test_count = static_cast<uint32_t>(self_test_count);
    header.self_test_widths_offset = header.q16_widths_offset + header.q16_count * sizeof(uint32_t);
    header.self_test_offset = header.self_test_widths_offset + self_test_count * sizeof(uint32_t);
    header.int8_count = static_cast<uint32_t>(model.int8.size());
    header.q16_ranges_offset =
        aligned(header.self_test_offset + self_test_count * self_test_stride(header) * sizeof(float));
    return header;
}

// Writes the calibrated widths and, for each, 36 ranges per filter: all 36 of a 3x3, only the first of a 1x1, zeros of
// a filter without ranges.
void pack_ranges(const ModelFile &model, const std::vector<networks::Filter> &filters, const BlobHeader &header,
                 uint8_t *blob) {
    auto *widths = reinterpret_cast<uint32_t *>(blob + header.q16_widths_offset);
    auto *packed = reinterpret_cast<float *>(blob + header.q16_ranges_offset);
    for (const auto &[channels, width] : model.q16) {
        *widths++ = static_cast<uint32_t>(channels);
        for (const networks::Filter &filter : filters) {
            if (const auto found = width.ranges.find(filter.name); found != width.ranges.end())
                std::copy(found->second.begin(), found->second.end(), packed);
            packed += kQ16Elements;
        }
    }
}

// Writes the widths and, for each, the least and the largest value of each filter's inputs, zeros of one without
// ranges.
void pack_int8(const ModelFile &model, const std::vector<networks::Filter> &filters, const BlobHeader &header,
               uint8_t *blob) {
    auto *widths = reinterpret_cast<uint32_t *>(blob + int8_widths_offset(header));
    auto *packed = reinterpret_cast<float *>(blob + int8_ranges_offset(header));
    for (const auto &[channels, width] : model.int8) {
        *widths++ = static_cast<uint32_t>(channels);
        for (const networks::Filter &filter : filters) {
            if (const auto found = width.ranges.find(filter.name); found != width.ranges.end())
                packed[0] = found->second.least, packed[1] = found->second.largest;
            packed += kInt8Limits;
        }
    }
}

// The widths of the self-test, ascending, and its numbers.
Status pack_self_test(const ModelFile &model, const std::vector<int> &channels, const BlobHeader &header,
                      uint8_t *blob) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<float> numbers, self_test_numbers(model, channels));
    std::copy(channels.begin(), channels.end(), reinterpret_cast<uint32_t *>(blob + header.self_test_widths_offset));
    std::copy(numbers.begin(), numbers.end(), reinterpret_cast<float *>(blob + header.self_test_offset));
    return Status();
}

}  // namespace

Result<std::vector<uint8_t>> pack(const ModelFile &model, const std::vector<int> &self_test_channels) {
    SLIMSCALE_RETURN_IF_ERROR(check_model(model));
    const std::set<int> tested(self_test_channels.begin(), self_test_channels.end());
    SLIMSCALE_ASSIGN_OR_RETURN(const networks::Program program, networks::lower(model.network, model.network.channels));
    std::vector<BlobFilter> filters;
    filters.reserve(program.filters.size());
    for (const networks::Filter &source : program.filters)
        filters.push_back(describe(source));

    BlobHeader header = make_header(model, filters.size(), tested.size());
    const std::vector<uint32_t> trained(model.trained_widths.begin(), model.trained_widths.end());
    header.total_bytes =
        place(filters, int8_ranges_offset(header) + header.int8_count * int8_stride(header) * sizeof(float));

    std::vector<uint8_t> blob(header.total_bytes);
    std::memcpy(blob.data() + header.filters_offset, filters.data(), filters.size() * sizeof(BlobFilter));
    std::memcpy(blob.data() + header.trained_offset, trained.data(), trained.size() * sizeof(uint32_t));
    pack_ranges(model, program.filters, header, blob.data());
    pack_int8(model, program.filters, header, blob.data());
    SLIMSCALE_RETURN_IF_ERROR(pack_self_test(model, {tested.begin(), tested.end()}, header, blob.data()));
    for (size_t i = 0; i < filters.size(); i++) {
        const networks::Filter &source = program.filters[i];
        const Tensor &weight = model.tensors.at(source.name + ".weight");
        const Tensor &bias = model.tensors.at(source.name + ".bias");
        pack_weights(filters[i], weight.data, source.factor,
                     reinterpret_cast<float *>(blob.data() + filters[i].weights_offset));
        pack_bias(filters[i], bias.data, source.factor,
                  reinterpret_cast<float *>(blob.data() + filters[i].bias_offset));
        if (source.prelu) {
            const Tensor &slope = model.tensors.at(source.name + ".slope");
            std::copy(slope.data.begin(), slope.data.end(),
                      reinterpret_cast<float *>(blob.data() + filters[i].bias_offset) + bias_count(filters[i]));
        }
    }
    std::memcpy(blob.data(), &header, sizeof header);
    constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
    header.crc32 = crc32(blob.data() + kCovered, blob.size() - kCovered);
    std::memcpy(blob.data(), &header, sizeof header);
    return blob;
}

}  // namespace slimscale::weights
