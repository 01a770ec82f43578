// The safetensors format (https://github.com/huggingface/safetensors): an 8-byte little-endian header length, a JSON
// header that names each tensor's type, shape and place, then the data without gaps. Everything is checked, because the
// files come from anywhere. F64, F32, F16, BF16, integers of 8 to 64 bits and BOOL are read, all into floats.
//
// At most about five times the file's size is in memory. Nothing here throws but std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::weights {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr size_t kMaxRank = 8;
constexpr const char *kReadTypes = "F64, F32, F16, BF16, integers and BOOL are read";  // for messages

struct Tensor {
    std::vector<uint64_t> shape;  // slowest dimension first
    std::vector<float> data;      // row-major, as many values as the product of `shape`
    bool store_bf16 = false;      // the writer rounds to BF16, half the bytes; readers leave this false
    double rounding = 0x1p-24;    // the largest relative rounding error of the type that the values were read from
};

struct Safetensors {
    std::map<std::string, std::string> metadata;
    std::map<std::string, Tensor> tensors;
    std::map<std::string, std::string> left_out;  // tensors of types that are not read, with these: "F8_E4M3"
};

enum class UnknownTypes { refuse, leave_out };

// Errors name the tensor or the header's fault: truncation, a repeated name, an unknown type, a shape that does not
// match its bytes, bytes that two tensors share or that none owns.
Result<Safetensors> parse_safetensors(const uint8_t *bytes, size_t size, UnknownTypes unknown = UnknownTypes::refuse);
Result<Safetensors> load_safetensors(const std::string &path);

// Writes F32, or BF16 where a tensor says so, with tensors in the order of their names. Bytes of texts that are not
// UTF-8 are replaced. Precondition: shapes match their data.
std::vector<uint8_t> serialize_safetensors(const Safetensors &file);

Status save_safetensors(const std::string &path, const Safetensors &file);

std::string shape_text(const std::vector<uint64_t> &shape);  // "(64, 16, 3, 3)"

}  // namespace slimscale::weights
