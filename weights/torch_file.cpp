#include "weights/torch_file.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "base/files.h"
#include "base/text.h"
#include "weights/unpickler.h"

namespace slimscale::weights {
namespace {

using Kind = PickledValue::Kind;

constexpr int kMaxDepth = 32;             // nested dictionaries; one may hold itself
constexpr size_t kMaxVisits = 1'000'000;  // values visited; shared dictionaries can make 2^32 values of a few
constexpr size_t kMaxNameBytes = 4096;
constexpr uint64_t kMaxValuesPerByte = 4;  // tensor values per byte of the file, since strides may repeat values

struct Span {
    const uint8_t *bytes = nullptr;  // null: compressed or encrypted
    size_t size = 0;
};

Error damaged(const std::string &what) {
    return Error{"damaged or truncated file of torch.save (" + what + "); get the file again"};
}

// --- zip: torch.save stores its entries as they are, uncompressed ---

constexpr uint32_t kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50, kLocator64Signature = 0x07064b50;
constexpr uint32_t kEntrySignature = 0x02014b50, kLocalSignature = 0x04034b50;
constexpr size_t kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20, kEntryBytes = 46, kLocalBytes = 30;

struct Directory {
    uint64_t entries = 0, offset = 0;
};

class Zip {
public:
    explicit Zip(Span file) : file_(file) {}

    // Contents by name, without the archive's own folder ("archive/data.pkl" is "data.pkl").
    Result<std::map<std::string, Span>> entries() const {
        SLIMSCALE_ASSIGN_OR_RETURN(const Directory directory, find_directory());
        std::map<std::string, Span> found;
        uint64_t at = directory.offset;
        for (uint64_t i = 0; i < directory.entries; i++)
            SLIMSCALE_RETURN_IF_ERROR(read_entry(at, found));
        return found;
    }

private:
    bool has(uint64_t at, uint64_t size) const { return at <= file_.size && size <= file_.size - at; }
    template <typename Number>
    Number read(uint64_t at) const {
        return number_at<Number>(file_.bytes + at);
    }

    Result<Directory> find_directory() const {
        constexpr size_t kMaxComment = 0xffff;
        if (file_.size < kEndBytes)
            return damaged("too short");
        const size_t last = file_.size - kEndBytes, first = last - std::min(last, kMaxComment);
        for (size_t end = last + 1; end-- > first;)
            if (read<uint32_t>(end) == kEndSignature)
                return directory_at(end);
        return damaged("its end is missing");
    }

    Result<Directory> directory_at(size_t end) const {
        const uint16_t entries = read<uint16_t>(end + 10);
        const uint32_t offset = read<uint32_t>(end + 16);
        if (entries != 0xffff && offset != 0xffffffff)
            return Directory{entries, offset};
        if (end < kLocator64Bytes || read<uint32_t>(end - kLocator64Bytes) != kLocator64Signature)
            return damaged("its directory is missing");
        const uint64_t end64 = read<uint64_t>(end - kLocator64Bytes + 8);
        if (!has(end64, kEnd64Bytes) || read<uint32_t>(end64) != kEnd64Signature)
            return damaged("its directory is missing");
        return Directory{read<uint64_t>(end64 + 32), read<uint64_t>(end64 + 48)};
    }

    // Reads sizes and offset from the extra field, where large files have them.
    Status widen(uint64_t extra, uint64_t extra_end, uint64_t &size, uint64_t &packed, uint64_t &local) const {
        constexpr uint32_t kUnknown = 0xffffffff;
        if (size != kUnknown && packed != kUnknown && local != kUnknown)
            return Status();
        while (extra + 4 <= extra_end) {
            const uint16_t id = read<uint16_t>(extra), length = read<uint16_t>(extra + 2);
            uint64_t at = extra + 4;
            const uint64_t end = at + length;
            if (end > extra_end)
                break;
            if (id == 1) {
                for (uint64_t *value : {&size, &packed, &local})
                    if (*value == kUnknown && at + 8 <= end) {
                        *value = read<uint64_t>(at);
                        at += 8;
                    }
                return Status();
            }
            extra = end;
        }
        return damaged("an entry has no size");
    }

    Status read_entry(uint64_t &at, std::map<std::string, Span> &found) const {
        if (!has(at, kEntryBytes) || read<uint32_t>(at) != kEntrySignature)
            return damaged("its directory ends too early");
        const uint16_t flags = read<uint16_t>(at + 8), method = read<uint16_t>(at + 10);
        uint64_t packed = read<uint32_t>(at + 20), size = read<uint32_t>(at + 24), local = read<uint32_t>(at + 42);
        const uint64_t name_bytes = read<uint16_t>(at + 28), extra_bytes = read<uint16_t>(at + 30);
        const uint64_t next = at + kEntryBytes + name_bytes + extra_bytes + read<uint16_t>(at + 32);
        if (!has(at, next - at))
            return damaged("its directory ends too early");
        const std::string name(reinterpret_cast<const char *>(file_.bytes + at + kEntryBytes), name_bytes);
        const uint64_t extra = at + kEntryBytes + name_bytes;
        SLIMSCALE_RETURN_IF_ERROR(widen(extra, extra + extra_bytes, size, packed, local));
        if (!has(local, kLocalBytes) || read<uint32_t>(local) != kLocalSignature)
            return damaged("entry " + base::in_quotes(name) + " is missing");
        const uint64_t data = local + kLocalBytes + read<uint16_t>(local + 26) + read<uint16_t>(local + 28);
        if (!has(data, packed))
            return damaged("entry " + base::in_quotes(name) + " ends too early");
        const bool plain = method == 0 && (flags & 1) == 0 && packed == size;
        found.emplace(name.substr(name.find('/') + 1),
                      plain ? Span{file_.bytes + data, static_cast<size_t>(size)} : Span());
        at = next;
        return Status();
    }

