#include "weights/safetensors.h"

#include <cmath>
#include <cstring>

#include "base/files.h"
#include "base/status.h"
#include "catch.h"
#include "support.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::weights;

namespace {

Result<Safetensors> parse(const Bytes &bytes) {
    return parse_safetensors(bytes.data(), bytes.size());
}

// The error for a header over `data_bytes` bytes of data; "" if it is read.
std::string error_of(const std::string &header, size_t data_bytes) {
    return parse(safetensors_bytes(header, data_bytes)).error();
}

std::string entry(const std::string &name, const std::string &shape, size_t begin, size_t end,
                  const std::string &dtype = "F32") {
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

Bytes bytes_of(const std::vector<uint16_t> &values) {
    Bytes bytes(values.size() * 2);
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::vector<float> read_values(const std::string &dtype, const std::vector<uint16_t> &values) {
    const Bytes data = bytes_of(values);
    Bytes file =
        safetensors_bytes("{" + entry("a", "[" + std::to_string(values.size()) + "]", 0, data.size(), dtype) + "}", 0);
    file.insert(file.end(), data.begin(), data.end());
    const Result<Safetensors> read = parse(file);
    REQUIRE(read.error() == "");
    return read->tensors.at("a").data;
}

}  // namespace

TEST_CASE("safetensors round trip") {
    Safetensors file;
    file.metadata = {{"format", "test"}, {"text", "\"quotes\", \n and \xc3\xa9"}};
    file.tensors["b"] = {{2, 3}, {1, -2, 3.5f, 1e-30f, 0, 6}};
    file.tensors["a.weight"] = {{1, 1, 1, 1}, {7}};
    file.tensors["empty"] = {{0, 4}, {}};
    file.tensors["scalar"] = {{}, {9}};
    const Bytes bytes = serialize_safetensors(file);
    uint64_t header_size;
    std::memcpy(&header_size, bytes.data(), sizeof header_size);
    CHECK(header_size % 8 == 0);

    const Result<Safetensors> read = parse(bytes);
    REQUIRE(read.error() == "");
    CHECK(read->metadata == file.metadata);
    REQUIRE(read->tensors.size() == 4);
    for (const auto &[name, tensor] : file.tensors) {
        CHECK(read->tensors.at(name).shape == tensor.shape);
        CHECK(read->tensors.at(name).data == tensor.data);
    }
    CHECK(serialize_safetensors(*read) == bytes);
}

TEST_CASE("Tensors of other types are refused, or left out with their types") {
    const Bytes file =
        safetensors_bytes("{" + entry("a", "[2]", 0, 2, "I8") + "," + entry("b", "[3]", 2, 5, "F8_E4M3") + "," +
                              entry("c", "[2]", 5, 6, "F4") + "}",
                          6);
    CHECK(contains(parse(file).error(), "tensor \"b\" has type \"F8_E4M3\"; F64, F32"));
    const Result<Safetensors> read = parse_safetensors(file.data(), file.size(), UnknownTypes::leave_out);
    REQUIRE(read.error() == "");
    CHECK(read->tensors.size() == 1);
    CHECK(read->tensors.at("a").data == std::vector<float>{0, 1});
    CHECK(read->left_out == std::map<std::string, std::string>{{"b", "F8_E4M3"}, {"c", "F4"}});
    // Their places are checked as others' are.
    for (const std::string &header :
         {entry("b", "[3]", 0, 7, "F4"), entry("b", "[3]", 4, 3, "F4"), entry("b", "[3]", 1, 6, "F4"),
          entry("a", "[4]", 0, 4, "I8") + "," + entry("b", "[3]", 2, 6, "F4")}) {
        const Bytes bad = safetensors_bytes("{" + header + "}", 6);
        CHECK(parse_safetensors(bad.data(), bad.size(), UnknownTypes::leave_out).error() != "");
    }
}

TEST_CASE("An empty header is a file without tensors") {
    const Result<Safetensors> read = parse(safetensors_bytes("{}  \n", 0));
    REQUIRE(read.error() == "");
    CHECK(read->tensors.empty());
    CHECK(read->metadata.empty());
}

TEST_CASE("Half and bfloat16 values are widened") {
    const std::vector<float> half =
        read_values("F16", {0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x83ff, 0x0400, 0x7c00, 0x7e00});
    CHECK(half[0] == 0);
    CHECK(std::signbit(half[1]));
    CHECK(half[2] == 1);
    CHECK(half[3] == -2);
    CHECK(half[4] == 65504);
    CHECK(half[5] == std::ldexp(1.0f, -24));
    CHECK(half[6] == -std::ldexp(1023.0f, -24));
    CHECK(half[7] == std::ldexp(1.0f, -14));
    CHECK(std::isinf(half[8]));
    CHECK(std::isnan(half[9]));
    CHECK(read_values("BF16", {0x3f80, 0xc040, 0x0000}) == std::vector<float>{1, -3, 0});
}

TEST_CASE("Doubles, integers and truth values become floats, and the type's precision is known") {
    const auto read = [](const std::string &dtype, const void *data, size_t count, size_t bytes) {
        Bytes file =
            safetensors_bytes("{" + entry("a", "[" + std::to_string(count) + "]", 0, count * bytes, dtype) + "}", 0);
        const auto *from = static_cast<const uint8_t *>(data);
        file.insert(file.end(), from, from + count * bytes);
        const Result<Safetensors> parsed = parse(file);
        REQUIRE(parsed.error() == "");
        return parsed->tensors.at("a");
    };
    const std::vector<float> small = {0, 1, 100};
    const auto as = [&](const std::string &dtype, auto zero) {
        const decltype(zero) values[] = {0, 1, 100};
        return read(dtype, values, 3, sizeof zero);
    };
    CHECK(as("F64", 0.0).data == small);
    CHECK(as("F64", 0.0).rounding == 0x1p-24);
    CHECK(as("F32", 0.0f).data == small);
    CHECK(as("I64", int64_t{0}).data == small);
    CHECK(as("I32", int32_t{0}).data == small);
    CHECK(as("I16", int16_t{0}).data == small);
    CHECK(as("I8", int8_t{0}).data == small);
    CHECK(as("U64", uint64_t{0}).data == small);
    CHECK(as("U32", uint32_t{0}).data == small);
    CHECK(as("U16", uint16_t{0}).data == small);
    CHECK(as("U8", uint8_t{0}).data == small);
    const bool truths[] = {true, false};
    CHECK(read("BOOL", truths, 2, 1).data == std::vector<float>{1, 0});
    const int8_t negative = -5;
    CHECK(read("I8", &negative, 1, 1).data[0] == -5);
    const double third = 1.0 / 3;
    CHECK(read("F64", &third, 1, 8).data[0] == 1.0f / 3);
    const uint16_t bits = 0;
    CHECK(read("F16", &bits, 1, 2).rounding == 0x1p-11);
    CHECK(read("BF16", &bits, 1, 2).rounding == 0x1p-8);
}

TEST_CASE("Damaged safetensors are refused with their fault") {
    struct Case {
        std::string header;
        size_t data_bytes;
        std::string fault;
    };
    const std::string good = entry("a", "[2]", 0, 8);
    const std::vector<Case> cases = {
        // The header's form
        {"", 0, "must be a JSON object"},
        {"[]", 0, "must be a JSON object"},
        {"\xef\xbb\xbf{}", 0, "must be a JSON object"},
        {" {}", 0, "must be a JSON object"},
        {"{", 0, "no valid JSON"},
        {"{}}", 0, "no valid JSON"},
        {"{\"a\":}", 0, "no valid JSON"},
        {"{\"\xff\":1}", 0, "no valid JSON"},
        {"{" + good + ",}", 8, "no valid JSON"},
        {std::string(100000, '{'), 0, "no valid JSON"},
        {"{\"a\":" + std::string(100000, '['), 0, "holds a list"},
        {"{\"a\":{\"a\":{}}}", 0, "unknown field"},
        {"{\"a\":{\"shape\":{}}}", 0, "holds an object"},
        {"{\"a\":{\"shape\":[[1]]}}", 0, "holds a list"},
        {"{\"a\":1}", 0, "holds a number"},
        {"{\"a\":\"text\"}", 0, "holds a text"},
        {"{\"a\":null}", 0, "holds null"},
        {"{\"a\":true}", 0, "holds true or false"},
        // Names
        {"{" + good + "," + good + "}", 8, "\"a\" twice"},
        {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "\"dtype\" twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "\"__metadata__\" twice"},
        {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "\"k\" twice"},
        {"{\"__metadata__\":{\"k\":1}}", 0, "holds a number"},
        {"{\"__metadata__\":{\"k\":{}}}", 0, "holds an object"},
        {"{\"__metadata__\":[]}", 0, "holds a list"},
        {"{\"__metadata__\":\"text\"}", 0, "holds a text"},
        // Fields
        {"{\"a\":{}}", 0, "lacks its dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "lacks its dtype"},
        {"{\"a\":{\"dtype\":4,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "holds a number"},
        {"{\"a\":{\"dtype\":[],\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "holds a list"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":\"2\",\"data_offsets\":[0,8]}}", 8, "holds a text"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, "needs two data_offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", 8, "holds a number"},
        {"{" + entry("a", "[8]", 0, 8, "F8_E4M3") + "}", 8, "type \"F8_E4M3\"; F64, F32"},
        {"{" + entry("a", "[-2]", 0, 8) + "}", 8, "a negative number"},
        {"{" + entry("a", "[2.0]", 0, 8) + "}", 8, "fractional"},
        {"{" + entry("a", "[99999999999999999999]", 0, 8) + "}", 8, "too large"},
        {"{" + entry("a", "[1,1,1,1,1,1,1,1,2]", 0, 8) + "}", 8, "more than 8 dimensions"},
        // Shapes and places
        {"{" + entry("a", "[3]", 0, 8) + "}", 8, "do not fit its shape (3)"},
        {"{" + entry("a", "[4294967296,4294967296,4]", 0, 8) + "}", 8, "too large to exist"},
        {"{" + entry("a", "[4611686018427387906]", 0, 8) + "}", 8, "too large to exist"},
        {"{" + entry("a", "[2]", 0, 8) + "}", 7, "outside the file"},
        {"{" + entry("a", "[2]", 8, 0) + "}", 8, "outside the file"},
        {"{" + good + "}", 9, "behind the last tensor"},
        {"{}", 1, "behind the last tensor"},
        {"{" + entry("a", "[2]", 4, 12) + "}", 12, "unused bytes lie before tensor \"a\""},
        {"{" + good + "," + entry("b", "[2]", 4, 12) + "}", 12, "tensor \"b\" shares bytes"},
        {"{" + good + "," + entry("b", "[2]", 0, 8) + "}", 8, "shares bytes"},
    };
    for (const Case &c : cases) {
        const std::string error = error_of(c.header, c.data_bytes);
        INFO(c.header.substr(0, 200) << "\n-> " << error);
        CHECK(contains(error, c.fault));
    }
}

TEST_CASE("Header lengths that the file cannot hold are refused before anything is read") {
    Bytes bytes = safetensors_bytes("{}", 0);
    const auto error_with_length = [&](uint64_t length) {
        std::memcpy(bytes.data(), &length, sizeof length);
        return parse(bytes).error();
    };
    CHECK(error_with_length(2) == "");
    CHECK(contains(error_with_length(3), "longer than the file"));
    CHECK(contains(error_with_length(kMaxHeaderBytes), "longer than the file"));
    CHECK(contains(error_with_length(kMaxHeaderBytes + 1), "over 100 MB"));
    CHECK(contains(error_with_length(~uint64_t{0}), "over 100 MB"));
    CHECK(contains(parse({1, 2, 3}).error(), "too short"));
    CHECK(contains(parse_safetensors(nullptr, 0).error(), "too short"));
}

TEST_CASE("Names in messages stay on one line and short") {
    const std::string error = error_of("{\"line\\nbreak" + std::string(1000, 'x') + "\":1}", 0);
    CHECK(error.find('\n') == std::string::npos);
    CHECK(error.size() < 300);
}

TEST_CASE("Files are written whole or not at all") {
    const Scratch folder;
    Safetensors file;
    file.tensors["a"] = {{1}, {1}};
    const std::string path = folder / "a.safetensors";
    REQUIRE(save_safetensors(path, file).error() == "");
    file.tensors["a"].data[0] = 2;
    REQUIRE(save_safetensors(path, file).error() == "");
    CHECK(entries(folder.folder()) == 1);
    const Result<Safetensors> read = load_safetensors(path);
    REQUIRE(read.error() == "");
    CHECK(read->tensors.at("a").data[0] == 2);

    CHECK(contains(save_safetensors(folder / "none/a", file).error(), "cannot write"));
    std::filesystem::create_directories(folder / "folder/inner");
    CHECK(contains(save_safetensors(folder / "folder", file).error(), "cannot write"));
    CHECK(entries(folder.folder()) == 2);
}

TEST_CASE("Files that cannot be read are named") {
    const Scratch folder;
    CHECK(contains(load_safetensors(folder / "none").error(), folder / "none"));
    CHECK(contains(load_safetensors(folder / "").error(), "is a folder"));
    REQUIRE(base::write_file(folder / "bad", Bytes{1, 2, 3}).error() == "");
    CHECK(contains(load_safetensors(folder / "bad").error(), folder / "bad" + ": the file is too short"));
    REQUIRE(base::write_file(folder / "empty", "").error() == "");
    CHECK(contains(load_safetensors(folder / "empty").error(), "too short"));
    std::filesystem::resize_file(folder / "empty", base::kMaxFileBytes + 1);  // sparse
    CHECK(contains(load_safetensors(folder / "empty").error(), "larger than 4 GiB"));
}

TEST_CASE("a tensor is stored as BF16 where it says so, rounded to nearest") {
    Safetensors file;
    // 1 + 2^-8 lies halfway between 1 and the next value, 1 + 2^-7; ties are rounded to even.
    file.tensors["half"] = {{4}, {1.0f, -3.0f, 1.00390625f, 1.01171875f}, /*store_bf16=*/true};
    file.tensors["whole"] = {{1}, {1.00390625f}};
    const std::vector<uint8_t> bytes = serialize_safetensors(file);
    const Result<Safetensors> again = parse_safetensors(bytes.data(), bytes.size());
    REQUIRE(again.ok());
    CHECK(again->tensors.at("half").data == std::vector<float>{1.0f, -3.0f, 1.0f, 1.015625f});
    CHECK(again->tensors.at("whole").data == std::vector<float>{1.00390625f});
    CHECK(!again->tensors.at("half").store_bf16);
}
