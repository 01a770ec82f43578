// One whole step of training against PyTorch: losses, gradients, updated parameters.
#include "trainer/step.h"

#include "tests/catch.h"
#include "tests/trainer/torch_files.h"
#include "trainer/checkpoint.h"

using namespace slimscale;
using trainer::Batch;
using trainer::Config;
using trainer::Contrast;
using trainer::Losses;
using trainer::OptimizerKind;
using trainer::TrainingState;
using trainer_tests::Tensors;

namespace {

constexpr int kTeacher = 16, kStudent = 8;

// Of losses and updates in float against double. The rate is 1, far above the rounding of a parameter.
constexpr double kTolerance = 1e-4;

// What make_contrast_goldens.py has: EDSR x3 with two blocks, all images as negatives.
Config golden_config(OptimizerKind optimizer) {
    Config config;
    config.network = "edsr_small";
    config.scale = 3;
    config.channels = kTeacher;
    config.blocks = 2;
    config.widths = {kStudent, kTeacher};
    config.init = SLIMSCALE_SOURCE_DIR "/tests/golden/data/golden_edsr_x3.safetensors";
    config.optimizer = optimizer;
    config.learning_rate = 1;
    config.lambda_teacher = 0.5;
    config.contrast.lambda = 20;
    config.contrast.backbone = trainer_tests::golden_path("vgg19");
    config.contrast.negatives = trainer::Negatives::paper;
    return config;
}

TrainingState state_of(const Config &config) {
    weights::Result<TrainingState> state = trainer::new_state(config, torch::kCPU);
    if (!state)
        throw std::runtime_error(state.error());
    return std::move(*state);
}

std::unique_ptr<Contrast> contrast_of(const Config &config) {
    auto contrast = Contrast::load(config.contrast, config.scale, config.seed, torch::kCPU);
    if (!contrast)
        throw std::runtime_error(contrast.error());
    return std::move(*contrast);
}

Batch golden_batch() {
    const Tensors images = trainer_tests::load_golden("contrast");
    return {images.at("low"), images.at("high")};
}

// How far a step moves each tensor, and its losses.
Tensors moved_by_a_step(const Config &config, Losses *losses) {
    TrainingState state = state_of(config);
    Tensors moved;
    for (const auto &[name, parameter] : state.network->tensors())
        moved[name] = parameter.detach().clone();
    *losses = trainer::backward_step(config, *state.network, golden_batch(), /*step=*/0, contrast_of(config).get());
    REQUIRE(trainer::apply_step(config, &state).empty());
    CHECK(state.step == 1);
    for (const auto &[name, parameter] : state.network->tensors())
        moved[name] = parameter.detach() - moved[name];
    return moved;
}

void check_losses(const Losses &losses, const Tensors &golden) {
    const auto is = [&golden](const char *name) { return Approx(golden.at(name).item<double>()).epsilon(kTolerance); };
    CHECK(losses.l1.at(kTeacher) == is("l1.16"));
    CHECK(losses.l1.at(kStudent) == is("l1.8"));
    CHECK(losses.contrast.size() == 1);
    CHECK(losses.contrast.at(kStudent) == is("contrast.8"));
    CHECK(losses.total == is("total"));
}

}  // namespace

TEST_CASE("one step moves the parameters as PyTorch does") {
    const Tensors golden = trainer_tests::load_golden("step");
    for (const auto &[optimizer, kind] : {std::pair("sgd.", OptimizerKind::sgd), {"adam.", OptimizerKind::adam}}) {
        Losses losses;
        const Tensors moved = moved_by_a_step(golden_config(kind), &losses);
        check_losses(losses, golden);
        CHECK(moved.size() == 16);
        for (const auto &[name, tensor] : moved) {
            INFO(optimizer << name);
            CHECK(trainer_tests::difference(trainer_tests::thin(tensor), golden.at(optimizer + name)) <= kTolerance);
        }
    }
}

TEST_CASE("the contrast sends no gradient into the teacher") {
    Config config = golden_config(OptimizerKind::sgd);
    config.lambda_teacher = 0;
    TrainingState state = state_of(config);
    trainer::backward_step(config, *state.network, golden_batch(), 0, contrast_of(config).get());
    const torch::Tensor gradient = state.network->tensors().at("body.0.conv1.weight").grad();
    CHECK(gradient.slice(0, 0, kStudent).slice(1, 0, kStudent).abs().sum().item<double>() > 0);
    CHECK(gradient.slice(0, kStudent).abs().max().item<double>() == 0);
    CHECK(gradient.slice(1, kStudent).abs().max().item<double>() == 0);
}

TEST_CASE("the contrast is left out between its steps, without a backbone and without a student") {
    Config config = golden_config(OptimizerKind::sgd);
    config.contrast.every = 3;
    TrainingState state = state_of(config);
    const auto contrast = contrast_of(config);
    const auto contrasts = [&](int64_t step, Contrast *with) {
        return trainer::backward_step(config, *state.network, golden_batch(), step, with).contrast.size();
    };
    CHECK(contrasts(0, contrast.get()) == 1);
    CHECK(contrasts(1, contrast.get()) == 0);
    CHECK(contrasts(2, contrast.get()) == 0);
    CHECK(contrasts(3, contrast.get()) == 1);
    CHECK(contrasts(3, nullptr) == 0);
    config.widths = {kTeacher};
    CHECK(contrasts(3, contrast.get()) == 0);
}
