// Ranges of bytes: from counts, in files and in blobs.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "contract/blob_view.h"
#include "contract/crc32.h"
#include "contract/value_bins.h"
#include "networks/program.h"
#include "tests/catch.h"
#include "tests/weights/support.h"
#include "weights/int8.h"
#include "weights/pack.h"

using namespace slimscale;
using namespace slimscale::weights;
using contract::kMagnitudeBins;
using contract::kValueBins;
using networks::Family;

namespace {

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

std::vector<networks::Filter> filters_of(const networks::Network &network) {
    return networks::lower(network, network.channels)->filters;
}

size_t index_of(const networks::Network &network, const std::string &name) {
    const auto filters = filters_of(network);
    const auto found = std::find_if(filters.begin(), filters.end(), [&](const auto &f) { return f.name == name; });
    REQUIRE(found != filters.end());
    return static_cast<size_t>(found - filters.begin());
}

std::vector<uint64_t> no_counts(const networks::Network &network) {
    return std::vector<uint64_t>(filters_of(network).size() * kValueBins);
}

// Distinct ranges for every convolution that needs some.
Int8Width make_width(const networks::Network &network, int channels) {
    Result<Int8Width> width = int8_from(network, channels, no_counts(network));
    REQUIRE(width.error() == "");
    float least = 0;
    for (auto &[name, range] : width->ranges)
        range = {least -= 0.5f, 1 - least};
    width->images = 6;
    width->tool = "slimscale 1.2.3";
    return *width;
}

Result<ModelFile> reread(const ModelFile &model) {
    const Result<std::vector<uint8_t>> bytes = serialize_model(model);
    REQUIRE(bytes.error() == "");
    return parse_model(bytes->data(), bytes->size());
}

BlobView opened(const Bytes &blob) {
    BlobView view;
    const char *error = open_blob(blob.data(), blob.size(), &view);
    INFO((error ? error : ""));
    REQUIRE(error == nullptr);
    return view;
}

}  // namespace

TEST_CASE("Values are counted by sign and magnitude, and a bin ends before its end") {
    for (const float value : {1.f, 1.5f, 3.9f, 100.f, 0.01f, 65535.f, 2e-5f})
        for (const float sign : {1.f, -1.f}) {
            const int bin = contract::value_bin(sign * value);
            INFO(sign * value << " in bin " << bin);
            REQUIRE(bin >= 0);
            REQUIRE(bin < kValueBins);
            CHECK((bin >= kMagnitudeBins) == (sign > 0));
            const int magnitude = bin % kMagnitudeBins;
            CHECK(value < contract::bin_end(magnitude));
            CHECK(contract::bin_end(magnitude) <= value * (1 + 1. / contract::kBinsPerOctave) * 1.0001);
        }
    CHECK(contract::value_bin(0.f) == kMagnitudeBins);
    CHECK(contract::value_bin(1e-30f) == kMagnitudeBins);
    CHECK(contract::value_bin(1e30f) == kValueBins - 1);
    CHECK(contract::value_bin(-1e30f) == kMagnitudeBins - 1);
}

TEST_CASE("A range leaves out values that are too rare to be worth coarser steps for all others") {
    const networks::Network network = small_network(Family::edsr);
    std::vector<uint64_t> counts = no_counts(network);
    const auto count = [&](const char *name, float value) -> uint64_t & {
        return counts[index_of(network, name) * kValueBins + static_cast<size_t>(contract::value_bin(value))];
    };
    for (const float value : {0.f, 2.f, 5.f, 10.f})
        count("body.0.conv1", value) = 1'000'000;
    count("body.0.conv1", 80.f) = 1;  // 1 is limited, as 4,000,000 would have eight times the steps
    count("body.0.conv1", -3.f) = 100'000;
    count("body.0.conv2", 1.f) = 1000, count("body.0.conv2", 7.f) = 100;
    count("body.1.conv1", 0.f) = 5;
    count("body.1.conv2", -6.f) = 5;
    const Result<Int8Width> width = int8_from(network, 16, counts);
    REQUIRE(width.error() == "");
    const ByteRange rare = width->ranges.at("body.0.conv1");
    CHECK(rare.largest >= 10);
    CHECK(rare.largest < 40);
    CHECK(rare.least <= -3);
    CHECK(rare.least > -3.2f);
    CHECK(width->ranges.at("body.0.conv2").least == 0);
    CHECK(width->ranges.at("body.0.conv2").largest >= 6.9f);
    CHECK(width->ranges.at("body.0.conv2").largest < 7.3f);
    CHECK(width->ranges.at("body.1.conv1").largest == 1);  // zeros alone: any range would do
    CHECK(width->ranges.at("body.1.conv2").largest == 0);
    CHECK(width->ranges.at("body.1.conv2").least < -5.9f);
    counts.pop_back();
    CHECK(contains(int8_from(network, 16, counts).error(), "bins were counted"));
}

