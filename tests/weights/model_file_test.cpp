#include "weights/model_file.h"

#include <filesystem>
#include <limits>

#include "catch.h"
#include "support.h"
#include "tests/scratch.h"
#include "weights/metadata.h"

using namespace slimscale;
using namespace slimscale::weights;

using networks::Family;

namespace {

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

Result<ModelFile> reread(const ModelFile &model) {
    const Result<std::vector<uint8_t>> bytes = serialize_model(model);
    REQUIRE(bytes.error() == "");
    return parse_model(bytes->data(), bytes->size());
}

// A trained file's bytes after `change` to its safetensors.
template <typename Change>
std::string error_after(Change &&change) {
    const Result<std::vector<uint8_t>> bytes = serialize_model(make_model(small_network(Family::edsr)));
    Result<Safetensors> file = parse_safetensors(bytes->data(), bytes->size());
    change(*file);
    const std::vector<uint8_t> changed = serialize_safetensors(*file);
    return parse_model(changed.data(), changed.size()).error();
}

}  // namespace

TEST_CASE("A trained file keeps every field of its network") {
    networks::Network network = small_network(Family::carn, 3);
    network.name = "own_2";
    network.colors = 1;
    network.slicing = networks::Slicing::leading;
    network.linear_residuals = true;
    network.range = 254.7;
    network.mean = {0.1, 1.0 / 3, 0.99};
    ModelFile model = make_model(network);
    model.trained_widths = {16, 32};
    model.license = "MIT";
    model.source = "https://example.org";
    model.notes = "two\nlines";

    const Result<ModelFile> read = reread(model);
    REQUIRE(read.error() == "");
    Metadata before, after;
    write_network(model.network, &before);
    write_network(read->network, &after);
    CHECK(before == after);
    CHECK(read->network.linear_residuals);
    CHECK(read->network.mean == network.mean);
    CHECK(read->network.range == network.range);
    CHECK(read->trained_widths == model.trained_widths);
    CHECK(read->license == model.license);
    CHECK(read->source == model.source);
    CHECK(read->notes == model.notes);
    REQUIRE(read->tensors.size() == model.tensors.size());
    for (const auto &[name, tensor] : model.tensors)
        CHECK(read->tensors.at(name).data == tensor.data);
}

TEST_CASE("A trained file tells other programs what it is, by ModelSpec's keys") {
    ModelFile model = make_model(small_network(Family::rcan, 3));
    const auto metadata_of = [](const ModelFile &written) {
        const Result<std::vector<uint8_t>> bytes = serialize_model(written);
        REQUIRE(bytes.error() == "");
        return parse_safetensors(bytes->data(), bytes->size())->metadata;
    };
    Metadata metadata = metadata_of(model);
    CHECK(metadata.at("modelspec.sai_model_spec") == "1.0.1");
    CHECK(metadata.at("modelspec.architecture") == "rcan");
    CHECK(metadata.at("modelspec.implementation") == "slimscale");
    CHECK(metadata.at("modelspec.title") == "small x3");
    CHECK(metadata.at("modelspec.usage_hint") == "3x super-resolution of RGB images, at 16 channels");
    CHECK(metadata.count("modelspec.license") == 0);
    model.license = "MIT";
    model.notes = "made in a test";
    metadata = metadata_of(model);
    CHECK(metadata.at("modelspec.license") == "MIT");
    CHECK(metadata.at("modelspec.description") == "made in a test");
}

TEST_CASE("All families and scales are written and read") {
    for (const Family family : {Family::edsr, Family::rcan, Family::carn})
        for (const int scale : {2, 3, 4}) {
            const Result<ModelFile> read = reread(make_model(small_network(family, scale)));
            REQUIRE(read.error() == "");
            CHECK(read->network.family == family);
            CHECK(read->network.scale == scale);
        }
}

TEST_CASE("Saved to a file and loaded") {
    const Scratch folder;
    const ModelFile model = make_model(small_network(Family::edsr));
    REQUIRE(save_model(folder / "m.safetensors", model).error() == "");
    CHECK(load_model(folder / "m.safetensors").error() == "");
    CHECK(contains(load_model(folder / "none").error(), "none"));
    REQUIRE(save_safetensors(folder / "bare.safetensors", {}).error() == "");
    const std::string error = load_model(folder / "bare.safetensors").error();
    CHECK(contains(error, "bare.safetensors: "));
    CHECK(contains(error, "slimscale_import"));
}

