#include "tests/trainer/torch_volume.h"

#include <stdexcept>

namespace slimscale::trainer_tests {

trainer::SlimNetwork torch_network(const weights::ModelFile &file) {
    trainer::SlimNetwork network(file.network);
    if (const std::string error = trainer::take_over(*network, file).error(); !error.empty())
        throw std::runtime_error(error);
    return network;
}

reference::Volume upscale(trainer::SlimNetwork &network, int channels, const reference::Volume &image) {
    constexpr double kWhite = 255;
    torch::NoGradGuard no_grad;
    const torch::Tensor input = torch::tensor(image.data, torch::kDouble).to(torch::kFloat) * kWhite;
    const torch::Tensor output =
        network->forward(input.view({1, image.channels, image.height, image.width}), channels)[0].to(torch::kDouble) /
        kWhite;
    reference::Volume result(static_cast<int>(output.size(0)), static_cast<int>(output.size(1)),
                             static_cast<int>(output.size(2)));
    const torch::Tensor rows = output.contiguous();
    result.data.assign(rows.data_ptr<double>(), rows.data_ptr<double>() + rows.numel());
    return result;
}

}  // namespace slimscale::trainer_tests