    Span file_;
};

// --- from pickled values to tensors ---

// Visits the tensors and storages that a value leads to, each with the keys that lead to it.
class Walk {
public:
    using Visit = std::function<Status(const PickledValue &value, const std::string &name)>;
    explicit Walk(Visit visit) : visit_(std::move(visit)) {}

    Status value(const PickledValue &value, const std::string &name = "", int depth = 0) {
        if (++visits_ > kMaxVisits || depth > kMaxDepth)
            return Error{"the file's dictionaries hold too many others, or themselves"};
        if (name.size() > kMaxNameBytes)
            return Error{"the file's keys are longer than names of tensors are"};
        if (value.tensor)
            return visit_(value, name);
        if (value.kind == Kind::object && is_left_out(value, depth))
            return Status();
        const std::string prefix = name.empty() ? "" : name + ".";
        if (value.pairs)
            for (const auto &[key, item] : *value.pairs)
                SLIMSCALE_RETURN_IF_ERROR(this->value(item, prefix + key_text(key), depth + 1));
        if (value.items)
            for (size_t i = 0; i < value.items->size(); i++)
                SLIMSCALE_RETURN_IF_ERROR(this->value((*value.items)[i], prefix + std::to_string(i), depth + 1));
        return Status();
    }

private:
    // Objects refer to each other in circles and long chains, as a configuration's parts to their parents. Each is
    // visited once, and only where its own contents are not too deep.
    bool is_left_out(const PickledValue &object, int depth) {
        return !object.pairs || depth + 2 > kMaxDepth || !objects_.insert(object.pairs).second;
    }

    static std::string key_text(const PickledValue &key) {
        return key.kind == Kind::text ? *key.text : std::to_string(key.integer);
    }

    Visit visit_;
    size_t visits_ = 0;
    std::set<const PickledPairs *> objects_;  // that were visited
};

class Collector {
public:
    Collector(const std::map<std::string, Span> &storages, size_t file_bytes)
        : storages_(storages), values_left_(kMaxValuesPerByte * file_bytes) {}

    Safetensors take() { return std::move(file_); }

    Status add(const StoredTensor &stored, const std::string &name) {
        const auto quoted = [&] { return "tensor " + base::in_quotes(name); };
        const auto storage = storages_.find(*stored.storage);
        if (storage == storages_.end())
            return damaged(quoted() + " has no values");
        const uint64_t held = storage->second.size / bytes_per_value(stored.type);
        uint64_t count = 1, last = stored.offset;
        bool overflow = false, empty = false;
        for (size_t i = 0; i < stored.shape.size(); i++) {
            empty = empty || stored.shape[i] == 0;
            uint64_t reach = 0;
            overflow = overflow || __builtin_mul_overflow(count, stored.shape[i], &count) ||
                       (!empty && (__builtin_mul_overflow(stored.shape[i] - 1, stored.strides[i], &reach) ||
                                   __builtin_add_overflow(last, reach, &last)));
        }
        if (!empty && (overflow || last >= std::min(held, stored.storage_values)))
            return damaged(quoted() + " of shape " + shape_text(stored.shape) + " lies outside of its storage");
        count = empty ? 0 : count;
        if (count > values_left_)
            return Error{quoted() + " and others repeat values more often than real weights do"};
        values_left_ -= count;
        if (!file_.tensors.emplace(name, values_of(stored, storage->second.bytes, static_cast<size_t>(count))).second)
            return Error{"the file holds the name " + base::in_quotes(name) + " twice"};
        return Status();
    }

private:
    // Copies the values in row-major order, whatever their order in memory (such as PyTorch's channels_last).
    static Tensor values_of(const StoredTensor &stored, const uint8_t *storage, size_t count) {
        Tensor tensor;
        tensor.shape = stored.shape;
        tensor.rounding = rounding_of(stored.type);
        tensor.data.resize(count);
        const size_t bytes = bytes_per_value(stored.type);
        std::vector<uint64_t> index(stored.shape.size());
        uint64_t at = stored.offset;
        for (size_t i = 0; i < count; i++) {
            tensor.data[i] = value_at(stored.type, storage + at * bytes);
            for (size_t axis = index.size(); axis-- > 0;) {
                at += stored.strides[axis];
                if (++index[axis] < stored.shape[axis])
                    break;
                at -= stored.strides[axis] * stored.shape[axis];
                index[axis] = 0;
            }
        }
        return tensor;
    }

