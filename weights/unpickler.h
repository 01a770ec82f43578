// The pickles of torch.save, read as data: nothing is ever called. A pickle is a program that names Python functions;
// this interpreter knows the instructions that containers and objects need and the few functions that build tensors. An
// instance of a class is the attributes that the pickle gives it, whatever the class. What functions of the standard
// library and of NumPy make, which lies beside weights (options, dates, arrays), is an object of which nothing is
// known. The error names any other instruction, or any other function that the pickle calls. Internal to torch_file.cpp
// and its tests.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "weights/number_types.h"

namespace slimscale::weights {

// Where a tensor's values lie: in a storage of the file, which the pickle names but does not contain.
struct StoredTensor {
    const std::string *storage = nullptr;  // its key: "0", "1", ...; owned by the Unpickled
    NumberType type{};                     // of the storage's values
    uint64_t storage_values = 0;           // how many values the pickle says that the storage has
    uint64_t offset = 0;                   // of the first value, in values
    std::vector<uint64_t> shape;
    std::vector<uint64_t> strides;  // in values, as many as dimensions
};

struct PickledValue;
using PickledItems = std::vector<PickledValue>;
using PickledPairs = std::vector<std::pair<PickledValue, PickledValue>>;

// The Unpickled that a value came in owns what the value points to. Containers are shared, as in Python: one may be
// reached in several ways, and even from within itself. Of a real number, which weights do not need, only the kind is
// kept.
struct PickledValue {
    enum class Kind { none, boolean, integer, real, text, tuple, list, dictionary, name, storage, tensor, object };
    Kind kind = Kind::none;
    int64_t integer = 0;                   // boolean, integer
    const std::string *text = nullptr;     // text; name: "collections.OrderedDict"
    PickledItems *items = nullptr;         // tuple, list
    PickledPairs *pairs = nullptr;         // dictionary; object: attributes and items, null if they are not known
    const StoredTensor *tensor = nullptr;  // storage (shape and strides empty), tensor
};

// Owns what values point to. If values owned it, a list that holds itself would never be freed.
struct PickledContents {
    std::deque<std::string> texts;
    std::deque<PickledItems> items;
    std::deque<PickledPairs> pairs;
    std::deque<StoredTensor> tensors;
};

struct Unpickled {
    std::unique_ptr<PickledContents> contents;
    PickledValue value;
    size_t size = 0;  // of the pickle, in bytes; other data may follow it
};

// Memory in use is at most about 200 times the pickle's size. Pickles of real networks with thousands of tensors and
// their optimizers have less than 1 MB.
constexpr size_t kMaxPickleBytes = size_t{8} << 20;
Result<Unpickled> unpickle(const uint8_t *bytes, size_t size);

}  // namespace slimscale::weights
