#include "weights/unpickler.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "weights/safetensors.h"

namespace slimscale::weights {
namespace {

using Kind = PickledValue::Kind;

// The names of instructions in Python's pickletools, so that a user can look up those in messages.
constexpr std::array<const char *, 256> make_opcode_names() {
    std::array<const char *, 256> names{};
    names['('] = "MARK", names['.'] = "STOP", names['0'] = "POP", names['1'] = "POP_MARK", names['2'] = "DUP";
    names['F'] = "FLOAT", names['I'] = "INT", names['J'] = "BININT", names['K'] = "BININT1", names['L'] = "LONG";
    names['M'] = "BININT2", names['N'] = "NONE", names['P'] = "PERSID", names['Q'] = "BINPERSID", names['R'] = "REDUCE";
    names['S'] = "STRING", names['T'] = "BINSTRING", names['U'] = "SHORT_BINSTRING", names['V'] = "UNICODE";
    names['X'] = "BINUNICODE", names['a'] = "APPEND", names['b'] = "BUILD", names['c'] = "GLOBAL", names['d'] = "DICT";
    names['}'] = "EMPTY_DICT", names['e'] = "APPENDS", names['g'] = "GET", names['h'] = "BINGET", names['i'] = "INST";
    names['j'] = "LONG_BINGET", names['l'] = "LIST", names[']'] = "EMPTY_LIST", names['o'] = "OBJ", names['p'] = "PUT";
    names['q'] = "BINPUT", names['r'] = "LONG_BINPUT", names['s'] = "SETITEM", names['t'] = "TUPLE";
    names[')'] = "EMPTY_TUPLE", names['u'] = "SETITEMS", names['G'] = "BINFLOAT", names['B'] = "BINBYTES";
    names['C'] = "SHORT_BINBYTES", names[0x80] = "PROTO", names[0x81] = "NEWOBJ", names[0x82] = "EXT1";
    names[0x83] = "EXT2", names[0x84] = "EXT4", names[0x85] = "TUPLE1", names[0x86] = "TUPLE2", names[0x87] = "TUPLE3";
    names[0x88] = "NEWTRUE", names[0x89] = "NEWFALSE", names[0x8a] = "LONG1", names[0x8b] = "LONG4";
    names[0x8c] = "SHORT_BINUNICODE", names[0x8d] = "BINUNICODE8", names[0x8e] = "BINBYTES8", names[0x8f] = "EMPTY_SET";
    names[0x90] = "ADDITEMS", names[0x91] = "FROZENSET", names[0x92] = "NEWOBJ_EX", names[0x93] = "STACK_GLOBAL";
    names[0x94] = "MEMOIZE", names[0x95] = "FRAME", names[0x96] = "BYTEARRAY8", names[0x97] = "NEXT_BUFFER";
    names[0x98] = "READONLY_BUFFER";
    return names;
}
constexpr std::array<const char *, 256> kOpcodeNames = make_opcode_names();

std::string opcode_text(uint8_t opcode) {
    if (kOpcodeNames[opcode])
        return kOpcodeNames[opcode];
    constexpr char kDigits[] = "0123456789abcdef";
    return std::string("0x") + kDigits[opcode >> 4] + kDigits[opcode & 15];
}

struct StorageType {
    const char *name;
    NumberType type;
};
constexpr StorageType kStorageTypes[] = {
    {"torch.FloatStorage", NumberType::f32},  {"torch.HalfStorage", NumberType::f16},
    {"torch.DoubleStorage", NumberType::f64}, {"torch.BFloat16Storage", NumberType::bf16},
    {"torch.LongStorage", NumberType::i64},   {"torch.IntStorage", NumberType::i32},
    {"torch.ShortStorage", NumberType::i16},  {"torch.CharStorage", NumberType::i8},
    {"torch.ByteStorage", NumberType::u8},    {"torch.BoolStorage", NumberType::boolean},
};

// Functions whose first argument is the value.
constexpr const char *kWrappers[] = {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
                                     "torch.Size", "torch.device"};

// Functions that make data which often lie beside weights, tensors of other kinds among them. None of them runs
// anything in Python; here their results are objects without contents.
constexpr const char *kDataTypes[] = {"argparse.Namespace",
                                      "types.SimpleNamespace",
                                      "collections.Counter",
                                      "collections.deque",
                                      "datetime.date",
                                      "datetime.datetime",
                                      "datetime.time",
                                      "datetime.timedelta",
                                      "datetime.timezone",
                                      "decimal.Decimal",
                                      "fractions.Fraction",
                                      "uuid.UUID",
                                      "pathlib.Path",
                                      "pathlib.PosixPath",
                                      "pathlib.PurePosixPath",
                                      "pathlib.PureWindowsPath",
                                      "pathlib.WindowsPath",
                                      "pathlib._local.PosixPath",
                                      "pathlib._local.PurePosixPath",
                                      "pathlib._local.PureWindowsPath",
                                      "pathlib._local.WindowsPath",
                                      "numpy.dtype",
                                      "numpy.core.multiarray._reconstruct",
                                      "numpy.core.multiarray.scalar",
                                      "numpy._core.multiarray._reconstruct",
                                      "numpy._core.multiarray.scalar",
                                      "torch._utils._rebuild_qtensor",
                                      "torch._utils._rebuild_sparse_tensor",
                                      "torch._utils._rebuild_tensor_v3",
                                      "torch.serialization._get_layout",
                                      "_codecs.encode",
                                      "builtins.bytearray",
                                      "builtins.complex",
                                      "builtins.frozenset",
                                      "builtins.range",
                                      "builtins.set",
                                      "builtins.slice",
                                      "__builtin__.bytearray",
                                      "__builtin__.complex",
                                      "__builtin__.frozenset",
                                      "__builtin__.set",
                                      "__builtin__.slice",
                                      "__builtin__.xrange"};

template <typename List>
bool contains(const List &list, const std::string &name) {
    return std::any_of(std::begin(list), std::end(list), [&](const char *entry) { return name == entry; });
}

const StorageType *storage_type(const std::string &name) {
    const auto *found = std::find_if(std::begin(kStorageTypes), std::end(kStorageTypes),
                                     [&](const StorageType &row) { return name == row.name; });
    return found == std::end(kStorageTypes) ? nullptr : found;
}

PickledValue integer(int64_t number, Kind kind = Kind::integer) {
    PickledValue value;
    value.kind = kind;
    value.integer = number;
    return value;
}

const char *kind_text(Kind kind) {
    constexpr const char *kTexts[] = {"None",   "a truth value", "a number",   "a number",  "a text",   "a tuple",
                                      "a list", "a dictionary",  "a function", "a storage", "a tensor", "an object"};
    return kTexts[static_cast<size_t>(kind)];
}

Error damaged(const std::string &what) {
    return Error{"the pickle is damaged: " + what};
}

// Reads the whole numbers from 0 on of a shape or of strides.
Status take_sizes(const PickledValue &value, std::vector<uint64_t> &sizes) {
    if (value.kind != Kind::tuple)
        return damaged(std::string("a tensor's shape is ") + kind_text(value.kind));
    if (value.items->size() > kMaxRank)
        return Error{"a tensor has more than " + std::to_string(kMaxRank) + " dimensions"};
    for (const PickledValue &item : *value.items) {
        if (item.kind != Kind::integer || item.integer < 0)
            return damaged("a tensor's shape or stride is no list of sizes");
        sizes.push_back(static_cast<uint64_t>(item.integer));
    }
    return Status();
}

class Machine {
public:
    Machine(const uint8_t *bytes, size_t size) : bytes_(bytes), size_(size), pairs_left_(size) {}

