#include "trainer/checkpoint.h"

#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "base/status.h"
#include "base/text.h"
#include "trainer/checkpoint_names.h"
#include "trainer/fused_adam.h"
#include "weights/safetensors.h"

namespace slimscale::trainer {
namespace {

using torch::Tensor;
using torch::optim::AdamParamState;
using torch::optim::SGDParamState;
using weights::Safetensors;

weights::Tensor to_file(const Tensor &tensor) {
    const Tensor plain = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
    return {{plain.sizes().begin(), plain.sizes().end()},
            {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()}};
}

// Copies a tensor of the file. The error says what does not fit.
Status from_file(const Safetensors &file, const std::string &name, const Tensor &to) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end())
        return Error{"tensor " + base::in_quotes(name) + " is missing: the run had other options"};
    const weights::Tensor &tensor = found->second;
    if (!std::equal(tensor.shape.begin(), tensor.shape.end(), to.sizes().begin(), to.sizes().end()))
        return Error{"tensor " + base::in_quotes(name) + " has another shape: the run had other options"};
    torch::NoGradGuard no_grad;
    to.copy_(torch::from_blob(const_cast<float *>(tensor.data.data()), to.sizes()));
    return Status();
}

void save_moments(const TrainingState &state, Safetensors *file) {
    nlohmann::json steps = nlohmann::json::object();
    for (const auto &[name, parameter] : state.network->tensors()) {
        const auto found = state.optimizer->state().find(parameter.unsafeGetTensorImpl());
        if (found == state.optimizer->state().end())
            continue;
        if (const auto *adam = dynamic_cast<const AdamParamState *>(found->second.get())) {
            file->tensors[kMoments1 + name] = to_file(adam->exp_avg());
            file->tensors[kMoments2 + name] = to_file(adam->exp_avg_sq());
            steps[name] = adam->step();
        } else if (const auto *sgd = dynamic_cast<const SGDParamState *>(found->second.get());
                   sgd != nullptr && sgd->momentum_buffer().defined()) {
            file->tensors[kMoments1 + name] = to_file(sgd->momentum_buffer());
        }
    }
    file->metadata["moment_steps"] = steps.dump();
}

Status load_moments(const Safetensors &file, const nlohmann::json &steps, TrainingState *state) {
    const bool is_adam = dynamic_cast<torch::optim::Adam *>(state->optimizer.get()) != nullptr;
    state->optimizer->state().clear();
    for (const auto &[name, parameter] : state->network->tensors()) {
        if (file.tensors.count(kMoments1 + name) == 0)
            continue;  // the optimizer had no moments of it yet
        Tensor first = torch::zeros_like(parameter), second = torch::zeros_like(parameter);
        SLIMSCALE_RETURN_IF_ERROR(from_file(file, kMoments1 + name, first));
        if (is_adam)
            SLIMSCALE_RETURN_IF_ERROR(from_file(file, kMoments2 + name, second));
        if (is_adam && !(steps.contains(name) && steps[name].is_number_integer()))
            return Error{"the optimizer's step count of " + base::in_quotes(name) + " is missing"};
        if (is_adam) {
            auto moments = std::make_unique<AdamParamState>();
            moments->step(steps[name].get<int64_t>());
            moments->exp_avg(first);
            moments->exp_avg_sq(second);
            state->optimizer->state()[parameter.unsafeGetTensorImpl()] = std::move(moments);
        } else {
            auto moments = std::make_unique<SGDParamState>();
            moments->momentum_buffer(first);
            state->optimizer->state()[parameter.unsafeGetTensorImpl()] = std::move(moments);
        }
    }
    return Status();
}

template <typename Number>
bool parse(const Safetensors &file, const std::string &key, Number *value) {
    const auto found = file.metadata.find(key);
    return found != file.metadata.end() && base::parse(found->second, value);
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const Config &config, std::vector<Tensor> parameters) {
    constexpr double kBeta1 = 0.9;
    if (config.optimizer == OptimizerKind::adam)
        return std::make_unique<FusedAdam>(
            std::move(parameters), torch::optim::AdamOptions(config.learning_rate).betas({kBeta1, config.beta2}));
    return std::make_unique<torch::optim::SGD>(
        std::move(parameters), torch::optim::SGDOptions(config.learning_rate).momentum(config.momentum));
}

}  // namespace

std::map<std::string, Tensor> TrainingState::values() const {
    return averaged.empty() ? network->tensors() : averaged;
}

Result<TrainingState> new_state(const Config &config, torch::Device device) {
    TrainingState state;
    state.network =
        SlimNetwork(network_of(config), config.own_affine ? config.widths : std::vector<int>{}, config.expansion);
    initialize(*state.network, config.init_style, config.widths, config.seed);
    if (!config.init.empty()) {
        SLIMSCALE_ASSIGN_OR_RETURN(const weights::ModelFile file, weights::load_model(config.init), "--init: ");
        SLIMSCALE_RETURN_IF_ERROR(take_over(*state.network, file), "--init: " + config.init + ": ");
    }
    state.network->to(device);
    if (config.ema > 0)
        for (const auto &[name, parameter] : state.network->tensors())
            state.averaged[name] = parameter.detach().clone();
    state.optimizer = make_optimizer(config, state.network->parameters());
    return state;
}

Status save_checkpoint(const std::string &path, const TrainingState &state) {
    Safetensors file;
    for (const auto &[name, parameter] : state.network->tensors())
        file.tensors[kParameters + name] = to_file(parameter);
    for (const auto &[name, tensor] : state.averaged)
        file.tensors[kAveraged + name] = to_file(tensor);
    save_moments(state, &file);
    file.metadata["format"] = kFormat;
    file.metadata["format_version"] = kVersion;
    file.metadata["step"] = std::to_string(state.step);
    file.metadata["seconds"] = std::to_string(state.seconds);
    file.metadata["options"] = state.options;
    return weights::save_safetensors(path, file);
}

Result<std::string> checkpoint_options(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(Safetensors file, weights::load_safetensors(path));
    std::string options = file.metadata["options"];
    if (options.find("input-skip=") == std::string::npos)
        options += "input-skip=false\n";
    return options;
}

Status load_checkpoint(const std::string &path, TrainingState *state) {
    SLIMSCALE_ASSIGN_OR_RETURN(Safetensors file, weights::load_safetensors(path));
    if (file.metadata["format"] != kFormat || file.metadata["format_version"] != kVersion)
        return Error{path + ": this is no checkpoint of this version"};
    if (!parse(file, "step", &state->step) || state->step < 0 || !parse(file, "seconds", &state->seconds))
        return Error{path + ": the step or the time is missing"};
    state->options = file.metadata["options"];
    for (const auto &[name, parameter] : state->network->tensors())
        SLIMSCALE_RETURN_IF_ERROR(from_file(file, kParameters + name, parameter), path + ": ");
    for (auto &[name, tensor] : state->averaged)
        SLIMSCALE_RETURN_IF_ERROR(from_file(file, kAveraged + name, tensor), path + ": ");
    const nlohmann::json steps = nlohmann::json::parse(file.metadata["moment_steps"], nullptr, false);
    if (!steps.is_object())
        return Error{path + ": the optimizer's step counts are missing"};
    SLIMSCALE_RETURN_IF_ERROR(load_moments(file, steps, state), path + ": ");
    return Status();
}

}  // namespace slimscale::trainer
