#include "trainer/validation.h"

#include "images/channels.h"
#include "quality/imresize.h"
#include "quality/metrics.h"

namespace slimscale::trainer {
namespace {

using images::Image;

double luma_psnr(const Image &a, const Image &b, int shave) {
    const auto luma = [](const Image &image) {
        return quality::luma(image.channels == 1 ? images::gray_to_rgb(image).samples : image.samples);
    };
    return quality::psnr(luma(a), luma(b), a.width, a.height, shave);
}

}  // namespace

Image upscale(SlimNetworkImpl &network, const Image &low, int channels, torch::Device device) {
    torch::NoGradGuard no_grad;
    const torch::Tensor bytes = torch::from_blob(const_cast<uint8_t *>(low.samples.data()),
                                                 {1, low.height, low.width, low.channels}, torch::kByte);
    const torch::Tensor input = bytes.permute({0, 3, 1, 2}).to(device, torch::kFloat);
    const torch::Tensor output = network.forward(input, channels).round().clamp(0, 255).to(torch::kByte);
    const torch::Tensor rows = output.permute({0, 2, 3, 1}).to(torch::kCPU).contiguous();
    Image high = low;
    high.width = static_cast<int>(rows.size(2));
    high.height = static_cast<int>(rows.size(1));
    high.samples.assign(rows.data_ptr<uint8_t>(), rows.data_ptr<uint8_t>() + rows.numel());
    return high;
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
    for (const Pair &pair : pairs) {
        Image large = pair.high;
        large.samples = quality::imresize(pair.low.samples, {pair.low.width, pair.low.height, pair.low.channels},
                                          large.width, large.height);
        sum += luma_psnr(pair.high, large, scale);
    }
    return sum / static_cast<double>(pairs.size());
}

Borrowed::Borrowed(SlimNetworkImpl &network, const std::map<std::string, torch::Tensor> &values)
    : network_(network) {
    torch::NoGradGuard no_grad;
    for (const auto &[name, tensor] : values) {
        torch::Tensor parameter = network.tensors().at(name);
        own_[name] = parameter.detach().clone();
        parameter.copy_(tensor);
    }
}

Borrowed::~Borrowed() {
    torch::NoGradGuard no_grad;
    for (const auto &[name, tensor] : own_)
        network_.tensors().at(name).detach().copy_(tensor);
}

}  // namespace slimscale::trainer
