// How super-resolution results are scored: on luma, with a border of `shave` pixels left out, 8-bit scale.
#pragma once

#include <cstdint>
#include <vector>

namespace slimscale::quality {

// BT.601 luma on the 16..235 scale: (65.738 R + 129.057 G + 25.064 B) / 256 + 16, not rounded.
// rgb: interleaved, 3 bytes a pixel.
std::vector<double> luma(const std::vector<uint8_t> &rgb);

// Peak signal-to-noise ratio in dB against a peak of 255; infinity for equal pictures. a, b: width * height values,
// rows first. Precondition: shave leaves at least one pixel.
double psnr(const std::vector<double> &a, const std::vector<double> &b, int width, int height, int shave);

// Mean structural similarity (Wang et al. 2004) as their ssim_index.m: Gaussian window of 11x11, sigma 1.5, K = 0.01
// and 0.03, range 255, over the positions where the window fits. Precondition: shave leaves at least 11x11 pixels.
double ssim(const std::vector<double> &a, const std::vector<double> &b, int width, int height, int shave);

}  // namespace slimscale::quality
