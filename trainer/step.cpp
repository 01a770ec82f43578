#include "trainer/step.h"

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

// The average starts as the weights themselves: the usual warm-up of the decay, (1 + t) / (10 + t).
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
    ContrastTargets targets;
    for (const int width : widths) {
        const bool teacher = width == widths.front();
        const Tensor output = network.forward(batch.low, width, precision);
        Tensor loss = torch::l1_loss(output, batch.high);
        losses.l1[width] = loss.item<double>();
        if (teacher)
            loss = loss * config.lambda_teacher;
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

std::string apply_step(const Config &config, TrainingState *state) {
    // An endless limit only measures.
    const double limit = config.clip > 0 ? config.clip : std::numeric_limits<double>::infinity();
    if (!std::isfinite(torch::nn::utils::clip_grad_norm_(state->network->parameters(), limit)))
        return "the gradient is not finite";
    set_learning_rate(*state->optimizer, learning_rate(config, state->step));
    state->optimizer->step();
    state->optimizer->zero_grad();
    state->step++;
    average(config, state);
    return "";
}

}  // namespace slimscale::trainer