TEST_CASE("A faulty model is neither written nor read") {
    struct Case {
        const char *fault;
        void (*change)(ModelFile &);
    };
    const std::vector<Case> cases = {
        {"tensor \"head.weight\" of shape (16, 3, 3, 3) is missing",
         [](ModelFile &m) { m.tensors.erase("head.weight"); }},
        {"tensor \"tail.bias\" of shape (3) is missing", [](ModelFile &m) { m.tensors.erase("tail.bias"); }},
        {"tensor \"extra\" does not belong", [](ModelFile &m) { m.tensors["extra"] = {{1}, {1}}; }},
        {"\"head.bias\" has shape (4, 4); the network needs (16)",
         [](ModelFile &m) { m.tensors["head.bias"].shape = {4, 4}; }},
        {"\"head.bias\" holds 15 values, not 16", [](ModelFile &m) { m.tensors["head.bias"].data.pop_back(); }},
        {"\"head.bias\" holds a value that is infinite",
         [](ModelFile &m) { m.tensors["head.bias"].data[3] = std::numeric_limits<float>::infinity(); }},
        {"\"head.bias\" holds a value that is infinite",
         [](ModelFile &m) { m.tensors["head.bias"].data[3] = std::numeric_limits<float>::quiet_NaN(); }},
        {"lists no trained width", [](ModelFile &m) { m.trained_widths.clear(); }},
        {"ascending", [](ModelFile &m) { m.trained_widths = {16, 8}; }},
        {"ascending", [](ModelFile &m) { m.trained_widths = {16, 16}; }},
        {"trained widths: ", [](ModelFile &m) { m.trained_widths = {12}; }},
        {"scale must be", [](ModelFile &m) { m.network.scale = 5; }},
        {"name must be", [](ModelFile &m) { m.network.name = "No"; }},
    };
    for (const Case &c : cases) {
        ModelFile model = make_model(small_network(Family::edsr));
        c.change(model);
        INFO(c.fault << "\n-> " << check_model(model).error());
        CHECK(contains(check_model(model).error(), c.fault));
        CHECK(contains(serialize_model(model).error(), c.fault));
        const Scratch folder;
        CHECK(contains(save_model(folder / "m", model).error(), c.fault));
        CHECK(entries(folder.folder()) == 0);
    }
}

TEST_CASE("Faulty metadata are refused with the key") {
    struct Case {
        const char *key, *value, *fault;
    };
    const std::vector<Case> cases = {
        {"format", "other", "slimscale_import"},
        {"format_version", "2", "format version \"2\""},
        {"network.scale", "2.5", "\"network.scale\" cannot be \"2.5\""},
        {"network.scale", "", "\"network.scale\" cannot be"},
        {"network.scale", "99999999999", "\"network.scale\" cannot be"},
        {"network.blocks", "-1", "blocks must be"},
        {"network.channels", "2000000000", "channels must be"},
        {"network.family", "srcnn", "\"network.family\" cannot be"},
        {"network.recursive", "1", "\"network.recursive\" cannot be"},
        {"network.linear_residuals", "", "\"network.linear_residuals\" cannot be"},
        {"network.slicing", "none", "\"network.slicing\" cannot be"},
        {"network.res_scale", "nan", "res_scale must be"},
        {"network.range", "0x1p3", "\"network.range\" cannot be"},
        {"network.mean", "0.1 0.2", "\"network.mean\" cannot be"},
        {"network.mean", "0.1 0.2 x", "\"network.mean\" cannot be"},
        {"network.dilation", "2", "\"network.dilation\", which this version does not know"},
        {"trained_widths", "", "lists no trained width"},
        {"trained_widths", "16 x", "trained_widths: \"x\" is no width"},
    };
    for (const Case &c : cases) {
        const std::string error = error_after([&](Safetensors &file) { file.metadata[c.key] = c.value; });
        INFO(c.key << " = " << c.value << "\n-> " << error);
        CHECK(contains(error, c.fault));
    }
    for (const char *key : {"network.name", "network.family", "network.mean"})
        CHECK(
            contains(error_after([&](Safetensors &file) { file.metadata.erase(key); }), std::string("lack \"") + key));
    CHECK(error_after([](Safetensors &file) { file.metadata.erase("notes"); }) == "");
    CHECK(error_after([](Safetensors &file) { file.metadata.erase("network.linear_residuals"); }) == "");
    CHECK(error_after([](Safetensors &file) { file.metadata["trainer"] = "ours"; }) == "");
}

