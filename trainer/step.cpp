#include "trainer/step.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trainer/schedule.h"

namespace slimscale::trainer {
namespace {

using torch::Tensor;

void set_learning_rate(torch::optim::Optimizer &optimizer, double rate) {
    for (torch::optim::OptimizerParamGroup &group : optimizer.param_groups())
        group.options().set_lr(rate);
}

// The loss between two images with values 0..255.
Tensor loss_between(Loss kind, const Tensor &output, const Tensor &wanted) {
    constexpr double kCharbonnier = 0.255;  // 1e-3 of white: Lai et al., arXiv 1710.01992
    switch (kind) {
    case Loss::l1:
        break;
    case Loss::charbonnier:
        return torch::sqrt((output - wanted).square() + kCharbonnier * kCharbonnier).mean();
    case Loss::l2:
        return torch::mse_loss(output, wanted);
    }
    return torch::l1_loss(output, wanted);
}

double weight_of(const Config &config, int width) {
    const auto at = std::find(config.widths.begin(), config.widths.end(), width) - config.widths.begin();
    const double weight = config.width_weights.empty() ? 1 : config.width_weights[static_cast<size_t>(at)];
    return width == config.widths.back() ? weight * config.lambda_teacher : weight;
}

// The decay has the usual warm-up, (1 + t) / (10 + t), by which the average soon forgets the start values.
void average(const Config &config, TrainingState *state) {
    const auto t = static_cast<double>(state->step);
    const double decay = std::min(config.ema, (1 + t) / (10 + t));
    torch::NoGradGuard no_grad;
    for (auto &[name, tensor] : state->averaged)
        tensor.lerp_(state->network->tensors().at(name), 1 - decay);
}

}  // namespace

Losses backward_step(const Config &config, SlimNetworkImpl &network, const Batch &batch, int64_t step,
                     Contrast *contrast) {
    Losses losses;
    const std::vector<int> widths = widths_of_step(config, step);
    const Precision precision = precision_of_step(config, step);
    const bool contrasts = contrast != nullptr && widths.size() > 1 && step % config.contrast.every == 0;
    const Loss kind = loss_of_step(config, step);
    ContrastTargets targets;
    Tensor teacher_output;
    for (const int width : widths) {
        const bool teacher = width == widths.front();
        const Tensor output = network.forward(batch.low, width, precision);
        Tensor loss = loss_between(kind, output, batch.high);
        losses.l1[width] = (kind == Loss::l1 ? loss : torch::l1_loss(output.detach(), batch.high)).item<double>();
        if (batch.teacher.defined())
            loss = loss.lerp(loss_between(kind, output, batch.teacher), config.teacher_share);
        if (teacher)
            teacher_output = output.detach();
        else if (config.lambda_distill != 0)
            loss = loss + config.lambda_distill * loss_between(kind, output, teacher_output);
        loss = loss * weight_of(config, width);
        if (teacher && contrasts)
            targets = contrast->targets(output.detach(), batch.low, step);
        if (!teacher && contrasts) {
            const Tensor distance = contrast->loss(output, targets);
            losses.contrast[width] = distance.item<double>();
            loss = loss + config.contrast.lambda * distance;
        }
        losses.total += loss.item<double>();
        loss.backward();
    }
    return losses;
}

namespace {

// Takes the optimizer's step for everything but what the frozen width reads.
void step_beyond(int frozen, TrainingState *state) {
    torch::NoGradGuard no_grad;
    SlimNetworkImpl &network = *state->network;
    const auto parameter = [&](const std::string &name) { return network.tensors().at(name).data(); };
    const std::vector<Tensor> parts = network.leading_parts(frozen, parameter);
    std::vector<Tensor> before;
    before.reserve(parts.size());
    for (const Tensor &part : parts)
        before.push_back(part.clone());
    state->optimizer->step();
    for (size_t i = 0; i < parts.size(); i++)
        parts[i].copy_(before[i]);
}

// Zeroes the gradients of what the frozen width reads, so that they have no share in the gradient's norm.
void clear_gradients(int frozen, TrainingState *state) {
    torch::NoGradGuard no_grad;
    SlimNetworkImpl &network = *state->network;
    for (Tensor &part :
         network.leading_parts(frozen, [&](const std::string &name) { return network.tensors().at(name).grad(); }))
        part.zero_();
}

}  // namespace

Status apply_step(const Config &config, TrainingState *state) {
    if (config.freeze > 0)
        clear_gradients(config.freeze, state);
    // With an infinite limit the norm is measured and nothing is clipped.
    const double limit = config.clip > 0 ? config.clip : std::numeric_limits<double>::infinity();
    if (!std::isfinite(torch::nn::utils::clip_grad_norm_(state->network->parameters(), limit)))
        return Error{"the gradient is not finite"};
    set_learning_rate(*state->optimizer, learning_rate(config, state->step));
    if (config.freeze > 0)
        step_beyond(config.freeze, state);
    else
        state->optimizer->step();
    state->optimizer->zero_grad();
    state->step++;
    average(config, state);
    return Status();
}

}  // namespace slimscale::trainer
