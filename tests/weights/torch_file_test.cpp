// Files of torch.save: those of PyTorch (make_torch_files.py), and hostile ones built by hand.
#include "weights/torch_file.h"

#include <cstring>
#include <random>
#include <set>

#include "base/files.h"
#include "catch.h"
#include "support.h"
#include "tests/scratch.h"
#include "weights/unpickler.h"

using namespace slimscale;
using namespace slimscale::weights;

namespace {

const std::string kData = SLIMSCALE_TEST_DATA;

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

std::string unpickling_error(const std::string &pickle) {
    const auto *bytes = reinterpret_cast<const uint8_t *>(pickle.data());
    return unpickle(bytes, pickle.size()).error();
}

std::string little_endian(uint64_t value, size_t bytes) {
    return std::string(reinterpret_cast<const char *>(&value), bytes);
}

// --- the pieces of pickles: protocol 2 ---

const std::string kStart("\x80\x02", 2);

std::string text(const std::string &content) {
    return "X" + little_endian(content.size(), 4) + content;
}
std::string number(uint32_t value) {
    return "J" + little_endian(value, 4);
}
std::string global(const std::string &module, const std::string &name) {
    return "c" + module + "\n" + name + "\n";
}
std::string tuple(const std::vector<std::string> &items) {
    std::string pickle = "(";
    for (const std::string &item : items)
        pickle += item;
    return pickle + "t";
}
std::string sizes(const std::vector<uint32_t> &values) {
    std::vector<std::string> items;
    items.reserve(values.size());
    for (const uint32_t value : values)
        items.push_back(number(value));
    return tuple(items);
}
std::string storage(const std::string &key, uint32_t count, const std::string &type = "FloatStorage") {
    return tuple({text("storage"), global("torch", type), text(key), text("cpu"), number(count)}) + "Q";
}
std::string tensor(const std::string &stored, uint32_t offset, const std::vector<uint32_t> &shape,
                   const std::vector<uint32_t> &strides) {
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple({stored, number(offset), sizes(shape), sizes(strides), "\x89", "N"}) + "R";
}
std::string dictionary(const std::vector<std::pair<std::string, std::string>> &items) {
    std::string pickle = "}(";
    for (const auto &[key, value] : items)
        pickle += text(key) + value;
    return pickle + "u";
}

// --- zip archives, entries stored ---

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string zip_of(const Entries &entries, uint16_t method = 0) {
    std::string file, directory;
    for (const auto &[name, content] : entries) {
        const std::string sizes = little_endian(content.size(), 4) + little_endian(content.size(), 4);
        const uint64_t local = file.size();
        file += "PK\x03\x04" + std::string("\x14\0\0\0", 4) + little_endian(method, 2) + little_endian(0, 8) + sizes +
                little_endian(name.size(), 2) + little_endian(0, 2) + name + content;
        directory += "PK\x01\x02" + std::string("\x14\0\x14\0\0\0", 6) + little_endian(method, 2) +
                     little_endian(0, 8) + sizes + little_endian(name.size(), 2) + little_endian(0, 6) +
                     little_endian(0, 6) + little_endian(local, 4) + name;
    }
    const uint64_t offset = file.size();
    return file + directory + "PK\x05\x06" + little_endian(0, 4) + little_endian(entries.size(), 2) +
           little_endian(entries.size(), 2) + little_endian(directory.size(), 4) + little_endian(offset, 4) +
           little_endian(0, 2);
}

Result<Safetensors> parse(const std::string &file) {
    const auto *bytes = reinterpret_cast<const uint8_t *>(file.data());
    REQUIRE(is_torch_file(bytes, file.size()));
    return parse_torch_file(bytes, file.size());
}

// An archive whose data.pkl gives `value` and which has a storage "0" of four floats.
std::string archive(const std::string &value) {
    const float floats[] = {1, 2, 3, 4};
    return zip_of({{"archive/data.pkl", kStart + value + "."},
                   {"archive/data/0", std::string(reinterpret_cast<const char *>(floats), sizeof floats)}});
}

std::string archive_error(const std::string &value) {
    return parse(archive(value)).error();
}

// The values of make_torch_files.py's ramp.
std::vector<float> ramp(size_t count, float factor = 1, float first = 0) {
    std::vector<float> values;
    values.reserve(count);
    for (size_t i = 0; i < count; i++)
        values.push_back((static_cast<float>(i) + first - 5) / 2 * factor);
    return values;
}

}  // namespace