TEST_CASE("A calibrated file keeps its ranges, of some widths or all, beside the weights") {
    for (const Family family : {Family::edsr, Family::rcan, Family::carn}) {
        ModelFile model = make_model(small_network(family));
        const int full = model.network.channels;
        CHECK(reread(model)->q16.empty());  // uncalibrated
        model.q16[full] = make_ranges(model.network, full);
        model.q16[full].test_images = 3;
        model.q16[full].saturation = 1.25e-7;
        const Result<ModelFile> partly = reread(model);
        REQUIRE(partly.error() == "");
        CHECK(partly->tensors.size() == model.tensors.size());
        REQUIRE(partly->q16.size() == 1);
        const Q16Width &read = partly->q16.at(full);
        CHECK(read.ranges == model.q16[full].ranges);
        CHECK(read.ranges.size() > 2);
        CHECK(read.images == 6);
        CHECK(read.headroom == 1.25);
        CHECK(read.tool == "slimscale 1.2.3");
        CHECK(read.test_images == 3);
        CHECK(read.saturation == 1.25e-7);

        model.q16[full / 2] = make_ranges(model.network, full / 2);
        const Result<ModelFile> both = reread(model);
        REQUIRE(both.error() == "");
        CHECK(both->q16.at(full / 2).ranges == model.q16[full / 2].ranges);
        CHECK(both->q16.at(full / 2).test_images == 0);
        CHECK(both->q16.at(full).ranges == model.q16[full].ranges);
    }
}

TEST_CASE("Ranges that do not fit the network are neither written nor read") {
    struct Case {
        const char *fault;
        void (*change)(Q16Width &);
    };
    const std::vector<Case> cases = {
        {"\"q16.16.body.0.conv1\" is missing; run slimscale quantize",
         [](Q16Width &w) { w.ranges.erase("body.0.conv1"); }},
        {"\"q16.16.head\" belongs to no convolution", [](Q16Width &w) { w.ranges["head"] = w.ranges["body.0.conv1"]; }},
        {"\"q16.16.body.0.conv1\" holds 35 values, not 36", [](Q16Width &w) { w.ranges["body.0.conv1"].pop_back(); }},
        {"not a positive number", [](Q16Width &w) { w.ranges["body.1.conv2"][7] = 0; }},
        {"not a positive number", [](Q16Width &w) { w.ranges["body.1.conv2"][7] = -1; }},
        {"not a positive number",
         [](Q16Width &w) { w.ranges["body.1.conv2"][35] = std::numeric_limits<float>::quiet_NaN(); }},
        {"not a positive number",
         [](Q16Width &w) { w.ranges["body.1.conv2"][0] = std::numeric_limits<float>::infinity(); }},
    };
    ModelFile sound = make_model(small_network(Family::edsr));
    sound.q16[16] = make_ranges(sound.network, 16);
    REQUIRE(check_model(sound).error() == "");
    for (const Case &c : cases) {
        ModelFile model = sound;
        c.change(model.q16[16]);
        INFO(c.fault << "\n-> " << check_model(model).error());
        CHECK(contains(check_model(model).error(), c.fault));
        CHECK(contains(serialize_model(model).error(), c.fault));
    }
    ModelFile other = sound;
    other.q16[12] = other.q16[16];
    CHECK(contains(check_model(other).error(), "q16 ranges: "));
}

TEST_CASE("The last upsampler convolution may have ranges: it runs as Winograd's where the tail is not collapsed") {
    ModelFile model = make_model(small_network(Family::edsr));
    model.q16[16] = make_ranges(model.network, 16);
    CHECK(model.q16[16].ranges.count("up.0") == 0);
    model.q16[16].ranges["up.0"] = model.q16[16].ranges["body.0.conv1"];
    CHECK(reread(model)->q16.at(16).ranges == model.q16[16].ranges);
}

TEST_CASE("A width calibrated before 1x1 convolutions were is uncalibrated, one with some of them is faulty") {
    ModelFile model = make_model(small_network(Family::carn));
    const int full = model.network.channels;
    for (const int channels : {full / 2, full})
        model.q16[channels] = make_ranges(model.network, channels);
    const Result<std::vector<uint8_t>> bytes = serialize_model(model);
    Safetensors file = *parse_safetensors(bytes->data(), bytes->size());
    std::vector<std::string> pointwise;
    for (const auto &[name, tensor] : file.tensors)
        if (name.rfind("q16." + std::to_string(full) + ".", 0) == 0 && tensor.data.size() == 1)
            pointwise.push_back(name);
    REQUIRE(pointwise.size() > 1);
    const auto parsed_without = [&](size_t count) {
        Safetensors older = file;
        for (size_t i = 0; i < count; i++)
            older.tensors.erase(pointwise[i]);
        const std::vector<uint8_t> changed = serialize_safetensors(older);
        return parse_model(changed.data(), changed.size());
    };
    CHECK(parsed_without(0)->q16.size() == 2);
    CHECK(contains(parsed_without(1).error(), pointwise[0] + "\" is missing"));
    const Result<ModelFile> older = parsed_without(pointwise.size());
    REQUIRE(older.error() == "");
    CHECK(older->q16.size() == 1);
    CHECK(older->q16.count(full / 2) == 1);
    CHECK(older->tensors.size() == model.tensors.size());
}