    Result<Unpickled> run() {
        for (;;) {
            SLIMSCALE_ASSIGN_OR_RETURN(const uint64_t opcode, number(1));
            if (opcode == '.')
                break;
            SLIMSCALE_RETURN_IF_ERROR(step(static_cast<uint8_t>(opcode)));
        }
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledValue value, pop());
        return Unpickled{std::move(contents_), value, at_};
    }

private:
    Status step(uint8_t opcode) {
        switch (opcode) {
        case 0x80:  // PROTO
            return protocol();
        case 0x95:  // FRAME: its length says nothing that is needed
            return number(8).status();
        case '(':
            marks_.push_back(stack_.size());
            return Status();
        case 'N':
            return push(PickledValue());
        case 0x88:  // NEWTRUE
        case 0x89:  // NEWFALSE
            return push(integer(opcode == 0x88, Kind::boolean));
        case 'J':
        case 'K':
        case 'M':
        case 0x8a:  // LONG1
            return push_integer(opcode);
        case 'G':
            return push_real();
        case 'X':
        case 'T':
            return push_text(4);
        case 'B':  // BINBYTES, SHORT_BINBYTES
        case 'C':
            return push_bytes(opcode == 'B' ? 4 : 1);
        case 0x8f:  // EMPTY_SET
            return push_object();
        case 0x90:  // ADDITEMS
            SLIMSCALE_RETURN_IF_ERROR(pop_marked().status());
            return top(Kind::object).status();
        case 0x91:  // FROZENSET
            SLIMSCALE_RETURN_IF_ERROR(pop_marked().status());
            return push_object();
        case 0x81:  // NEWOBJ
            return make_object();
        case 'U':
        case 0x8c:  // SHORT_BINUNICODE
            return push_text(1);
        case 0x8d:  // BINUNICODE8
            return push_text(8);
        case '}':
            return push_pairs({});
        case ']':
            return push_items(Kind::list, {});
        case ')':
            return push_items(Kind::tuple, {});
        case 't':
            return make_tuple_of_marked();
        case 0x85:  // TUPLE1, 2, 3
        case 0x86:
        case 0x87:
            return make_tuple(static_cast<size_t>(opcode - 0x84));
        case 'q':
        case 'r':
            return put(opcode == 'q' ? 1 : 4);
        case 0x94:  // MEMOIZE
            return memoize(memo_.size());
        case 'h':
        case 'j':
            return get(opcode == 'h' ? 1 : 4);
        case 's':
            return set_items();
        case 'u':
            return set_marked_items();
        case 'a':
            return append();
        case 'e':
            return append_marked();
        case 'c':
            return push_name_of_lines();
        case 0x93:  // STACK_GLOBAL
            return push_name_of_stack();
        case 'R':
            return call();
        case 'Q':
            return push_storage();
        case 'b':
            return build();
        default:
            return Error{"the pickle has the instruction " + opcode_text(opcode) +
                         ", which plain weights do not need and which is not run"};
        }
    }

