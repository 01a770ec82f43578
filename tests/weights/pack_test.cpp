// The packed layout, element by element, against its definition in contract/blob_format.h, and what open_blob refuses.
#include "weights/pack.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "catch.h"
#include "contract/blob_view.h"
#include "networks/program.h"
#include "networks/reference/reference.h"
#include "support.h"
#include "tests/networks/lowered.h"
#include "weights/reference_weights.h"

using namespace slimscale;
using namespace slimscale;
using namespace slimscale::weights;
using networks::Family;

namespace {

Bytes packed(const ModelFile &model, const std::vector<int> &self_test_channels = {}) {
    const Result<std::vector<uint8_t>> blob = pack(model, self_test_channels);
    REQUIRE(blob.error() == "");
    return *blob;
}

BlobView opened(const Bytes &blob) {
    BlobView view;
    const char *error = open_blob(blob.data(), blob.size(), &view);
    INFO((error ? error : ""));
    REQUIRE(error == nullptr);
    return view;
}

// With weights of which a network computes numbers near 1: make_model's grow from tensor to tensor.
ModelFile make_tame_model(const networks::Network &network) {
    ModelFile model = make_model(network);
    for (auto &[name, tensor] : model.tensors)
        for (size_t i = 0; i < tensor.data.size(); i++)
            tensor.data[i] = 0.1f * std::sin(static_cast<float>(i % 1000));
    return model;
}

// The blob's filter of the convolution `name`.
uint32_t filter_index(const networks::Network &network, const std::string &name) {
    const auto filters = networks::lowered(network, network.channels).filters;
    for (size_t i = 0; i < filters.size(); i++)
        if (filters[i].name == name)
            return static_cast<uint32_t>(i);
    FAIL("no filter " << name);
    return 0;
}

// Compares a packed convolution, into which `factor` is folded, with its tensors; padding must be zero.
void check_filter(const BlobView &view, const ModelFile &model, const std::string &name, double factor) {
    INFO(name);
    const uint32_t index = filter_index(model.network, name);
    const BlobFilter &f = view.filters[index];
    const Tensor &weight = model.tensors.at(name + ".weight"), &bias = model.tensors.at(name + ".bias");
    REQUIRE(weight.shape == std::vector<uint64_t>{uint64_t{f.outputs} * f.phases, f.inputs, f.kernel, f.kernel});

    const size_t blocks = (f.outputs + 15) / 16;
    const float *w = view.weights(index), *b = view.bias(index);
    size_t mismatches = 0;
    for (size_t phase = 0; phase < f.phases; phase++) {
        for (size_t block = 0; block < blocks; block++) {
            for (size_t lane = 0; lane < 16; lane++) {
                const size_t output = block * 16 + lane;
                const size_t row = output * f.phases + phase;  // pixel_shuffle: c * s * s + dy * s + dx
                const bool used = output < f.outputs;
                mismatches +=
                    b[phase * blocks * 16 + output] != (used ? static_cast<float>(bias.data[row] * factor) : 0);
                for (size_t i = 0; i < f.inputs; i++) {
                    for (size_t ky = 0; ky < f.kernel; ky++) {
                        for (size_t kx = 0; kx < f.kernel; kx++) {
                            const size_t place =
                                ((((phase * blocks + block) * f.inputs + i) * f.kernel + ky) * f.kernel + kx) * 16 +
                                lane;
                            const size_t source = ((row * f.inputs + i) * f.kernel + ky) * f.kernel + kx;
                            mismatches += w[place] != (used ? static_cast<float>(weight.data[source] * factor) : 0);
                        }
                    }
                }
            }
        }
    }
    CHECK(mismatches == 0);
}

template <typename Value>
Bytes raw(Value value) {
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

// `blob` with other bytes at `offset` and a checksum that matches, as a damaged packer would write it.
Bytes with_field(Bytes blob, size_t offset, const Bytes &value) {
    constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
    std::copy(value.begin(), value.end(), blob.begin() + static_cast<ptrdiff_t>(offset));
    const uint32_t crc = crc32(blob.data() + kCovered, blob.size() - kCovered);
    std::memcpy(blob.data() + offsetof(BlobHeader, crc32), &crc, sizeof crc);
    return blob;
}

std::string error_of(const Bytes &blob) {
    BlobView view;
    const char *error = open_blob(blob.data(), blob.size(), &view);
    CHECK((error == nullptr) == (view.header != nullptr));
    return error ? error : "";
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

// A field of a sound blob that gets another value, and what the error says of it.
struct Fault {
    const char *sentence;
    size_t offset;
    Bytes value;
};

void check_refused(const Bytes &sound, const std::vector<Fault> &faults) {
    for (const Fault &fault : faults) {
        const std::string error = error_of(with_field(sound, fault.offset, fault.value));
        INFO(fault.sentence << "\n-> " << error);
        CHECK(contains(error, fault.sentence));
    }
}

}  // namespace

TEST_CASE("CRC-32 of known texts") {
    CHECK(crc32("123456789", 9) == 0xCBF43926);
    CHECK(crc32("", 0) == 0);
    CHECK(crc32("The quick brown fox jumps over the lazy dog", 43) == 0x414FA339);
}

TEST_CASE("The packed header describes the network") {
    networks::Network network = small_network(Family::carn, 4);
    network.mean = {0.25, 0.5, 0.75};
    ModelFile model = make_model(network);
    model.trained_widths = {16, 32};
    const Bytes blob = packed(model);
    const BlobView view = opened(blob);
    CHECK(std::string(view.header->network) == "small");
    CHECK(view.header->scale == 4);
    CHECK(view.header->colors == 3);
    CHECK(view.header->channels == 32);
    CHECK(view.header->segment_slicing == 1);
    CHECK(view.header->range == 1);
    CHECK(view.header->mean[2] == 0.75f);
    CHECK(view.header->filter_count == networks::lowered(network, 32).filters.size());
    REQUIRE(view.header->trained_count == 2);
    CHECK(view.trained[0] == 16);
    CHECK(view.is_trained(32));
    CHECK_FALSE(view.is_trained(8));

    model.network.slicing = networks::Slicing::leading;
    const Bytes leading = packed(model);
    CHECK(opened(leading).header->segment_slicing == 0);
    CHECK(packed(model) == leading);
}

TEST_CASE("Plain, folded and last filters are laid out as defined") {
    const ModelFile model = make_model(small_network(Family::edsr, 3));
    const Bytes blob = packed(model);
    const BlobView view = opened(blob);
    check_filter(view, model, "head", 1);
    check_filter(view, model, "body.0.conv1", 1);
    check_filter(view, model, "body.1.conv2", 0.1);  // the residual scale
    check_filter(view, model, "up.0", 1);
    check_filter(view, model, "tail", 1);
    CHECK(view.filters[filter_index(model.network, "up.0")].phases == 9);
}

TEST_CASE("Grouped, shuffled and concatenated filters are laid out as defined") {
    const ModelFile model = make_model(small_network(Family::carn, 4));
    const Bytes blob = packed(model);
    const BlobView view = opened(blob);
    for (const char *name :
         {"blocks.0.unit.conv1", "blocks.1.unit.pointwise", "blocks.0.merge.1", "merge.1", "up.0", "up.1"})
        check_filter(view, model, name, 1);
    const BlobFilter &up = view.filters[filter_index(model.network, "up.1")];
    CHECK(up.groups == 2);
    CHECK(up.inputs == 16);
    CHECK(up.outputs == 32);
    CHECK(up.phases == 4);
    CHECK(view.filters[filter_index(model.network, "merge.1")].inputs == 96);
}

TEST_CASE("Channel attention's narrow filters are padded") {
    const ModelFile model = make_model(small_network(Family::rcan));
    const Bytes blob = packed(model);
    const BlobView view = opened(blob);
    check_filter(view, model, "groups.0.blocks.1.attention.squeeze", 1);
    check_filter(view, model, "groups.1.blocks.0.attention.expand", 1);
}

TEST_CASE("Ranges lie by width and filter, zero where a filter has none") {
    for (const Family family : {Family::edsr, Family::rcan, Family::carn}) {
        ModelFile model = make_model(small_network(family));
        const int full = model.network.channels;
        for (const int channels : {full / 2, full})
            model.q16[channels] = make_ranges(model.network, channels);
        const Bytes blob = packed(model);
        const BlobView view = opened(blob);
        CHECK(view.q16_ranges(full / 4) == nullptr);
        CHECK(view.q16_ranges(0) == nullptr);
        const auto filters = networks::lowered(model.network, full).filters;
        for (const int channels : {full / 2, full}) {
            const float *ranges = view.q16_ranges(channels);
            REQUIRE(ranges != nullptr);
            size_t found = 0;
            for (const networks::Filter &filter : filters) {
                INFO(channels << " channels, " << filter.name);
                const auto expected = model.q16[channels].ranges.find(filter.name);
                const bool used = expected != model.q16[channels].ranges.end();
                std::vector<float> wanted = used ? expected->second : std::vector<float>{};
                wanted.resize(36);  // zeros follow the one range of a 1x1
                CHECK(std::vector<float>(ranges, ranges + 36) == wanted);
                found += used;
                ranges += 36;
            }
            CHECK(found == model.q16[channels].ranges.size());
        }
    }
}

TEST_CASE("Measured ranges get headroom, none is zero, and packed they are where they were measured") {
    ModelFile model = make_model(small_network(Family::edsr));
    const auto filters = networks::lowered(model.network, 16).filters;
    const size_t conv = filter_index(model.network, "body.0.conv1") * 36,
                 dead = filter_index(model.network, "body.1.conv2") * 36;
    std::vector<float> measured(filters.size() * 36);
    for (size_t i = 0; i < 36; i++)
        measured[conv + i] = static_cast<float>(i + 1);
    measured[conv + 3] = 0;
    const Result<Q16Width> width = ranges_from(model.network, 16, measured, 1.5);
    REQUIRE(width.error() == "");
    CHECK(width->headroom == 1.5);
    model.q16[16] = *width;
    const Bytes blob = packed(model);
    const float *ranges = opened(blob).q16_ranges(16);
    for (size_t i = 0; i < 36; i++) {
        CHECK(ranges[conv + i] == Approx(i == 3 ? 0.036 * 1.5 : static_cast<double>(i + 1) * 1.5));
        CHECK(ranges[dead + i] == 1.5f);
    }
    measured.pop_back();
    CHECK(contains(ranges_from(model.network, 16, measured, 1.5).error(), "were measured"));
}

TEST_CASE("Weights without ranges, or with some widths', say so") {
    ModelFile model = make_model(small_network(Family::edsr));
    Bytes blob = packed(model);
    CHECK(opened(blob).header->q16_count == 0);
    CHECK(opened(blob).q16_ranges(16) == nullptr);
    model.q16[8] = make_ranges(model.network, 8);
    blob = packed(model);
    CHECK(opened(blob).q16_ranges(8) != nullptr);
    CHECK(opened(blob).q16_ranges(16) == nullptr);
}

TEST_CASE("Blobs with faulty ranges are refused") {
    ModelFile model = make_model(small_network(Family::edsr));
    for (const int channels : {8, 16})
        model.q16[channels] = make_ranges(model.network, channels);
    const Bytes sound = packed(model);
    const BlobHeader &h = *opened(sound).header;
    const size_t one = sizeof(float), filter = kQ16Elements * one, ranges = h.q16_ranges_offset;
    const size_t head = ranges + filter_index(model.network, "head") * filter,
                 conv = ranges + filter_index(model.network, "body.0.conv1") * filter;
    const size_t second = h.filter_count * filter;  // bytes to the second width's ranges
    const std::vector<Fault> faults = {
        {"calibrated widths lies", offsetof(BlobHeader, q16_count), raw(~0u)},
        {"calibrated widths lies", offsetof(BlobHeader, q16_widths_offset), raw(h.total_bytes - 4)},
        {"calibrated widths lies", offsetof(BlobHeader, q16_widths_offset), raw(h.q16_widths_offset + 2)},
        {"calibrated widths lies", offsetof(BlobHeader, q16_widths_offset), raw(~uint64_t{3})},
        {"ranges lie outside", offsetof(BlobHeader, q16_ranges_offset), raw(h.q16_ranges_offset + 4)},
        {"ranges lie outside", offsetof(BlobHeader, q16_ranges_offset), raw(h.total_bytes / 64 * 64)},
        {"ranges lie outside", offsetof(BlobHeader, q16_ranges_offset), raw(~uint64_t{63})},
        {"ranges lie outside", offsetof(BlobHeader, q16_ranges_offset), raw(uint64_t{0})},
        {"unknown kind of input skip", offsetof(BlobHeader, input_skip), raw(2u)},
        {"calibrated widths are not ascending", h.q16_widths_offset, raw(0u)},
        {"calibrated widths are not ascending", h.q16_widths_offset, raw(16u)},
        {"calibrated widths are not ascending", h.q16_widths_offset + 4, raw(17u)},
        {"negative or not finite", conv + 3 * one, raw(-1.0f)},
        {"negative or not finite", conv + 35 * one, raw(std::numeric_limits<float>::quiet_NaN())},
        {"negative or not finite", second + conv, raw(std::numeric_limits<float>::infinity())},
        {"some Winograd-domain elements only", conv, raw(0.0f)},
        {"some Winograd-domain elements only", second + conv + 35 * one, raw(0.0f)},
        {"some Winograd-domain elements only", head, raw(1.0f)},
    };
    check_refused(sound, faults);

    model = make_model(small_network(Family::rcan));
    model.q16[16] = make_ranges(model.network, 16);
    const Bytes blob = packed(model);
    const uint32_t pointwise = filter_index(model.network, "groups.0.blocks.0.attention.squeeze");
    Bytes ones;
    for (int i = 0; i < kQ16Elements; i++)
        for (const uint8_t byte : raw(1.0f))
            ones.push_back(byte);
    CHECK(contains(error_of(with_field(blob, opened(blob).header->q16_ranges_offset + pointwise * filter, ones)),
                   "1x1 filter of the weights has q16 ranges of several Winograd-domain elements"));
}

TEST_CASE("The self-test's numbers are means and pixels of plain loops") {
    for (const Family family : {Family::edsr, Family::carn}) {
        const ModelFile model = make_tame_model(small_network(family));
        const networks::Network &network = model.network;
        const int full = network.channels;
        const Bytes blob = packed(model, {full, full / 2, full});
        const BlobView view = opened(blob);
        REQUIRE(view.header->self_test_count == 2);
        CHECK(view.self_test(full / 4) == nullptr);
        CHECK(view.self_test(0) == nullptr);
        reference::Volume picture(network.colors, 18, 37);
        for (size_t i = 0; i < picture.data.size(); i++)
            picture.data[i] = static_cast<double>(contract::self_test_pixel(
                static_cast<int>(i) % 37, static_cast<int>(i) / 37 % 18, static_cast<int>(i) / (18 * 37)));
        for (const int channels : {full / 2, full}) {
            const reference::Volume output = reference::upscale(network, channels, reference_weights(model), picture);
            const float *numbers = view.self_test(channels);
            REQUIRE(numbers != nullptr);
            for (int c = 0; c < output.channels; c++)
                for (int y = 0; y < output.height; y++, numbers += 2) {
                    const double *row = &output.data[output.index(c, y, 0)];
                    CHECK(numbers[0] == Approx(std::accumulate(row, row + output.width, 0.0) / output.width));
                    CHECK(std::any_of(row, row + output.width,
                                      [&](double pixel) { return static_cast<float>(pixel) == numbers[1]; }));
                }
        }
    }
}

TEST_CASE("Numbers for the self-test that cannot be are refused") {
    ModelFile model = make_tame_model(small_network(Family::edsr));
    const Bytes sound = packed(model, {8, 16});
    const BlobHeader &h = *opened(sound).header;
    const std::vector<Fault> faults = {
        {"list of widths for the self-test lies", offsetof(BlobHeader, self_test_count), raw(~0u)},
        {"list of widths for the self-test lies", offsetof(BlobHeader, self_test_widths_offset),
         raw(h.total_bytes - 4)},
        {"list of widths for the self-test lies", offsetof(BlobHeader, self_test_widths_offset), raw(~uint64_t{3})},
        {"numbers for the self-test lie outside", offsetof(BlobHeader, self_test_offset), raw(h.self_test_offset + 2)},
        {"numbers for the self-test lie outside", offsetof(BlobHeader, self_test_offset), raw(h.total_bytes - 8)},
        {"numbers for the self-test lie outside", offsetof(BlobHeader, self_test_offset), raw(uint64_t{0})},
        {"for the self-test are not ascending", h.self_test_widths_offset, raw(16u)},
        {"for the self-test are not ascending", h.self_test_widths_offset + 4, raw(17u)},
        {"for the self-test in the weights is not finite", h.self_test_offset + 12,
         raw(std::numeric_limits<float>::quiet_NaN())},
    };
    check_refused(sound, faults);
    for (float &value : model.tensors.at("head.weight").data)
        value = 1e30f;
    for (float &value : model.tensors.at("body.0.conv1.weight").data)
        value = 1e30f;
    CHECK(contains(pack(model, {8}).error(), "at 8 channels the network computes what is no number"));
    CHECK(contains(pack(model, {9}).error(), "9"));
}

TEST_CASE("Sections are aligned, apart and inside") {
    ModelFile model = make_tame_model(small_network(Family::carn));
    model.q16[32] = make_ranges(model.network, 32);
    const Bytes blob = packed(model, {16});
    const BlobView view = opened(blob);
    uint64_t end = view.header->trained_offset + view.header->trained_count * sizeof(uint32_t);
    CHECK(view.header->q16_widths_offset >= end);
    CHECK(view.header->q16_ranges_offset % kBlobAlignment == 0);
    CHECK(view.header->self_test_widths_offset >= view.header->q16_widths_offset + sizeof(uint32_t));
    CHECK(view.header->self_test_offset >= view.header->self_test_widths_offset + sizeof(uint32_t));
    CHECK(view.header->q16_ranges_offset >=
          view.header->self_test_offset + self_test_stride(*view.header) * sizeof(float));
    end = view.header->q16_ranges_offset + q16_stride(*view.header) * sizeof(float);
    for (uint32_t i = 0; i < view.header->filter_count; i++) {
        const BlobFilter &filter = view.filters[i];
        CHECK(filter.weights_offset % kBlobAlignment == 0);
        CHECK(filter.weights_offset >= end);
        CHECK(filter.bias_offset % kBlobAlignment == 0);
        CHECK(filter.bias_offset >= filter.weights_offset + weight_count(filter) * 4);
        end = filter.bias_offset + bias_count(filter) * 4;
    }
    CHECK(view.header->total_bytes >= end);
    CHECK(view.header->total_bytes == blob.size());
}

TEST_CASE("A faulty model is not packed") {
    ModelFile model = make_model(small_network(Family::edsr));
    model.tensors.erase("head.bias");
    CHECK(contains(pack(model).error(), "\"head.bias\""));
}

TEST_CASE("Blobs that are not as they were packed are refused") {
    const Bytes sound = packed(make_model(small_network(Family::carn)));
    const auto error_after = [&](auto &&change) {
        Bytes blob = sound;
        change(blob);
        return error_of(blob);
    };
    CHECK(contains(error_after([](Bytes &b) { b[0] = 'X'; }), "no packed blob"));
    CHECK(contains(error_after([](Bytes &b) { b.pop_back(); }), "another size"));
    CHECK(contains(error_after([](Bytes &b) { b.push_back(0); }), "another size"));
    CHECK(contains(error_after([](Bytes &b) { b.back() ^= 1; }), "checksum"));
    CHECK(contains(error_after([](Bytes &b) { b[offsetof(BlobHeader, network)] ^= 1; }), "checksum"));
}

TEST_CASE("Blobs with a faulty field are refused") {
    const Bytes sound = packed(make_model(small_network(Family::carn)));
    const BlobHeader &h = *opened(sound).header;
    const size_t grouped = h.filters_offset + sizeof(BlobFilter);  // the second filter
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const std::vector<Fault> faults = {
        {"another version", offsetof(BlobHeader, version), raw(kBlobVersion + 1)},
        {"another size", offsetof(BlobHeader, total_bytes), raw(~uint64_t{0})},
        {"no valid name", offsetof(BlobHeader, network), Bytes(sizeof h.network, 'a')},  // no end
        {"no valid name", offsetof(BlobHeader, network), raw('\0')},
        {"no valid name", offsetof(BlobHeader, network), raw('/')},
        {"scale", offsetof(BlobHeader, scale), raw(0u)},
        {"scale", offsetof(BlobHeader, scale), raw(5u)},
        {"color count", offsetof(BlobHeader, colors), raw(2u)},
        {"channel count", offsetof(BlobHeader, channels), raw(0u)},
        {"channel count", offsetof(BlobHeader, channels), raw(kMaxBlobChannels + 1)},
        {"slicing", offsetof(BlobHeader, segment_slicing), raw(2u)},
        {"range", offsetof(BlobHeader, range), raw(kInfinity)},
        {"range", offsetof(BlobHeader, range), raw(0.0f)},
        {"mean", offsetof(BlobHeader, mean), raw(-kInfinity)},
        {"filter table", offsetof(BlobHeader, filter_count), raw(0u)},
        {"filter table", offsetof(BlobHeader, filter_count), raw(~0u)},
        {"filter table", offsetof(BlobHeader, filters_offset), raw(~uint64_t{7})},
        {"filter table", offsetof(BlobHeader, filters_offset), raw(h.filters_offset + 4)},
        {"filter table", offsetof(BlobHeader, filters_offset), raw(uint64_t{0})},
        {"trained widths lies", offsetof(BlobHeader, trained_count), raw(~0u)},
        {"trained widths lies", offsetof(BlobHeader, trained_offset), raw(h.total_bytes)},
        {"not ascending", h.trained_offset, raw(0u)},
        {"not ascending", h.trained_offset, raw(h.channels + 1)},
        {"out of bounds", grouped + offsetof(BlobFilter, inputs), raw(0u)},
        {"out of bounds", grouped + offsetof(BlobFilter, inputs), raw(~0u)},
        {"out of bounds", grouped + offsetof(BlobFilter, outputs), raw(0u)},
        {"out of bounds", grouped + offsetof(BlobFilter, outputs), raw(~0u)},
        {"not 1x1 or 3x3", grouped + offsetof(BlobFilter, kernel), raw(5u)},
        {"phase count", grouped + offsetof(BlobFilter, phases), raw(2u)},
        {"groups", grouped + offsetof(BlobFilter, groups), raw(0u)},
        {"groups", grouped + offsetof(BlobFilter, groups), raw(4u)},
        {"slopes", grouped + offsetof(BlobFilter, prelu), raw(2u)},
        {"lies outside", grouped + offsetof(BlobFilter, inputs), raw(kMaxBlobChannels)},
        {"lies outside", grouped + offsetof(BlobFilter, weights_offset), raw(h.total_bytes)},
        {"lies outside", grouped + offsetof(BlobFilter, weights_offset), raw(~uint64_t{63})},
        {"lies outside", grouped + offsetof(BlobFilter, bias_offset), raw(h.filters_offset + 4)},
    };
    check_refused(sound, faults);
}

TEST_CASE("Blobs that are no memory at all are refused") {
    BlobView view;
    CHECK(open_blob(nullptr, 1000, &view) != nullptr);
    CHECK(open_blob("", 0, &view) != nullptr);
    Bytes blob = packed(make_model(small_network(Family::edsr)));
    blob.insert(blob.begin(), 0);
    CHECK(contains(open_blob(blob.data() + 1, blob.size() - 1, &view), "multiple of 8"));
}