TEST_CASE("Ranges of bytes are for the 3x3 convolutions between features, and a file keeps them") {
    for (const Family family : {Family::edsr, Family::rcan, Family::carn}) {
        ModelFile model = make_model(small_network(family));
        const int full = model.network.channels;
        CHECK(reread(model)->int8.empty());
        for (const int channels : {full / 2, full})
            model.int8[channels] = make_width(model.network, channels);
        const Result<ModelFile> read = reread(model);
        REQUIRE(read.error() == "");
        CHECK(read->tensors.size() == model.tensors.size());
        CHECK(read->q16.empty());
        REQUIRE(read->int8.size() == 2);
        for (const int channels : {full / 2, full}) {
            const Int8Width &width = read->int8.at(channels), &written = model.int8[channels];
            REQUIRE(width.ranges.size() == written.ranges.size());
            CHECK(width.ranges.size() > 2);
            for (const auto &[name, range] : written.ranges) {
                CHECK(width.ranges.at(name).least == range.least);
                CHECK(width.ranges.at(name).largest == range.largest);
                CHECK(filters_of(model.network)[index_of(model.network, name)].kernel == 3);
            }
            CHECK(width.images == 6);
            CHECK(width.tool == "slimscale 1.2.3");
        }
    }
}

TEST_CASE("Faulty ranges of bytes are neither written nor read") {
    struct Case {
        const char *fault;
        void (*change)(Int8Width &);
    };
    const std::vector<Case> cases = {
        {"\"int8.16.body.0.conv1\" is missing; run slimscale quantize",
         [](Int8Width &w) { w.ranges.erase("body.0.conv1"); }},
        {"\"int8.16.head\" belongs to no 3x3 convolution", [](Int8Width &w) { w.ranges["head"] = {0, 1}; }},
        {"holds no range around 0", [](Int8Width &w) { w.ranges["body.1.conv2"] = {0, 0}; }},
        {"holds no range around 0", [](Int8Width &w) { w.ranges["body.1.conv2"] = {1, 2}; }},
        {"holds no range around 0", [](Int8Width &w) { w.ranges["body.1.conv2"] = {-2, -1}; }},
        {"holds no range around 0",
         [](Int8Width &w) { w.ranges["body.1.conv2"].largest = std::numeric_limits<float>::quiet_NaN(); }},
    };
    ModelFile sound = make_model(small_network(Family::edsr));
    sound.int8[16] = make_width(sound.network, 16);
    REQUIRE(check_model(sound).error() == "");
    for (const Case &c : cases) {
        ModelFile model = sound;
        c.change(model.int8[16]);
        INFO(c.fault << "\n-> " << check_model(model).error());
        CHECK(contains(serialize_model(model).error(), c.fault));
    }
    const Result<std::vector<uint8_t>> bytes = serialize_model(sound);
    const auto fault_after = [&](auto &&change) {
        Result<Safetensors> file = parse_safetensors(bytes->data(), bytes->size());
        change(*file);
        const std::vector<uint8_t> changed = serialize_safetensors(*file);
        return parse_model(changed.data(), changed.size()).error();
    };
    CHECK(fault_after([](Safetensors &) {}) == "");
    CHECK(contains(fault_after([](Safetensors &f) { f.tensors["int8.16.body.0.conv1"] = {{1}, {1.f}}; }),
                   "has shape (1); int8 ranges have (2)"));
    CHECK(contains(fault_after([](Safetensors &f) { f.tensors["int8.x.body.0.conv1"] = {{2}, {0.f, 1.f}}; }),
                   "names no width and convolution"));
    CHECK(contains(fault_after([](Safetensors &f) { f.metadata["int8.16.images"] = "many"; }),
                   "\"int8.16.images\" cannot be \"many\""));
}

TEST_CASE("A blob has ranges of bytes by width and filter, and refuses faulty ones") {
    ModelFile model = make_model(small_network(Family::edsr));
    CHECK(opened(*pack(model)).header->int8_count == 0);
    CHECK(opened(*pack(model)).int8_ranges(16) == nullptr);
    model.q16[16] = make_ranges(model.network, 16);
    for (const int channels : {8, 16})
        model.int8[channels] = make_width(model.network, channels);
    const Bytes blob = *pack(model);
    const BlobView view = opened(blob);
    CHECK(view.int8_ranges(12) == nullptr);
    const auto filters = filters_of(model.network);
    for (const int channels : {8, 16}) {
        const float *range = view.int8_ranges(channels);
        REQUIRE(range != nullptr);
        for (const networks::Filter &filter : filters) {
            const auto found = model.int8[channels].ranges.find(filter.name);
            const bool has = found != model.int8[channels].ranges.end();
            CHECK(range[0] == (has ? found->second.least : 0));
            CHECK(range[1] == (has ? found->second.largest : 0));
            range += kInt8Limits;
        }
    }
    const auto error_with = [&](uint64_t offset, auto value) {
        Bytes changed = blob;
        std::memcpy(changed.data() + offset, &value, sizeof value);
        constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
        const uint32_t sum = crc32(changed.data() + kCovered, changed.size() - kCovered);
        std::memcpy(changed.data() + offsetof(BlobHeader, crc32), &sum, sizeof sum);
        BlobView ignored;
        const char *error = open_blob(changed.data(), changed.size(), &ignored);
        return std::string(error ? error : "");
    };
    CHECK(contains(error_with(offsetof(BlobHeader, int8_count), 4096u), "int8 ranges lie outside"));
    CHECK(contains(error_with(offsetof(BlobHeader, int8_count), ~0u), "int8 ranges lie outside"));
    CHECK(contains(error_with(int8_widths_offset(*view.header), 16u), "are not ascending"));
    const uint64_t conv =
        int8_ranges_offset(*view.header) + index_of(model.network, "body.0.conv1") * kInt8Limits * sizeof(float);
    CHECK(contains(error_with(conv, 1.f), "run slimscale quantize again"));
    CHECK(contains(error_with(conv + sizeof(float), std::numeric_limits<float>::infinity()),
                   "run slimscale quantize again"));
}