    // --- bytes ---

    Error ends() const {
        return size_ == kMaxPickleBytes ? Error{"the pickle has over 8 MiB: it holds more than weights"}
                                        : damaged("it ends too early");
    }

    Result<const uint8_t *> take(size_t count) {
        if (count > size_ - at_)
            return ends();
        at_ += count;
        return bytes_ + at_ - count;
    }

    Result<uint64_t> number(size_t count) {
        SLIMSCALE_ASSIGN_OR_RETURN(const uint8_t *from, take(count));
        uint64_t value = 0;
        std::memcpy(&value, from, count);  // little-endian
        return value;
    }

    Result<std::string> line() {
        const uint8_t *end = std::find(bytes_ + at_, bytes_ + size_, static_cast<uint8_t>('\n'));
        if (end == bytes_ + size_)
            return ends();
        std::string text(reinterpret_cast<const char *>(bytes_ + at_), static_cast<size_t>(end - bytes_) - at_);
        at_ += text.size() + 1;
        return text;
    }

    Status protocol() {
        constexpr uint64_t kNewest = 5;
        SLIMSCALE_ASSIGN_OR_RETURN(const uint64_t version, number(1));
        return version <= kNewest ? Status() : damaged("protocol " + std::to_string(version));
    }

    // --- stack ---

    Status push(const PickledValue &value) {
        stack_.push_back(value);
        return Status();
    }

    Status push_items(Kind kind, PickledItems items) {
        PickledValue value;
        value.kind = kind;
        value.items = &contents_->items.emplace_back(std::move(items));
        return push(value);
    }

    Status push_pairs(PickledPairs pairs) {
        PickledValue value;
        value.kind = Kind::dictionary;
        value.pairs = &contents_->pairs.emplace_back(std::move(pairs));
        return push(value);
    }

    Status push_text(std::string text, Kind kind) {
        PickledValue value;
        value.kind = kind;
        value.text = &contents_->texts.emplace_back(std::move(text));
        return push(value);
    }

