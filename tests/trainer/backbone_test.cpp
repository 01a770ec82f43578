// The feature extractor against PyTorch's activations, and files that it must refuse.
#include "trainer/contrast/backbone.h"

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/scratch.h"
#include "tests/trainer/torch_files.h"

using namespace slimscale;
using trainer::Backbone;
using trainer::FeatureRange;
using trainer::kFeatureSlices;

namespace {

// Both sides compute in double; goldens are rounded to float (6e-8).
constexpr double kDoubleTolerance = 1e-6;
// Measured: 4e-7. A wrong padding or pool makes more than 1e-2.
constexpr double kFloatTolerance = 1e-5;

Backbone load(const std::string &path, int slices = kFeatureSlices) {
    Result<Backbone> backbone = Backbone::load(path, torch::kCPU, slices);
    if (!backbone)
        throw std::runtime_error(backbone.error());
    return std::move(*backbone);
}

std::string error_of(const std::string &path, int slices = kFeatureSlices) {
    return Backbone::load(path, torch::kCPU, slices).error();
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

// Saves the tiny backbone `kind` with a change, and returns the path.
template <typename Change>
std::string changed(const Scratch &scratch, const std::string &kind, Change &&change) {
    weights::Safetensors file = trainer_tests::load_file(trainer_tests::golden_path(kind));
    change(file.tensors);
    const std::string path = scratch / "changed.safetensors";
    REQUIRE(weights::save_safetensors(path, file).error() == "");
    return path;
}

using FileTensors = std::map<std::string, weights::Tensor>;

// Leaves of VGG19 what comes up to relu3_1.
void shorten(FileTensors &tensors) {
    FileTensors beginning;
    for (const std::string number : {"0", "2", "5", "7", "10"})
        for (const std::string part : {".weight", ".bias"})
            beginning["features." + number + part] = tensors.at("features." + number + part);
    tensors = beginning;
}

}  // namespace

TEST_CASE("slices hold what PyTorch computes, in double and in float") {
    const trainer_tests::Tensors golden = trainer_tests::load_golden("contrast");
    for (const auto &[file, kind] : {std::pair("vgg19", "VGG19"), {"vgg16", "VGG16"}, {"pruned", "pruned VGG19"}}) {
        const Backbone backbone = load(trainer_tests::golden_path(file));
        CHECK(backbone.kind() == kind);
        const torch::Tensor image = golden.at("high").slice(0, 0, 1);
        const auto exact = backbone.features(image.to(torch::kDouble), FeatureRange::imagenet);
        const auto fast = backbone.features(image, FeatureRange::imagenet);
        REQUIRE(exact.size() == kFeatureSlices);
        for (size_t i = 0; i < exact.size(); i++) {
            INFO(file << " slice " << i);
            const torch::Tensor expected = golden.at(std::string(file) + ".slice." + std::to_string(i));
            CHECK(trainer_tests::difference(trainer_tests::thin(exact[i]), expected) <= kDoubleTolerance);
            CHECK(trainer_tests::difference(trainer_tests::thin(fast[i]), expected) <= kFloatTolerance);
            CHECK(fast[i].scalar_type() == torch::kFloat);
        }
    }
}

TEST_CASE("images take gradients through the backbone, its parameters do not") {
    for (const char *kind : {"vgg19", "vgg16", "pruned"}) {
        const Backbone backbone = load(trainer_tests::golden_path(kind));
        const torch::Tensor images = (torch::rand({2, 3, 32, 32}) * 255).requires_grad_();
        for (const torch::Tensor &slice : backbone.features(images, FeatureRange::imagenet))
            slice.sum().backward({}, /*retain_graph=*/true);
        CHECK(images.grad().abs().sum().item<double>() > 0);
        REQUIRE(!backbone.parameters().empty());
        for (const torch::Tensor &parameter : backbone.parameters()) {
            CHECK_FALSE(parameter.requires_grad());
            CHECK_FALSE(parameter.grad().defined());
        }
    }
}

TEST_CASE("a file that ends early has its first slices, and says what it lacks for the others") {
    const Scratch scratch;
    const std::string path = changed(scratch, "vgg19", shorten);
    const torch::Tensor images = torch::rand({1, 3, 32, 32}) * 255;
    const auto all = load(trainer_tests::golden_path("vgg19")).features(images, FeatureRange::imagenet);
    const auto first = load(path, 3).features(images, FeatureRange::imagenet);
    REQUIRE(first.size() == 3);
    for (size_t i = 0; i < first.size(); i++)
        CHECK(torch::equal(first[i], all[i]));

    const std::string error = error_of(path);
    INFO(error);
    CHECK(contains(error, path));
    CHECK(contains(error, "features.12.weight, features.12.bias, "));
    CHECK(contains(error, "features.28.bias"));
    CHECK_FALSE(contains(error, "features.10"));
    CHECK_FALSE(contains(error, "features.30"));
    CHECK_FALSE(error_of(path, 4).empty());
}

TEST_CASE("a missing file is named with the place where such weights are published, and nothing is written") {
    const Scratch scratch;
    const std::string error = error_of(scratch / "vgg19.safetensors");
    CHECK(contains(error, scratch / "vgg19.safetensors"));
    CHECK(contains(error, "torchvision.models.vgg19"));
    CHECK(contains(error, "save_file"));
    CHECK(entries(scratch.folder()) == 0);
}

TEST_CASE("damaged and foreign files are refused with the tensor's name") {
    const Scratch scratch;
    const std::string path = scratch / "cut.safetensors";
    std::filesystem::copy_file(trainer_tests::golden_path("vgg19"), path);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);
    CHECK(contains(error_of(path), path));

    const auto error_after = [&scratch](const char *kind, auto change) {
        const std::string error = error_of(changed(scratch, kind, change));
        INFO(error);
        CHECK(contains(error, "changed.safetensors: "));
        return error;
    };
    CHECK(contains(error_after("vgg19", [](FileTensors &t) { t["features.5.weight"] = t["features.7.weight"]; }),
                   "features.5.weight"));
    CHECK(contains(error_after("vgg16", [](FileTensors &t) { t["features.24.bias"] = t["features.0.bias"]; }),
                   "features.24.bias"));
    CHECK(contains(error_after("pruned", [](FileTensors &t) { t["conv0.weight"] = t["conv11.weight"]; }),
                   "conv0.weight"));
    CHECK(contains(error_after("pruned", [](FileTensors &t) { t["conv34.bias"].data[0] = NAN; }), "conv34.bias"));
    CHECK(contains(error_after("vgg16", [](FileTensors &t) { t.erase("features.12.bias"); }), "features.12.bias"));
    CHECK(contains(error_after("vgg19", [](FileTensors &t) { t["features.1.weight"] = t["features.0.bias"]; }),
                   "batch normalization"));
    CHECK(contains(error_after("vgg19", [](FileTensors &t) { t = {{"head.weight", t["features.0.weight"]}}; }),
                   "neither VGG19"));
}
