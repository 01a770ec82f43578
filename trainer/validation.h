// Validation during training: PSNR of luma on whole images, per width.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "extras/quality/planes.h"
#include "trainer/pictures.h"
#include "trainer/slim_network.h"

namespace slimscale::trainer {

// In dB, as means over the images without a border of `scale` pixels, as the papers measure.
struct Validation {
    std::map<int, double> psnr;  // by width
};

Validation validate(SlimNetworkImpl &network, const std::vector<Pair> &pairs, const std::vector<int> &widths,
                    torch::Device device);
double bicubic_psnr(const std::vector<Pair> &pairs, int scale);

// Replaces the network's parameters by `values` while it lives and restores them afterwards.
class ScopedWeights {
public:
    ScopedWeights(SlimNetworkImpl &network, const std::map<std::string, torch::Tensor> &values);
    ~ScopedWeights();
    ScopedWeights(const ScopedWeights &) = delete;
    ScopedWeights &operator=(const ScopedWeights &) = delete;

private:
    SlimNetworkImpl &network_;
    std::map<std::string, torch::Tensor> own_;
};

// Runs one image through one width. Planes are those of extras/quality/planes.h.
quality::Planes upscale(SlimNetworkImpl &network, const quality::Planes &small, int channels, torch::Device device);
images::Image upscale(SlimNetworkImpl &network, const images::Image &small, int channels, torch::Device device);

images::Image bicubic(const Pair &pair);  // the low image enlarged

}  // namespace slimscale::trainer