    // An object of which nothing is known.
    Status push_object() {
        PickledValue value;
        value.kind = Kind::object;
        return push(value);
    }

    Status push_tensor(StoredTensor tensor, Kind kind) {
        PickledValue value;
        value.kind = kind;
        value.tensor = &contents_->tensors.emplace_back(std::move(tensor));
        return push(value);
    }

    size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

    Result<PickledValue> pop() {
        if (stack_.size() <= floor())
            return damaged("its stack is empty");
        const PickledValue value = stack_.back();
        stack_.pop_back();
        return value;
    }

    // Pops everything above the last mark, and the mark.
    Result<PickledItems> pop_marked() {
        if (marks_.empty())
            return damaged("a mark is missing");
        Result<PickledItems> items = pop_several(stack_.size() - marks_.back());
        marks_.pop_back();
        return items;
    }

    Result<PickledItems> pop_several(size_t count) {
        if (stack_.size() - floor() < count)
            return damaged("its stack is empty");
        const auto first = stack_.end() - static_cast<ptrdiff_t>(count);
        PickledItems items(first, stack_.end());
        stack_.erase(first, stack_.end());
        return items;
    }

    Result<PickledValue *> top(Kind kind) {
        if (stack_.size() <= floor())
            return damaged("its stack is empty");
        if (stack_.back().kind != kind)
            return damaged(std::string(kind_text(stack_.back().kind)) + " stands where " + kind_text(kind) +
                           " is needed");
        return &stack_.back();
    }

    // --- plain values ---

    Status push_integer(uint8_t opcode) {
        size_t count = opcode == 'K' ? 1 : opcode == 'M' ? 2 : 4;
        if (opcode == 0x8a) {  // LONG1: a length, then so many bytes, signed
            SLIMSCALE_ASSIGN_OR_RETURN(count, number(1));
            if (count > sizeof(int64_t))
                return Error{"the pickle has a whole number of " + std::to_string(count) + " bytes"};
        }
        SLIMSCALE_ASSIGN_OR_RETURN(uint64_t bits, number(count));
        const bool is_signed = opcode == 'J' || opcode == 0x8a;
        if (is_signed && count > 0 && count < sizeof bits && (bits >> (8 * count - 1) & 1) != 0)
            bits |= ~uint64_t{0} << 8 * count;
        return push(integer(static_cast<int64_t>(bits)));
    }

    Status push_real() {
        SLIMSCALE_RETURN_IF_ERROR(take(sizeof(double)));
        PickledValue value;
        value.kind = Kind::real;
        return push(value);
    }

    Status push_text(size_t length_bytes) {
        SLIMSCALE_ASSIGN_OR_RETURN(const uint64_t length, number(length_bytes));
        SLIMSCALE_ASSIGN_OR_RETURN(const uint8_t *from, take(length));
        return push_text(std::string(reinterpret_cast<const char *>(from), length), Kind::text);
    }

    // Bytes, of which nothing is kept.
    Status push_bytes(size_t length_bytes) {
        SLIMSCALE_ASSIGN_OR_RETURN(const uint64_t length, number(length_bytes));
        SLIMSCALE_RETURN_IF_ERROR(take(length).status());
        return push_object();
    }

    // --- memo ---

    Status put(size_t index_bytes) {
        SLIMSCALE_ASSIGN_OR_RETURN(const uint64_t index, number(index_bytes));
        return memoize(index);
    }

    Status memoize(uint64_t index) {
        if (stack_.size() <= floor())
            return damaged("its stack is empty");
        memo_[index] = stack_.back();
        return Status();
    }

    Status get(size_t index_bytes) {
        SLIMSCALE_ASSIGN_OR_RETURN(const uint64_t index, number(index_bytes));
        const auto found = memo_.find(index);
        if (found == memo_.end())
            return damaged("it reads a memo entry that it has not written");
        return push(found->second);
    }

    // --- containers ---

    Status make_tuple(size_t count) {
        SLIMSCALE_ASSIGN_OR_RETURN(PickledItems items, pop_several(count));
        return push_items(Kind::tuple, std::move(items));
    }