TEST_CASE("what torch.save wrote is read, in each of its forms") {
    for (const char *name : {"zip.pth", "protocol_5.pth", "legacy.pth"}) {
        INFO(name);
        const Result<Safetensors> file = load_checkpoint(kData + name);
        REQUIRE(file.error() == "");
        for (const auto &[prefix, factor] : std::map<std::string, float>{{"params.", 1.f}, {"params_ema.", 2.f}}) {
            const auto at = [&, &start = prefix](const std::string &tensor) {
                return file->tensors.at(start + tensor);
            };
            CHECK(at("half.weight").shape == std::vector<uint64_t>{2, 3, 1, 2});
            CHECK(at("half.weight").data == ramp(12, factor));
            CHECK(at("half.weight").rounding == 0x1p-11);
            CHECK(at("brain.weight").data == ramp(4, factor));
            CHECK(at("brain.weight").rounding == 0x1p-8);
            CHECK(at("double.weight").data == ramp(3, factor));
            CHECK(at("last.weight").shape == std::vector<uint64_t>{2, 3, 2, 2});
            CHECK(at("last.weight").data == ramp(24, factor));
            CHECK(at("view.weight").data == ramp(6, factor, 4));
            CHECK(at("turned.weight").shape == std::vector<uint64_t>{4, 3});
            CHECK(at("turned.weight").data[1] == ramp(12, factor)[4]);
            CHECK(at("step").shape.empty());
            CHECK(at("step").data == std::vector<float>{7});
            CHECK(at("empty").shape == std::vector<uint64_t>{0, 3});
        }
        CHECK(file->tensors.at("list.0").data == ramp(5));
        CHECK(file->tensors.at("list.1.deep.0").data == std::vector<float>{-2, -2});
        CHECK(file->tensors.at("state.weight").data == ramp(1));
        CHECK(file->tensors.size() == 2 * 8 + 4);
    }
}

TEST_CASE("a checkpoint is known by its content") {
    Scratch scratch;
    Safetensors file;
    file.tensors["a"] = {{1}, {3}};
    REQUIRE(save_safetensors(scratch / "a.pth", file).error() == "");
    CHECK(load_checkpoint(scratch / "a.pth")->tensors.at("a").data == std::vector<float>{3});
    REQUIRE(
        base::write_file(scratch / "b.safetensors", archive(dictionary({{"b", tensor(storage("0", 4), 1, {2}, {1})}})))
            .error() == "");
    CHECK(load_checkpoint(scratch / "b.safetensors")->tensors.at("b").data == std::vector<float>{2, 3});
    CHECK(contains(load_checkpoint(scratch / "none").error(), scratch / "none"));
}

TEST_CASE("every instruction that plain weights do not need is refused by its name") {
    const std::set<int> allowed = {'(',  ')',  '.',  'B',  'C',  'G',  'J',  'K',  'M',  'N',  'Q',
                                   'R',  'T',  'U',  'X',  ']',  'a',  'b',  'c',  'e',  'h',  'j',
                                   'q',  'r',  's',  't',  'u',  '}',  0x80, 0x81, 0x85, 0x86, 0x87,
                                   0x88, 0x89, 0x8a, 0x8c, 0x8d, 0x8f, 0x90, 0x91, 0x93, 0x94, 0x95};
    for (int opcode = 0; opcode < 256; opcode++) {
        // Everything that the instruction could need is there: bytes, a mark and values on the stack.
        const std::string error =
            unpickling_error(kStart + "(NN" + static_cast<char>(opcode) + std::string(16, 'N') + ".");
        INFO(opcode << ": " << error);
        CHECK(contains(error, "instruction") == (allowed.count(opcode) == 0));
    }
    const std::vector<std::pair<char, std::string>> named = {
        {'i', "INST"},          {'o', "OBJ"},    {'\x92', "NEWOBJ_EX"}, {'\x82', "EXT1"}, {'\x83', "EXT2"},
        {'\x84', "EXT4"},       {'P', "PERSID"}, {'V', "UNICODE"},      {'I', "INT"},     {'\x97', "NEXT_BUFFER"},
        {'\x96', "BYTEARRAY8"}, {'0', "POP"},    {'\xff', "0xff"}};
    for (const auto &[opcode, name] : named)
        CHECK(contains(unpickling_error(kStart + opcode), "instruction " + name + ","));
}

