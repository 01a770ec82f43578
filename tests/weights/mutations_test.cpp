// Damaged bytes give an error or a valid result, and never a crash, which builds with sanitizers check strictly.
#include <cstring>
#include <random>

#include "catch.h"
#include "contract/blob_view.h"
#include "support.h"
#include "weights/pack.h"

using namespace slimscale;
using namespace slimscale;
using namespace slimscale::weights;

namespace {

constexpr int kMutations = 2000;

Bytes small_safetensors() {
    Safetensors file;
    file.metadata = {{"format", "slimscale"}, {"note", "text"}};
    file.tensors["a.weight"] = {{2, 1, 1, 2}, {1, 2, 3, 4}};
    file.tensors["a.bias"] = {{2}, {5, 6}};
    return serialize_safetensors(file);
}

// A model as small as possible, so that many mutations change what matters.
networks::Network tiny_network() {
    networks::Network network = small_network(networks::Family::edsr);
    network.channels = 8;
    network.blocks = 1;
    return network;
}

ModelFile tiny_model() {
    ModelFile model = make_model(tiny_network());
    model.q16[8] = make_ranges(model.network, 8);
    return model;
}

// Bytes with one to four changes, copies or cuts.
Bytes mutated(Bytes bytes, std::mt19937 &random) {
    const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    for (size_t change = 0; change <= below(4) && !bytes.empty(); change++) {
        switch (below(5)) {
        case 0:
            bytes[below(bytes.size())] = static_cast<uint8_t>(random());
            break;
        case 1:
            bytes[below(bytes.size())] ^= static_cast<uint8_t>(1u << below(8));
            break;
        case 2:
            bytes.resize(below(bytes.size()) + 1);
            break;
        case 3:
            bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(below(bytes.size())),
                         static_cast<uint8_t>("09{}[]\",:-"[below(10)]));
            break;
        default:
            bytes[below(bytes.size())] = bytes[below(bytes.size())];
        }
    }
    return bytes;
}

// Checks that what the parser accepts is consistent.
void check_safetensors(const Bytes &bytes) {
    const Result<Safetensors> file = parse_safetensors(bytes.data(), bytes.size());
    if (!file) {
        REQUIRE_FALSE(file.ok());
        return;
    }
    for (const auto &[name, tensor] : file->tensors) {
        uint64_t count = 1;
        for (const uint64_t dimension : tensor.shape)
            count *= dimension;
        REQUIRE(tensor.data.size() == count);
    }
}

// Reads everything that the view offers, where offsets out of bounds would show.
void check_blob(const Bytes &bytes) {
    BlobView view;
    if (open_blob(bytes.data(), bytes.size(), &view) != nullptr)
        return;
    float sum = 0;
    for (uint32_t w = 0; w < view.header->q16_count; w++)
        sum += view.q16_ranges(static_cast<int>(view.q16_widths[w]))[q16_stride(*view.header) - 1];
    for (uint32_t i = 0; i < view.header->filter_count; i++)
        sum += view.weights(i)[weight_count(view.filters[i]) - 1] + view.bias(i)[bias_count(view.filters[i]) - 1];
    REQUIRE((sum == sum || sum != sum));
}

void renew_checksum(Bytes &blob) {
    constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
    if (blob.size() < sizeof(BlobHeader))
        return;
    const uint64_t size = blob.size();
    std::memcpy(blob.data() + kCovered, &size, sizeof size);
    const uint32_t crc = crc32(blob.data() + kCovered, blob.size() - kCovered);
    std::memcpy(blob.data() + offsetof(BlobHeader, crc32), &crc, sizeof crc);
}

}  // namespace

TEST_CASE("A safetensors file cut anywhere is refused") {
    const Bytes whole = small_safetensors();
    REQUIRE(parse_safetensors(whole.data(), whole.size()).error() == "");
    for (size_t size = 0; size < whole.size(); size++) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));  // its own memory: overreads show
        CHECK(parse_safetensors(cut.data(), cut.size()).error() != "");
    }
}

TEST_CASE("Mutated safetensors files never crash") {
    std::mt19937 random(1);
    const Bytes whole = small_safetensors();
    for (int i = 0; i < kMutations; i++)
        check_safetensors(mutated(whole, random));
}

TEST_CASE("Mutated trained files never crash") {
    std::mt19937 random(2);
    const Result<std::vector<uint8_t>> whole = serialize_model(tiny_model());
    REQUIRE(whole.error() == "");
    for (int i = 0; i < kMutations; i++) {
        // Only the header is changed, since values follow it.
        uint64_t header_size;
        std::memcpy(&header_size, whole->data(), sizeof header_size);
        const auto end = whole->begin() + 8 + static_cast<ptrdiff_t>(header_size);
        Bytes bytes = mutated(Bytes(whole->begin(), end), random);
        bytes.insert(bytes.end(), end, whole->end());
        const Result<ModelFile> model = parse_model(bytes.data(), bytes.size());
        if (model)
            REQUIRE(check_model(*model).error() == "");
    }
}

TEST_CASE("A blob cut anywhere is refused, with or without a matching checksum") {
    const Result<std::vector<uint8_t>> whole = pack(tiny_model());
    REQUIRE(whole.error() == "");
    BlobView view;
    for (size_t size = 0; size < 2000; size++) {
        Bytes cut(whole->begin(), whole->begin() + static_cast<ptrdiff_t>(size));
        CHECK(open_blob(cut.data(), cut.size(), &view) != nullptr);
        renew_checksum(cut);
        CHECK(open_blob(cut.data(), cut.size(), &view) != nullptr);
    }
}

TEST_CASE("Mutated blobs never crash, with or without a matching checksum") {
    std::mt19937 random(3);
    const Result<std::vector<uint8_t>> whole = pack(tiny_model());
    REQUIRE(whole.error() == "");
    const size_t tables = reinterpret_cast<const BlobHeader *>(whole->data())->q16_ranges_offset +
                          kQ16Elements * sizeof(float) * 2;  // with the ranges of the first two filters
    for (int i = 0; i < kMutations; i++) {
        Bytes blob = mutated(Bytes(whole->begin(), whole->begin() + static_cast<ptrdiff_t>(tables)), random);
        blob.insert(blob.end(), whole->begin() + static_cast<ptrdiff_t>(tables), whole->end());
        check_blob(blob);
        renew_checksum(blob);
        check_blob(blob);
    }
}
