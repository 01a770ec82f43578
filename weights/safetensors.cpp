#include "weights/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "base/files.h"
#include "base/status.h"
#include "base/text.h"
#include "contract/bf16.h"
#include "weights/number_types.h"
#include "weights/safetensors_header.h"

namespace slimscale::weights {
namespace {

constexpr size_t kLengthBytes = 8;

// Checks that the entry's type is known, its place lies within `data_bytes`, and its shape fills the place. If unknown
// types are left out, the shapes of theirs are not compared with the place.
Status check_entry(const TensorEntry &entry, uint64_t data_bytes, UnknownTypes unknown) {
    const std::string tensor = "tensor " + base::in_quotes(entry.name);
    const std::optional<NumberType> type = number_type(entry.dtype);
    if (!type && unknown == UnknownTypes::refuse)
        return Error{tensor + " has type " + base::in_quotes(entry.dtype) + "; " + kReadTypes};
    const auto [begin, end] = entry.offsets;
    if (begin > end || end > data_bytes)
        return Error{tensor + " lies outside the file, which may be truncated"};
    if (!type)
        return Status();
    uint64_t needed = bytes_per_value(*type);
    for (const uint64_t dimension : entry.shape)
        if (__builtin_mul_overflow(needed, dimension, &needed))
            return Error{tensor + " has a shape too large to exist: " + shape_text(entry.shape)};
    if (needed != end - begin)
        return Error{tensor + " has " + std::to_string(end - begin) + " bytes, which do not fit its shape " +
                     shape_text(entry.shape)};
    return Status();
}

// Sorts the tensors by place, and checks that they cover the data exactly once.
Status check_coverage(std::vector<TensorEntry> &entries, uint64_t data_bytes) {
    std::sort(entries.begin(), entries.end(), [](const auto &a, const auto &b) { return a.offsets < b.offsets; });
    uint64_t covered = 0;
    for (const TensorEntry &entry : entries) {
        if (entry.offsets[0] < covered)
            return Error{"tensor " + base::in_quotes(entry.name) + " shares bytes with the tensor before it"};
        if (entry.offsets[0] > covered)
            return Error{"unused bytes lie before tensor " + base::in_quotes(entry.name)};
        covered = entry.offsets[1];
    }
    return covered == data_bytes ? Status() : Error{"unused bytes lie behind the last tensor"};
}

size_t stored_bytes(const Tensor &tensor) {
    return tensor.data.size() * (tensor.store_bf16 ? sizeof(uint16_t) : sizeof(float));
}

void store(const Tensor &tensor, uint8_t *to) {
    if (tensor.data.empty())
        return;
    if (!tensor.store_bf16) {
        std::memcpy(to, tensor.data.data(), stored_bytes(tensor));
        return;
    }
    for (size_t i = 0; i < tensor.data.size(); i++) {
        const uint16_t bits = contract::to_bf16(tensor.data[i]);
        std::memcpy(to + sizeof bits * i, &bits, sizeof bits);
    }
}

std::vector<uint8_t> header_bytes(const Safetensors &file) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!file.metadata.empty())
        header["__metadata__"] = file.metadata;
    uint64_t offset = 0;
    for (const auto &[name, tensor] : file.tensors) {
        const uint64_t end = offset + stored_bytes(tensor);
        header[name] = {
            {"dtype", tensor.store_bf16 ? "BF16" : "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data is aligned
    return {text.begin(), text.end()};
}

}  // namespace

Result<Safetensors> parse_safetensors(const uint8_t *bytes, size_t size, UnknownTypes unknown) {
    if (size < kLengthBytes)
        return Error{"the file is too short to be a safetensors file"};
    uint64_t header_size;
    std::memcpy(&header_size, bytes, kLengthBytes);
    if (header_size > kMaxHeaderBytes)
        return Error{"the header's length is over 100 MB: this is no safetensors file"};
    if (header_size > size - kLengthBytes)
        return Error{"the header is longer than the file, which is truncated or no safetensors file"};
    SLIMSCALE_ASSIGN_OR_RETURN(SafetensorsHeader header, parse_header(bytes + kLengthBytes, header_size));

    const uint8_t *data = bytes + kLengthBytes + header_size;
    const uint64_t data_bytes = size - kLengthBytes - header_size;
    for (const TensorEntry &entry : header.tensors)
        SLIMSCALE_RETURN_IF_ERROR(check_entry(entry, data_bytes, unknown));
    SLIMSCALE_RETURN_IF_ERROR(check_coverage(header.tensors, data_bytes));

    Safetensors file;
    file.metadata = std::move(header.metadata);
    for (TensorEntry &entry : header.tensors) {
        if (!number_type(entry.dtype)) {
            file.left_out.emplace(std::move(entry.name), std::move(entry.dtype));
            continue;
        }
        const size_t count = std::accumulate(entry.shape.begin(), entry.shape.end(), size_t{1}, std::multiplies<>());
        const NumberType type = *number_type(entry.dtype);  // check_entry() knows it
        std::vector<float> values = to_floats(type, data + entry.offsets[0], count);
        file.tensors.emplace(std::move(entry.name), Tensor{std::move(entry.shape), std::move(values),
                                                           /*store_bf16=*/false, rounding_of(type)});
    }
    return file;
}

Result<Safetensors> load_safetensors(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, base::read_file(path));
    SLIMSCALE_ASSIGN_OR_RETURN(Safetensors file, parse_safetensors(bytes.data(), bytes.size()), path + ": ");
    return file;
}

std::vector<uint8_t> serialize_safetensors(const Safetensors &file) {
    const std::vector<uint8_t> header = header_bytes(file);
    size_t size = kLengthBytes + header.size();
    for (const auto &[name, tensor] : file.tensors)
        size += stored_bytes(tensor);

    std::vector<uint8_t> bytes(size);
    const uint64_t header_size = header.size();
    std::memcpy(bytes.data(), &header_size, kLengthBytes);
    std::memcpy(bytes.data() + kLengthBytes, header.data(), header.size());
    uint8_t *end = bytes.data() + kLengthBytes + header.size();
    for (const auto &[name, tensor] : file.tensors) {
        store(tensor, end);
        end += stored_bytes(tensor);
    }
    return bytes;
}

Status save_safetensors(const std::string &path, const Safetensors &file) {
    return base::write_file(path, serialize_safetensors(file));
}

std::string shape_text(const std::vector<uint64_t> &shape) {
    std::string text = "(";
    for (size_t i = 0; i < shape.size(); i++)
        text += (i != 0 ? ", " : "") + std::to_string(shape[i]);
    return text + ")";
}

}  // namespace slimscale::weights