TEST_CASE("no function is called but those of tensors and plain data") {
    const std::vector<std::pair<std::string, std::string>> functions = {
        {"os", "system"},           {"posix", "system"},
        {"builtins", "eval"},       {"builtins", "exec"},
        {"__builtin__", "getattr"}, {"subprocess", "Popen"},
        {"runpy", "_run_code"},     {"torch", "load"},
        {"torch.hub", "load"},      {"torch.storage", "_load_from_bytes"},
        {"numpy", "load"},          {"torch", "QInt8Storage"},
        {"functools", "partial"},   {"models.edsr", "EDSR"}};
    for (const auto &[module, name] : functions) {
        const std::string wanted = "\"" + module + "." + name + "\"";
        CHECK(contains(archive_error(global(module, name) + tuple({text("id")}) + "R"), "calls Python's " + wanted));
        CHECK(contains(archive_error(text(module) + text(name) + "\x93)R"), "calls Python's " + wanted));
    }
    CHECK(contains(archive_error(global("torch", "float32") + ")R"), "calls Python's \"torch.float32\""));
    CHECK(contains(archive_error(global("torch", "FloatStorage") + ")R"), "calls Python's \"torch.FloatStorage\""));
    CHECK(contains(archive_error(text("os.system") + ")R"), "it calls a text"));
    CHECK(contains(archive_error(global("torch", "Size") + "N" + "R"), "it calls"));
    CHECK(contains(archive_error("]" + dictionary({{"__setstate__", "N"}}) + "b"), "a list stands where"));
}

TEST_CASE("values of data types beside the weights are stepped over") {
    // As pickle writes them in protocols 2 and 4: dates, options, NumPy's numbers, paths, sets, bytes.
    const std::string bytes = global("_codecs", "encode") + tuple({text("\x07\xe6"), text("latin1")}) + "R";
    const std::string type = global("numpy", "dtype") + tuple({text("f8"), "\x89", "\x88"}) + "R" +
                             tuple({number(3), text("<"), "N", "N", "N"}) + "b";
    for (const std::string &value :
         {global("datetime", "datetime") + tuple({bytes}) + "R",
          global("argparse", "Namespace") + ")\x81" + dictionary({{"lr", number(1)}}) + "b",
          global("argparse", "Namespace") + ")R" + dictionary({{"lr", number(1)}}) + "b",
          global("numpy.core.multiarray", "scalar") + tuple({type, bytes}) + "R",
          global("numpy._core.multiarray", "scalar") + tuple({type, "C\x02hi"}) + "R",
          global("pathlib", "PosixPath") + tuple({text("/"), text("x")}) + "R",
          global("__builtin__", "set") + tuple({"](" + number(1) + "e"}) + "R",
          std::string("\x8f(") + number(1) + number(2) + "\x90", "(" + number(1) + "\x91",
          std::string("B") + little_endian(3, 4) + "abc", global("__builtin__", "complex") + tuple({number(1)}) + "R",
          global("collections", "Counter") + tuple({dictionary({{"a", number(1)}})}) + "R",
          global("collections", "deque") + ")R(" + number(1) + "e", global("datetime", "datetime")}) {
        const auto file = parse(archive(dictionary({{"beside", value}, {"a", tensor(storage("0", 4), 0, {4}, {1})}})));
        REQUIRE(file.error() == "");
        CHECK(file->tensors.size() == 1);
        CHECK(file->tensors.at("a").data == std::vector<float>{1, 2, 3, 4});
    }
    // A tensor in what a function made is as good as none.
    const std::string hidden = dictionary({{"a", tensor(storage("0", 4), 0, {4}, {1})}});
    CHECK(parse(archive(global("argparse", "Namespace") + ")R" + hidden + "b"))->tensors.empty());
    for (const std::string &value :
         {text("x") + ")\x81", global("argparse", "Namespace") + "N\x81", global("torch", "Size") + "N\x81",
          std::string("}(N\x90"), std::string("\x90"), std::string("\x91")})
        CHECK(archive_error(value) != "");
}

