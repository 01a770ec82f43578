// The figures by which super-resolution results are scored, on one plane of values on the scale 0..255.
#pragma once

#include <cstdint>
#include <vector>

namespace slimscale::quality {

// The smallest side of an image that SSIM's window fits into, in pixels, border not counted.
constexpr int kSsimWindow = 11;

// width * height values, rows first.
struct Plane {
    int width = 0, height = 0;
    std::vector<double> values;
};

// BT.601 luma on the 16..235 scale: (65.738 R + 129.057 G + 25.064 B) / 256 + 16, not rounded.
// rgb: interleaved, 3 bytes a pixel.
std::vector<double> luma(const std::vector<uint8_t> &rgb);

// Mean of the squared differences without a border of `shave` pixels. Precondition: at least one pixel is left.
double mean_squared_error(const Plane &a, const Plane &b, int shave);

// Peak signal-to-noise ratio in dB against a peak of 255; infinity without an error.
double decibels(double mean_squared_error);
double psnr(const Plane &a, const Plane &b, int shave);

// Mean structural similarity (Wang et al. 2004) as their ssim_index.m: Gaussian window of 11x11, sigma 1.5, K = 0.01
// and 0.03, range 255, over the positions where the window fits. Precondition: shave leaves at least 11x11 pixels.
double ssim(const Plane &a, const Plane &b, int shave);

}  // namespace slimscale::quality