    const std::map<std::string, Span> &storages_;
    uint64_t values_left_;
    Safetensors file_;
};

Result<Safetensors> collect(const PickledValue &root, const std::map<std::string, Span> &storages, size_t file_bytes) {
    Collector collector(storages, file_bytes);
    Walk walk([&](const PickledValue &value, const std::string &name) {
        return value.kind == Kind::tensor ? collector.add(*value.tensor, name) : Status();
    });
    SLIMSCALE_RETURN_IF_ERROR(walk.value(root));
    return collector.take();
}

Result<Safetensors> parse_zip(Span file) {
    SLIMSCALE_ASSIGN_OR_RETURN(const auto entries, Zip(file).entries());
    const auto pickle = entries.find("data.pkl");
    if (pickle == entries.end() || !pickle->second.bytes)
        return Error{
            "the file is a zip archive that torch.save has not written: it has no plain entry \"data.pkl\"; unpack "
            "it, since the weights may lie in it"};
    const auto order = entries.find("byteorder");
    if (order != entries.end() &&
        std::string_view(reinterpret_cast<const char *>(order->second.bytes), order->second.size) != "little")
        return Error{"the file was written on a big-endian machine: load it there and save it as safetensors"};
    std::map<std::string, Span> storages;
    constexpr std::string_view kFolder = "data/";
    for (const auto &[name, content] : entries)
        if (name.compare(0, kFolder.size(), kFolder) == 0)
            storages.emplace(name.substr(kFolder.size()), content);
    SLIMSCALE_ASSIGN_OR_RETURN(const Unpickled root, unpickle(pickle->second.bytes, pickle->second.size));
    return collect(root.value, storages, file.size);
}

// --- files from before PyTorch 1.6: five pickles (a magic number, a version, the machine, the object, the keys of its
// storages), then the storages, each a count of values and the values ---

constexpr uint8_t kMagic[] = {0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
constexpr size_t kMagicAt = 2;  // behind the pickle's protocol

bool is_legacy(Span file) {
    return file.size >= kMagicAt + sizeof kMagic && file.bytes[0] == 0x80 &&
           std::equal(std::begin(kMagic), std::end(kMagic), file.bytes + kMagicAt);
}

Result<Unpickled> next_pickle(Span file, size_t &at) {
    Result<Unpickled> next = unpickle(file.bytes + at, file.size - at);
    at += next ? next->size : 0;
    return next;
}

Result<Safetensors> parse_legacy(Span file) {
    size_t at = kMagicAt + sizeof kMagic;
    for (int skipped = 0; skipped < 2; skipped++)  // version, machine
        SLIMSCALE_RETURN_IF_ERROR(next_pickle(file, at));
    SLIMSCALE_ASSIGN_OR_RETURN(const Unpickled root, next_pickle(file, at));
    SLIMSCALE_ASSIGN_OR_RETURN(const Unpickled keys, next_pickle(file, at));
    std::map<std::string, NumberType> types;
    Walk walk([&](const PickledValue &value, const std::string &) {
        types.emplace(*value.tensor->storage, value.tensor->type);
        return Status();
    });
    SLIMSCALE_RETURN_IF_ERROR(walk.value(root.value));
    if (keys.value.kind != Kind::list)
        return damaged("the list of storages is missing");

    std::map<std::string, Span> storages;
    for (const PickledValue &key : *keys.value.items) {
        const auto type = types.find(key.kind == Kind::text ? *key.text : "");
        if (type == types.end())
            return damaged("a storage belongs to no tensor");
        if (file.size - at < sizeof(uint64_t))
            return damaged("a storage is missing");
        const uint64_t count = number_at<uint64_t>(file.bytes + at);
        at += sizeof count;
        const size_t bytes = bytes_per_value(type->second);
        if (count > (file.size - at) / bytes)
            return damaged("a storage ends too early");
        storages.emplace(*key.text, Span{file.bytes + at, static_cast<size_t>(count * bytes)});
        at += static_cast<size_t>(count * bytes);
    }
    return collect(root.value, storages, file.size);
}

bool is_zip(Span file) {
    return file.size >= kLocalBytes && number_at<uint32_t>(file.bytes) == kLocalSignature;
}

}  // namespace

bool is_torch_file(const uint8_t *bytes, size_t size) {
    return is_zip({bytes, size}) || is_legacy({bytes, size});
}

Result<Safetensors> parse_torch_file(const uint8_t *bytes, size_t size) {
    if (!is_torch_file(bytes, size))
        return Error{"this is no file of torch.save"};
    return is_zip({bytes, size}) ? parse_zip({bytes, size}) : parse_legacy({bytes, size});
}

Result<Safetensors> load_checkpoint(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, base::read_file(path));
    const bool from_torch = is_torch_file(bytes.data(), bytes.size());
    SLIMSCALE_ASSIGN_OR_RETURN(Safetensors file,
                               from_torch ? parse_torch_file(bytes.data(), bytes.size())
                                          : parse_safetensors(bytes.data(), bytes.size(), UnknownTypes::leave_out),
                               path + ": ");
    return file;
}

}  // namespace slimscale::weights
