// One whole step of training against PyTorch: losses, gradients and updated parameters.
#include "trainer/step.h"

#include <cmath>

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

// For float against double. Measured: 5e-7.
constexpr double kLossTolerance = 1e-5;
// For the rounding of an update that is added to a parameter, some of which are a thousand times as large. Measured:
// 9e-5.
constexpr double kUpdateTolerance = 1e-3;

// The run of make_contrast_goldens.py: EDSR x3 with two blocks, all images as negatives.
Config golden_config(OptimizerKind optimizer) {
    Config config;
    config.network = "edsr_small";
    config.scale = 3;
    config.channels = kTeacher;
    config.blocks = 2;
    config.widths = {kStudent, kTeacher};
    config.input_skip = false;
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
    Result<TrainingState> state = trainer::new_state(config, torch::kCPU);
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

// How far a step moves each tensor; `losses` receives its losses.
Tensors moved_by_a_step(const Config &config, Losses *losses) {
    TrainingState state = state_of(config);
    Tensors moved;
    for (const auto &[name, parameter] : state.network->tensors())
        moved[name] = parameter.detach().clone();
    *losses = trainer::backward_step(config, *state.network, golden_batch(), /*step=*/0, contrast_of(config).get());
    REQUIRE(trainer::apply_step(config, &state).ok());
    CHECK(state.step == 1);
    for (const auto &[name, parameter] : state.network->tensors())
        moved[name] = parameter.detach() - moved[name];
    return moved;
}

void check_losses(const Losses &losses, const Tensors &golden) {
    const auto is = [&golden](const char *name) {
        return Approx(golden.at(name).item<double>()).epsilon(kLossTolerance);
    };
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
            CHECK(trainer_tests::difference(trainer_tests::thin(tensor), golden.at(optimizer + name)) <=
                  kUpdateTolerance);
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

namespace {

Config plain_config() {
    Config config = golden_config(OptimizerKind::sgd);
    config.lambda_teacher = 1;
    config.contrast.lambda = 0;
    return config;
}

Losses losses_of(const Config &config, TrainingState *state, int64_t step = 0) {
    return trainer::backward_step(config, *state->network, golden_batch(), step, nullptr);
}

}  // namespace

TEST_CASE("the total is that of --loss, while L1 is recorded") {
    Config config = plain_config();
    config.widths = {kTeacher};
    TrainingState state = state_of(config);
    const Batch batch = golden_batch();
    const torch::Tensor difference = (state.network->forward(batch.low, kTeacher) - batch.high).detach();
    const double l1 = difference.abs().mean().item<double>();
    CHECK(losses_of(config, &state).total == Approx(l1));
    config.loss = trainer::Loss::l2;
    CHECK(losses_of(config, &state).total == Approx(difference.square().mean().item<double>()));
    CHECK(losses_of(config, &state).l1.at(kTeacher) == Approx(l1));
    config.loss = trainer::Loss::charbonnier;
    CHECK(losses_of(config, &state).total ==
          Approx((difference.square() + 0.255 * 0.255).sqrt().mean().item<double>()));
    config.loss = trainer::Loss::l1;
    config.steps = 10;
    config.l2_share = 0.5;
    CHECK(losses_of(config, &state, 4).total == Approx(l1));
    CHECK(losses_of(config, &state, 5).total == Approx(difference.square().mean().item<double>()));
}

TEST_CASE("a teacher's outputs share the loss with the originals") {
    Config config = plain_config();
    config.widths = {kTeacher};
    TrainingState state = state_of(config);
    Batch batch = golden_batch();
    batch.teacher = batch.high * 0.5 + 20;
    const torch::Tensor output = state.network->forward(batch.low, kTeacher).detach();
    const double original = torch::l1_loss(output, batch.high).item<double>();
    const double teacher = torch::l1_loss(output, batch.teacher).item<double>();
    REQUIRE(std::abs(original - teacher) > 1);
    for (const double share : {0.0, 0.25, 1.0}) {
        config.teacher_share = share;
        const Losses losses = trainer::backward_step(config, *state.network, batch, 0, nullptr);
        CHECK(losses.total == Approx((1 - share) * original + share * teacher));
        CHECK(losses.l1.at(kTeacher) == Approx(original));
    }
}

TEST_CASE("each width's loss has its weight") {
    Config config = plain_config();
    TrainingState state = state_of(config);
    const Losses alike = losses_of(config, &state);
    CHECK(alike.total == Approx(alike.l1.at(kStudent) + alike.l1.at(kTeacher)));
    config.width_weights = {3, 0.25};
    config.lambda_teacher = 2;
    CHECK(losses_of(config, &state).total == Approx(3 * alike.l1.at(kStudent) + 0.5 * alike.l1.at(kTeacher)));
}

TEST_CASE("distillation draws the student to the teacher and sends no gradient into it") {
    Config config = plain_config();
    config.lambda_distill = 2;
    config.lambda_teacher = 0;
    TrainingState state = state_of(config);
    const Losses losses = losses_of(config, &state);
    const torch::Tensor low = golden_batch().low;
    const double apart =
        torch::l1_loss(state.network->forward(low, kStudent), state.network->forward(low, kTeacher)).item<double>();
    CHECK(losses.total == Approx(losses.l1.at(kStudent) + 2 * apart));
    const torch::Tensor gradient = state.network->tensors().at("body.0.conv1.weight").grad();
    CHECK(gradient.slice(0, 0, kStudent).slice(1, 0, kStudent).abs().sum().item<double>() > 0);
    CHECK(gradient.slice(0, kStudent).abs().max().item<double>() == 0);
}

TEST_CASE("a frozen width stays what it was while the wider one learns") {
    for (const int expansion : {0, 2})
        for (const OptimizerKind optimizer : {OptimizerKind::adam, OptimizerKind::sgd}) {
            Config config = plain_config();
            config.optimizer = optimizer;
            config.momentum = 0.9;
            config.learning_rate = optimizer == OptimizerKind::adam ? 1e-3 : 1e-6;
            config.freeze = kStudent;
            config.expansion = expansion;
            config.ema = 0.5;
            TrainingState state = state_of(config);
            const torch::Tensor low = golden_batch().low;
            const auto output = [&](int width) { return state.network->forward(low, width).detach(); };
            const torch::Tensor narrow = output(kStudent), wide = output(kTeacher);
            for (int step = 0; step < 3; step++) {
                const Losses losses = losses_of(config, &state, step);
                CHECK(losses.l1.count(kStudent) == 0);
                REQUIRE(trainer::apply_step(config, &state).ok());
            }
            CHECK(torch::equal(output(kStudent), narrow));
            CHECK((output(kTeacher) - wide).abs().max().item<double>() > 1e-3);
        }
}
