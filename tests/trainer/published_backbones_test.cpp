// The loader on real files, which are too large for the repository. SLIMSCALE_BACKBONES names a folder with
//
//     vgg16/vgg16_features_fp16.safetensors        VGG16 trained on ImageNet
//     vgg19/vgg19_16x_pruned_fp32.safetensors      VGG19, pruned by Collaborative Distillation
//     vgg19/vgg19_to_relu3_1_fp32.safetensors      the beginning of VGG19
//     set5/butterfly.png
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "extras/images/image.h"
#include "tests/catch.h"
#include "trainer/contrast/backbone.h"

using namespace slimscale;
using trainer::Backbone;

namespace {

struct Published {
    const char *file;
    std::vector<double> means;  // of the activations of set5/butterfly.png, by PyTorch in float
};

const std::vector<Published> kPublished = {
    {"vgg16/vgg16_features_fp16.safetensors", {26.9014, 261.4633, 401.9977, 179.8252, 22.7624}},
    {"vgg19/vgg19_16x_pruned_fp32.safetensors", {4.9235, 12.2960, 8.0746, 2.7889, 5.3788}},
    {"vgg19/vgg19_to_relu3_1_fp32.safetensors", {26.3626, 177.8189, 202.9962}},
};

torch::Tensor read_rgb(const std::string &path) {
    images::Image image;
    if (const std::string error = images::read_image(path, image).error(); !error.empty())
        throw std::runtime_error(error);
    REQUIRE(image.channels == 3);
    REQUIRE(image.bits == 8);
    return torch::from_blob(image.samples.data(), {1, image.height, image.width, 3}, torch::kUInt8)
        .permute({0, 3, 1, 2})
        .to(torch::kFloat);
}

}  // namespace

TEST_CASE("published files give PyTorch's activations") {
    const char *folder = std::getenv("SLIMSCALE_BACKBONES");
    if (folder == nullptr) {
        std::puts("[SKIP] SLIMSCALE_BACKBONES names no folder with VGG16 and VGG19");
        return;
    }
    const std::filesystem::path path = folder;
    const torch::Tensor image = read_rgb(path / "set5/butterfly.png");
    for (const Published &published : kPublished) {
        INFO(published.file);
        const auto slices = static_cast<int>(published.means.size());
        Result<Backbone> backbone = Backbone::load(path / published.file, torch::kCPU, slices);
        REQUIRE(backbone.ok());
        const auto features = backbone->features(image, trainer::FeatureRange::imagenet);
        for (size_t i = 0; i < features.size(); i++)
            CHECK(features[i].mean().item<double>() == Approx(published.means[i]).epsilon(1e-3));
    }
}