TEST_CASE("Faulty ranges in a file are refused with the tensor or key") {
    ModelFile model = make_model(small_network(Family::edsr));
    model.q16[16] = make_ranges(model.network, 16);
    const Result<std::vector<uint8_t>> bytes = serialize_model(model);
    const auto fault_after = [&](auto &&change) {
        Result<Safetensors> file = parse_safetensors(bytes->data(), bytes->size());
        change(*file);
        const std::vector<uint8_t> changed = serialize_safetensors(*file);
        return parse_model(changed.data(), changed.size()).error();
    };
    CHECK(fault_after([](Safetensors &) {}) == "");
    CHECK(contains(fault_after([](Safetensors &f) { f.tensors["q16.16.body.0.conv1"].shape = {36}; }),
                   "\"q16.16.body.0.conv1\" has shape (36); ranges have (6, 6), of 1x1 convolutions (1)"));
    CHECK(contains(fault_after([](Safetensors &f) { f.tensors["q16.16.body.0.conv1"] = {{1}, {1.f}}; }),
                   "\"q16.16.body.0.conv1\" holds 1 values, not 36"));
    for (const char *name : {"q16.", "q16.16", "q16.x.body.0.conv1", "q16.016.body.0.conv1", "q16.99999999999.head"})
        CHECK(contains(fault_after([&](Safetensors &f) { f.tensors[name] = {{6, 6}, std::vector<float>(36, 1)}; }),
                       "names no width and convolution"));
    CHECK(contains(fault_after([](Safetensors &f) { f.metadata["q16.16.images"] = "many"; }),
                   "\"q16.16.images\" cannot be \"many\""));
    CHECK(contains(fault_after([](Safetensors &f) { f.metadata["q16.16.saturation"] = "nan"; }), "cannot be \"nan\""));
    CHECK(contains(fault_after([](Safetensors &f) { f.metadata["q16.16.headroom"] = "-1"; }), "cannot be \"-1\""));
    CHECK(fault_after([](Safetensors &f) { f.metadata.erase("q16.16.images"); }) == "");
    CHECK(fault_after([](Safetensors &f) { f.metadata["q16.16.later"] = "a key of a later version"; }) == "");
}

TEST_CASE("Widths and slicing as texts") {
    CHECK(widths_text({8, 16}) == "8 16");
    CHECK(*parse_widths("8, 16") == std::vector<int>{8, 16});
    CHECK(parse_widths(" ")->empty());
    CHECK(parse_widths("8 -").error() != "");
    for (const networks::Slicing slicing : {networks::Slicing::leading, networks::Slicing::per_segment})
        CHECK(*parse_slicing(slicing_text(slicing)) == slicing);
    CHECK(contains(parse_slicing("x").error(), "per_segment"));
}

TEST_CASE("The zoo's files are complete") {
    for (const int scale : {2, 3, 4}) {
        const std::string path =
            std::string(SLIMSCALE_SOURCE_DIR) + "/weights/zoo/carn_m_x" + std::to_string(scale) + ".safetensors";
        const Result<ModelFile> model = load_model(path);
        REQUIRE(model.error() == "");
        CHECK(model->network.name == "carn_m");
        CHECK(model->network.scale == scale);
        CHECK(model->network.range == 1);
        CHECK_FALSE(model->network.linear_residuals);
        CHECK(model->trained_widths == std::vector<int>{64});
        CHECK(model->license == "MIT");
    }
}

TEST_CASE("The zoo's files are calibrated at every trained width") {
    int files = 0;
    for (const auto &entry : std::filesystem::directory_iterator(SLIMSCALE_SOURCE_DIR "/weights/zoo")) {
        if (entry.path().extension() != ".safetensors")
            continue;
        files++;
        INFO(entry.path());
        const Result<ModelFile> model = load_model(entry.path());
        REQUIRE(model.error() == "");
        REQUIRE(model->q16.size() == model->trained_widths.size());
        for (const int channels : model->trained_widths) {
            const Q16Width &width = model->q16.at(channels);
            CHECK(width.images == 6);       // samples/train
            CHECK(width.test_images == 1);  // samples/koalas.png
            CHECK(width.saturation < 1e-5);
        }
    }
    CHECK(files >= 9);
}
