#include "extras/quality/measures.h"

#include "extras/images/channels.h"

namespace slimscale::quality {
namespace {

Plane channel(const images::Image &image, int c) {
    Plane plane{image.width, image.height, std::vector<double>(image.pixels())};
    const size_t channels = static_cast<size_t>(image.channels);
    for (size_t i = 0; i < plane.values.size(); i++)
        plane.values[i] = image.samples[i * channels + static_cast<size_t>(c)];
    return plane;
}

}  // namespace

Status check_measurable(int width, int height, int scale, int colors) {
    const int least = kSsimWindow + 2 * (colors == 3 ? rgb_border(scale) : luma_border(scale));
    if (width >= least && height >= least)
        return Status();
    return Error{"too small to measure: at least " + std::to_string(least) + " pixels a side are needed"};
}

Plane luma_plane(const images::Image &image) {
    return {image.width, image.height, luma(image.channels == 1 ? images::gray_to_rgb(image).samples : image.samples)};
}

Measures::Measures(const images::Image &original, int scale) : scale_(scale), luma_(luma_plane(original)) {
    for (int c = 0; original.channels == 3 && c < 3; c++)
        rgb_.push_back(channel(original, c));
}

Scores Measures::of(const images::Image &picture) const {
    const Plane y = luma_plane(picture);
    Scores scores;
    scores.luma = {psnr(luma_, y, luma_border(scale_)), ssim(luma_, y, luma_border(scale_))};
    if (!rgb_.empty())
        scores.rgb = rgb_score(picture);
    return scores;
}

// PSNR is that of the error over all three channels, as in EDSR-PyTorch; SSIM is the mean of the channels' SSIM.
Score Measures::rgb_score(const images::Image &picture) const {
    double error = 0, similarity = 0;
    for (size_t c = 0; c < rgb_.size(); c++) {
        const Plane plane = channel(picture, static_cast<int>(c));
        error += mean_squared_error(rgb_[c], plane, rgb_border(scale_));
        similarity += ssim(rgb_[c], plane, rgb_border(scale_));
    }
    const double channels = static_cast<double>(rgb_.size());
    return {decibels(error / channels), similarity / channels};
}

}  // namespace slimscale::quality
