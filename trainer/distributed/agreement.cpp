#include "trainer/distributed/agreement.h"

namespace slimscale::trainer {
namespace {

// FNV-1a, 64 bits.
constexpr uint64_t kOffset = 0xcbf29ce484222325, kPrime = 0x100000001b3;

uint64_t checksum(const std::map<std::string, torch::Tensor> &tensors) {
    uint64_t sum = kOffset;
    for (const auto &[name, tensor] : tensors) {
        const torch::Tensor plain = tensor.detach().to(torch::kCPU).contiguous();
        const auto *bytes = static_cast<const uint8_t *>(plain.data_ptr());
        for (size_t i = 0; i < plain.nbytes(); i++)
            sum = (sum ^ bytes[i]) * kPrime;
    }
    return sum;
}

}  // namespace

std::string agreement(const Config &config, const TrainingState &state) {
    const Config defaults;
    Config common = config;
    common.data = defaults.data;
    common.validate = defaults.validate;
    common.init = defaults.init;
    common.contrast.backbone = defaults.contrast.backbone;
    common.out = defaults.out;
    common.threads = defaults.threads;
    common.loader_threads = defaults.loader_threads;
    common.memory_gb = defaults.memory_gb;
    return options_text(common) + "step=" + std::to_string(state.step) +
           "\nweights=" + std::to_string(checksum(state.network->tensors())) + "\n";
}

}  // namespace slimscale::trainer