TEST_CASE("tensors are found in objects of any class, whole modules among them") {
    const std::string weight = tensor(storage("0", 4), 0, {4}, {1});
    const auto object = [](const std::string &state) { return global("models.edsr", "EDSR") + ")\x81" + state + "b"; };
    const auto names = [](const std::string &value) {
        const auto file = parse(archive(value));
        REQUIRE(file.error() == "");
        std::vector<std::string> found;
        for (const auto &[name, one] : file->tensors)
            found.push_back(name);
        return found;
    };
    using Names = std::vector<std::string>;
    const std::string parameter = global("torch._utils", "_rebuild_parameter") + tuple({weight, "\x89", "N"}) + "R";
    const std::string layer = object(dictionary({{"_parameters", dictionary({{"weight", parameter}, {"bias", "N"}})}}));
    const std::string module = object(dictionary({{"training", "\x89"}, {"_modules", dictionary({{"head", layer}})}}));
    CHECK(names(module) == Names{"_modules.head._parameters.weight"});
    CHECK(names(dictionary({{"net", module}, {"epoch", number(3)}})) == Names{"net._modules.head._parameters.weight"});
    // A class that is a dictionary, attributes beside slots, a list's items.
    CHECK(names(global("easydict", "EasyDict") + ")\x81(" + text("a") + weight + "u") == Names{"a"});
    CHECK(names(object(tuple({dictionary({{"a", weight}}), dictionary({})}))) == Names{"a"});
    CHECK(names(global("my", "List") + ")\x81(" + weight + "e").empty());
    // A class with the text of its source, as PyTorch before 1.6 wrote it.
    const std::string with_source =
        tuple({text("module"), global("models.edsr", "EDSR"), text("edsr.py"), text("...")}) + "Q";
    CHECK(names(with_source + ")\x81" + dictionary({{"a", weight}}) + "b") == Names{"a"});
    // Classes and functions that are only named, as in options.
    CHECK(names(dictionary({{"act", global("torch.nn.functional", "relu")}, {"a", weight}})) == Names{"a"});
    // An object that holds itself, and two that hold each other.
    CHECK(names(global("a", "B") + ")\x81q\x01" + dictionary({{"me", "h\x01"}, {"a", weight}}) + "b") == Names{"a"});
    // A chain of objects as long as a recursion must not be.
    std::string chain;
    for (int i = 0; i < 100'000; i++)
        chain += global("a", "B") + ")\x81}(" + text("n");
    chain += "N";
    for (int i = 0; i < 100'000; i++)
        chain += "ub";
    CHECK(names(chain).empty());
    // A state that is given again and again is not copied for ever.
    std::string wide = "}(";
    for (int i = 0; i < 1000; i++)
        wide += text(std::to_string(i)) + "N";
    std::string copies = wide + "uq\x01" + global("a", "B") + ")\x81";
    for (int i = 0; i < 1000; i++)
        copies += "h\x01"
                  "b";
    CHECK(contains(archive_error(copies), "copies of each other"));
}

TEST_CASE("tensors of numbers that no network here has are left out") {
    const std::string weight = tensor(storage("0", 4), 0, {4}, {1});
    for (const std::string &other :
         {tensor(storage("0", 2, "ComplexFloatStorage"), 0, {2}, {1}),
          tensor(storage("0", 16, "QInt8Storage"), 0, {2}, {1}),
          global("torch._utils", "_rebuild_tensor_v3") +
              tuple({tuple({text("storage"), global("torch.storage", "UntypedStorage"), text("0"), text("cpu"),
                            number(16)}) +
                         "Q",
                     number(0), sizes({3}), sizes({1}), "\x89", "N", global("torch", "float8_e4m3fn")}) +
              "R",
          global("numpy.core.multiarray", "_reconstruct") + tuple({global("numpy", "ndarray"), sizes({0}), "C\001b"}) +
              "R" + tuple({number(1), sizes({4}), "N", "\x89", "C\004abcd"}) + "b"}) {
        const auto file = parse(archive(dictionary({{"other", other}, {"a", weight}})));
        REQUIRE(file.error() == "");
        CHECK(file->tensors.size() == 1);
        CHECK(file->tensors.count("a") == 1);
    }
    // Attributes of a tensor are ignored, and so is its class.
    const std::string plain = "\x89", none = "N";
    const std::string arguments = tuple({storage("0", 4), number(0), sizes({4}), sizes({1}), plain, none});
    const auto file = parse(archive(dictionary(
        {{"a", global("torch._tensor", "_rebuild_from_type_v2") +
                   tuple({global("torch._utils", "_rebuild_tensor_v2"), global("torch", "Tensor"), arguments, "}"}) +
                   "R"},
         {"b", global("torch._utils", "_rebuild_parameter_with_state") + tuple({weight, plain, none, "}"}) + "R"}})));
    REQUIRE(file.error() == "");
    CHECK(file->tensors.at("a").data == std::vector<float>{1, 2, 3, 4});
    CHECK(file->tensors.at("b").data == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("damaged and hostile pickles end in a sentence") {
    const auto error_of = [](const std::string &value) { return archive_error(value); };
    const std::string stored = storage("0", 4);
    CHECK(error_of(dictionary({{"a", tensor(stored, 0, {2, 2}, {2, 1})}})) == "");
    CHECK(error_of(dictionary({{"a", tensor(stored, 3, {1}, {100})}})) == "");
    for (const std::string &value :
         {tensor(stored, 4, {1}, {1}), tensor(stored, 0, {5}, {1}), tensor(stored, 0, {2}, {4}),
          tensor(stored, 1, {2, 2}, {2, 1}), tensor(storage("0", 1 << 30), 0, {1 << 30}, {1}),
          tensor(storage("0", 2), 0, {4}, {1}), tensor(stored, 0, {1u << 30, 1u << 30, 1u << 30}, {0, 0, 0})})
        CHECK(contains(error_of(dictionary({{"a", value}})), "lies outside of its storage"));
    CHECK(contains(error_of(dictionary({{"a", tensor(storage("1", 4), 0, {1}, {1})}})), "\"a\" has no values"));
    CHECK(contains(error_of(dictionary({{"a", tensor(stored, 0, {1u << 20, 1u << 10}, {0, 0})}})), "repeat values"));
    CHECK(contains(error_of(dictionary({{"a", tensor(stored, 0, {1}, {})}})), "another number of strides"));
    CHECK(contains(
        error_of(dictionary({{"a", tensor(stored, 0, std::vector<uint32_t>(9, 1), std::vector<uint32_t>(9, 1))}})),
        "more than 8 dimensions"));
    CHECK(contains(error_of(dictionary({{"a", tensor(stored, 0xffffffff, {1}, {1})}})), "is not described"));
    CHECK(contains(error_of(dictionary({{"a", tensor(stored, 0, {0xffffffff}, {1})}})), "no list of sizes"));
    CHECK(contains(error_of(dictionary({{"a", tensor("N", 0, {1}, {1})}})), "is not described"));
    CHECK(contains(error_of(dictionary({{"a", tensor(stored, 0, {1}, {1})}, {"a", tensor(stored, 0, {1}, {1})}})),
                   "\"a\" twice"));
    CHECK(contains(error_of("]q\x01h\x01"
                            "a"),
                   "hold too many others, or themselves"));
    CHECK(contains(error_of(text("a") + "Q"), "not described by a tuple of five"));
    CHECK(contains(
        error_of(tuple({text("storage"), text("torch.FloatStorage"), text("0"), text("cpu"), number(4)}) + "Q"),
        "not described as torch.save does"));

    // Each list has the one before it twice, which makes 2^60 paths.
    std::string laughs = "]q";
    laughs += '\0';
    for (char i = 1; i < 61; i++)
        laughs += std::string("](h") + static_cast<char>(i - 1) + "h" + static_cast<char>(i - 1) + "eq" + i;
    CHECK(contains(error_of(laughs), "hold too many others"));
    // A million nested lists, which must not be walked by recursion.
    std::string nested;
    for (int i = 0; i < 1'000'000; i++)
        nested += "]";
    nested += std::string(999'999, 'a');
    CHECK(contains(error_of(nested), "hold too many others"));
    // One long text, pushed again and again, must not be copied.
    std::string texts = text(std::string(1 << 20, 'x')) + "q\x05(";
    for (int i = 0; i < 100'000; i++)
        texts += "h\x05";
    CHECK(error_of(texts + "t") == "");

    for (const std::string &cut :
         {std::string(), kStart, kStart + "X\xff\xff\xff\x7f", kStart + "cos\nsystem", kStart + "h\x01.", kStart + "t.",
          kStart + "u.", kStart + "a.", kStart + "s.", kStart + ".", kStart + "(.", kStart + "\x87.", kStart + "R.",
          kStart + "Q.", kStart + "}(Nu.", kStart + "b.", kStart + "q\x01.", std::string("\x80\x09N.")}) {
        INFO(unpickling_error(cut));
        CHECK(contains(unpickling_error(cut), "damaged"));
    }
    CHECK(contains(unpickling_error(kStart + "\x8a\x09" + std::string(9, '\1') + "."), "whole number of 9 bytes"));
    CHECK(contains(unpickling_error(kStart + std::string(kMaxPickleBytes, 'N')), "over 8 MiB"));
}

TEST_CASE("whole numbers of every size") {
    const auto value_of = [](const std::string &pickle) {
        const std::string whole = kStart + pickle + ".";
        const auto unpickled = unpickle(reinterpret_cast<const uint8_t *>(whole.data()), whole.size());
        REQUIRE(unpickled.error() == "");
        return unpickled->value.integer;
    };
    CHECK(value_of("K\xff") == 255);
    CHECK(value_of("M\xff\xff") == 65535);
    CHECK(value_of("J\xff\xff\xff\xff") == -1);
    CHECK(value_of(std::string("\x8a\0", 2)) == 0);
    CHECK(value_of("\x8a\x01\xff") == -1);
    CHECK(value_of(std::string("\x8a\x06\0\0\0\0\0\1", 8)) == int64_t{1} << 40);
    CHECK(value_of("\x8a\x08" + std::string(7, '\xff') + "\x7f") == INT64_MAX);
}

TEST_CASE("archives that are no torch.save's are refused") {
    CHECK(contains(parse(zip_of({{"a.txt", "hello"}})).error(), "no plain entry \"data.pkl\""));
    CHECK(contains(parse(zip_of({{"archive/data.pkl", "abc"}}, 8)).error(), "no plain entry \"data.pkl\""));
    CHECK(contains(parse(zip_of({{"archive/data.pkl", kStart + "N."}, {"archive/byteorder", "big"}})).error(),
                   "big-endian"));
    CHECK(parse(zip_of({{"archive/data.pkl", kStart + "N."}, {"archive/byteorder", "little"}})).error() == "");
    const std::string whole = archive(dictionary({{"a", tensor(storage("0", 4), 0, {4}, {1})}}));
    REQUIRE(parse(whole).error() == "");
    for (size_t size = 30; size < whole.size(); size++)
        CHECK(parse(whole.substr(0, size)).error() != "");
}

TEST_CASE("what is no torch.save's file is refused, however short") {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{8}, size_t{29}, size_t{100}}) {
        const std::vector<uint8_t> bytes(size, 'P');
        CHECK(contains(parse_torch_file(bytes.data(), bytes.size()).error(), "no file of torch.save"));
    }
}

TEST_CASE("mutated files end in a sentence or in tensors of their shapes") {
    constexpr int kMutations = 3000;
    std::mt19937 random(7);
    for (const char *name : {"zip.pth", "protocol_5.pth", "legacy.pth"}) {
        const auto whole = base::read_file(kData + name);
        REQUIRE(whole.error() == "");
        for (int i = 0; i < kMutations; i++) {
            Bytes bytes = *whole;
            for (int change = static_cast<int>(random() % 4); change >= 0; change--)
                bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
            if (i % 8 == 0)
                bytes.resize(random() % bytes.size());
            if (!is_torch_file(bytes.data(), bytes.size()))
                continue;
            const Result<Safetensors> file = parse_torch_file(bytes.data(), bytes.size());
            if (!file)
                continue;
            for (const auto &[tensor_name, tensor] : file->tensors) {
                uint64_t count = 1;
                for (const uint64_t dimension : tensor.shape)
                    count *= dimension;
                REQUIRE(tensor.data.size() == count);
            }
        }
    }
}
