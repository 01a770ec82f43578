#include "trainer/validation.h"

#include "extras/quality/measures.h"
#include "extras/quality/pictures.h"

namespace slimscale::trainer {
namespace {

using images::Image;

double luma_psnr(const Image &a, const Image &b, int scale) {
    return quality::psnr(quality::luma_plane(a), quality::luma_plane(b), quality::luma_border(scale));
}

}  // namespace

quality::Planes upscale(SlimNetworkImpl &network, const quality::Planes &small, int channels, torch::Device device) {
    torch::NoGradGuard no_grad;
    const torch::Tensor planes =
        torch::from_blob(const_cast<float *>(small.values.data()), {1, small.channels, small.height, small.width});
    const torch::Tensor output = network.forward(planes.to(device), channels).to(torch::kCPU).contiguous();
    quality::Planes large;
    large.channels = static_cast<int>(output.size(1));
    large.height = static_cast<int>(output.size(2));
    large.width = static_cast<int>(output.size(3));
    large.values.assign(output.data_ptr<float>(), output.data_ptr<float>() + output.numel());
    return large;
}

Image upscale(SlimNetworkImpl &network, const Image &small, int channels, torch::Device device) {
    return quality::to_image(upscale(network, quality::to_planes(small), channels, device));
}

Image bicubic(const Pair &pair) {
    return quality::resized(pair.low, pair.high.width, pair.high.height);
}

Validation validate(SlimNetworkImpl &network, const std::vector<Pair> &pairs, const std::vector<int> &widths,
                    torch::Device device) {
    Validation result;
    for (const int width : widths) {
        double sum = 0;
        for (const Pair &pair : pairs)
            sum += luma_psnr(pair.high, upscale(network, pair.low, width, device), network.network().scale);
        result.psnr[width] = sum / static_cast<double>(pairs.size());
    }
    return result;
}

double bicubic_psnr(const std::vector<Pair> &pairs, int scale) {
    double sum = 0;
    for (const Pair &pair : pairs)
        sum += luma_psnr(pair.high, bicubic(pair), scale);
    return sum / static_cast<double>(pairs.size());
}

ScopedWeights::ScopedWeights(SlimNetworkImpl &network, const std::map<std::string, torch::Tensor> &values)
    : network_(network) {
    torch::NoGradGuard no_grad;
    for (const auto &[name, tensor] : values) {
        torch::Tensor parameter = network.tensors().at(name);
        own_[name] = parameter.detach().clone();
        parameter.copy_(tensor);
    }
}

ScopedWeights::~ScopedWeights() {
    torch::NoGradGuard no_grad;
    for (const auto &[name, tensor] : own_)
        network_.tensors().at(name).detach().copy_(tensor);
}

}  // namespace slimscale::trainer
