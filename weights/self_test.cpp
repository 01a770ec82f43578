#include "weights/self_test.h"

#include <algorithm>
#include <cmath>

#include "contract/self_test.h"
#include "networks/networks.h"
#include "weights/reference_weights.h"

namespace slimscale::weights {
namespace {

reference::Volume picture(int colors) {
    reference::Volume image(colors, contract::kSelfTestHeight, contract::kSelfTestWidth);
    for (int c = 0; c < colors; c++)
        for (int y = 0; y < image.height; y++)
            for (int x = 0; x < image.width; x++)
                image.at(c, y, x) = static_cast<double>(contract::self_test_pixel(x, y, c));
    return image;
}

}  // namespace

Result<std::vector<float>> self_test_numbers(const ModelFile &model, const std::vector<int> &channels) {
    const networks::Network &network = model.network;
    const reference::Volume image = picture(network.colors);
    const reference::Weights tensors = channels.empty() ? reference::Weights() : reference_weights(model);
    const size_t count = contract::self_test_count(network.scale, network.colors);
    std::vector<float> numbers(channels.size() * count);
    for (size_t i = 0; i < channels.size(); i++) {
        SLIMSCALE_RETURN_IF_ERROR(networks::check_width(network, channels[i]));
        const reference::Volume output = reference::upscale(network, channels[i], tensors, image);
        const auto begin = numbers.begin() + static_cast<ptrdiff_t>(i * count);
        contract::self_test_numbers(output.data.data(), network.scale, network.colors, &*begin);
        if (!std::all_of(begin, begin + static_cast<ptrdiff_t>(count), [](float x) { return std::isfinite(x); }))
            return Error{"at " + std::to_string(channels[i]) +
                         " channels the network computes what is no number for the self-test's picture: its weights "
                         "are too large"};
    }
    return numbers;
}

}  // namespace slimscale::weights
