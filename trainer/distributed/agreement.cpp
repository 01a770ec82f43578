#include "trainer/distributed/agreement.h"

#include "base/hash.h"

namespace slimscale::trainer {
namespace {

std::string checksum(const std::map<std::string, torch::Tensor> &tensors) {
    base::Hash hash;
    for (const auto &[name, tensor] : tensors) {
        const torch::Tensor plain = tensor.detach().to(torch::kCPU).contiguous();
        hash.add(plain.data_ptr(), plain.nbytes());
    }
    return hash.text();
}

}  // namespace

std::string agreement(const Config &config, const TrainingState &state) {
    const Config defaults;
    Config common = config;
    common.data = defaults.data;
    common.teacher_images = defaults.teacher_images;
    common.validate = defaults.validate;
    common.init = defaults.init;
    common.contrast.backbone = defaults.contrast.backbone;
    common.out = defaults.out;
    common.threads = defaults.threads;
    common.loader_threads = defaults.loader_threads;
    common.memory_gb = defaults.memory_gb;
    return options_text(common) + "step=" + std::to_string(state.step) +
           "\nweights=" + checksum(state.network->tensors()) + "\n";
}

}  // namespace slimscale::trainer