    Status make_tuple_of_marked() {
        SLIMSCALE_ASSIGN_OR_RETURN(PickledItems items, pop_marked());
        return push_items(Kind::tuple, std::move(items));
    }

    Status insert(const PickledItems &items) {
        SLIMSCALE_ASSIGN_OR_RETURN(PickledValue *holder, is_object_on_top() ? &stack_.back() : top(Kind::dictionary));
        if (items.size() % 2 != 0)
            return damaged("a key has no value");
        if (!holder->pairs)
            return Status();
        for (size_t i = 0; i < items.size(); i += 2)
            holder->pairs->emplace_back(items[i], items[i + 1]);
        return Status();
    }

    Status set_items() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledItems items, pop_several(2));  // key, value
        return insert(items);
    }

    Status set_marked_items() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledItems items, pop_marked());
        return insert(items);
    }

    bool is_object_on_top() const { return stack_.size() > floor() && stack_.back().kind == Kind::object; }

    Status extend(const PickledItems &items) {
        if (is_object_on_top())
            return Status();
        SLIMSCALE_ASSIGN_OR_RETURN(PickledValue *list, top(Kind::list));
        list->items->insert(list->items->end(), items.begin(), items.end());
        return Status();
    }

    Status append() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledItems items, pop_several(1));
        return extend(items);
    }

    Status append_marked() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledItems items, pop_marked());
        return extend(items);
    }

    // --- names and what they build ---

    Status push_name_of_lines() {
        SLIMSCALE_ASSIGN_OR_RETURN(const std::string module, line());
        SLIMSCALE_ASSIGN_OR_RETURN(const std::string name, line());
        return push_text(module + "." + name, Kind::name);
    }

    Status push_name_of_stack() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledItems parts, pop_several(2));
        if (parts[0].kind != Kind::text || parts[1].kind != Kind::text)
            return damaged("the name of a function is not a text");
        return push_text(*parts[0].text + "." + *parts[1].text, Kind::name);
    }

    // A storage is ("storage", its type, its key, its device, how many values it has[, a view of it]).
    Status push_storage() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledValue id, pop());
        if (id.kind == Kind::tuple && id.items->size() == 4 && id.items->front().kind == Kind::text &&
            *id.items->front().text == "module")
            return push((*id.items)[1]);  // a module's class, with the text of its source
        if (id.kind != Kind::tuple || id.items->size() < 5 || id.items->size() > 6)
            return damaged("a storage is not described by a tuple of five values");
        const PickledItems &parts = *id.items;
        if (parts[0].kind != Kind::text || *parts[0].text != "storage" || parts[1].kind != Kind::name ||
            parts[2].kind != Kind::text || parts[4].kind != Kind::integer || parts[4].integer < 0)
            return damaged("a storage is not described as torch.save does");
        const StorageType *type = storage_type(*parts[1].text);
        if (!type)  // complex or quantized numbers, or of 8 bits, which no network here has
            return push_object();
        if (parts.size() == 6 && parts[5].kind != Kind::none)
            return Error{"the file has a storage that is a part of another, from a very old PyTorch: load it there "
                         "and save it again"};
        StoredTensor storage;
        storage.storage = parts[2].text;
        storage.type = type->type;
        storage.storage_values = static_cast<uint64_t>(parts[4].integer);
        return push_tensor(std::move(storage), Kind::storage);
    }

    // A tensor is (storage, offset, shape, strides, ...); what follows does not change its values.
    Status push_tensor(const PickledItems &parts) {
        if (!parts.empty() && parts[0].kind == Kind::object)
            return push_object();
        if (parts.size() < 4 || parts[0].kind != Kind::storage || parts[1].kind != Kind::integer ||
            parts[1].integer < 0)
            return damaged("a tensor is not described as torch.save does");
        StoredTensor tensor = *parts[0].tensor;
        tensor.offset = static_cast<uint64_t>(parts[1].integer);
        SLIMSCALE_RETURN_IF_ERROR(take_sizes(parts[2], tensor.shape));
        SLIMSCALE_RETURN_IF_ERROR(take_sizes(parts[3], tensor.strides));
        if (tensor.shape.size() != tensor.strides.size())
            return damaged("a tensor has another number of strides than of dimensions");
        return push_tensor(std::move(tensor), Kind::tensor);
    }

    // A dictionary is made of no arguments, as torch.save writes it, or of a list of pairs, as Python 2 did.
    Status push_dictionary(const PickledItems &arguments) {
        PickledPairs pairs;
        for (const PickledValue &argument : arguments) {
            if (argument.kind != Kind::list)
                continue;
            for (const PickledValue &pair : *argument.items) {
                if ((pair.kind != Kind::list && pair.kind != Kind::tuple) || pair.items->size() != 2)
                    return damaged("a dictionary is made of no pairs");
                if (pairs_left_-- == 0)
                    return damaged("its dictionaries are copies of each other");
                pairs.emplace_back((*pair.items)[0], (*pair.items)[1]);
            }
        }
        return push_pairs(std::move(pairs));
    }

    Status call() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledValue arguments, pop());
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledValue function, pop());
        if (arguments.kind != Kind::tuple || function.kind != Kind::name)
            return damaged(std::string("it calls ") + kind_text(function.kind));
        const PickledItems &parts = *arguments.items;
        const std::string &name = *function.text;
        if (name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2")
            return push_tensor(parts);
        if (name == "collections.OrderedDict" || name == "collections.defaultdict")
            return push_dictionary(parts);
        if (contains(kWrappers, name) && !parts.empty())
            return push(parts[0]);
        if (name == "torch._tensor._rebuild_from_type_v2")
            return push_typed_tensor(parts);
        if (contains(kDataTypes, name))
            return push_object();
        return Error{"the pickle calls Python's " + base::in_quotes(name) +
                     ", and nothing is run: save the weights alone, torch.save(model.state_dict(), FILE)"};
    }

    // A tensor that has attributes, or is of another class, is (function, class, the function's arguments, attributes).
    Status push_typed_tensor(const PickledItems &parts) {
        const bool plain = parts.size() > 2 && parts[0].kind == Kind::name &&
                           *parts[0].text == "torch._utils._rebuild_tensor_v2" && parts[2].kind == Kind::tuple;
        return plain ? push_tensor(*parts[2].items) : push_object();
    }

    // NEWOBJ: arguments and a class become an object, whose attributes and items follow. A whole torch.nn.Module is
    // one, whose tensors are among its attributes.
    Status make_object() {
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledValue arguments, pop());
        SLIMSCALE_ASSIGN_OR_RETURN(const PickledValue type, pop());
        if (arguments.kind != Kind::tuple || type.kind != Kind::name)
            return damaged(std::string("it makes an object of ") + kind_text(type.kind));
        SLIMSCALE_RETURN_IF_ERROR(push_pairs({}));
        stack_.back().kind = Kind::object;
        return Status();
    }

    // Adds attributes to an object; ignores those of a dictionary, in which PyTorch keeps versions. The state of an
    // object with slots is a pair of dictionaries, of which the second holds these.
    Status build() {
        SLIMSCALE_ASSIGN_OR_RETURN(PickledValue state, pop());
        if (!is_object_on_top())
            return top(Kind::dictionary).status();
        if (state.kind == Kind::tuple && !state.items->empty())
            state = PickledValue(state.items->front());
        PickledPairs *attributes = stack_.back().pairs;
        if (!attributes || state.kind != Kind::dictionary)
            return Status();
        if (state.pairs->size() > pairs_left_)
            return damaged("its dictionaries are copies of each other");
        pairs_left_ -= state.pairs->size();
        attributes->insert(attributes->end(), state.pairs->begin(), state.pairs->end());
        return Status();
    }

    const uint8_t *bytes_;
    size_t size_;
    size_t at_ = 0;
    size_t pairs_left_;  // pairs that may still be copied, since a list or state could go into any number of copies
    std::unique_ptr<PickledContents> contents_ = std::make_unique<PickledContents>();
    PickledItems stack_;
    std::vector<size_t> marks_;  // heights of the stack
    std::unordered_map<uint64_t, PickledValue> memo_;
};

}  // namespace

Result<Unpickled> unpickle(const uint8_t *bytes, size_t size) {
    return Machine(bytes, std::min(size, kMaxPickleBytes)).run();
}

}  // namespace slimscale::weights
