#include "quality/metrics.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace slimscale::quality {
namespace {

constexpr double kPeak = 255;
constexpr int kWindow = 11;

struct Plane {
    int width, height;
    std::vector<double> data;

    double at(int x, int y) const {
        return data[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
    }
};

Plane shaved(const std::vector<double> &values, int width, int height, int shave) {
    const Plane whole{width, height, values};
    Plane inner{width - 2 * shave, height - 2 * shave, {}};
    for (int y = shave; y < height - shave; y++)
        for (int x = shave; x < width - shave; x++)
            inner.data.push_back(whole.at(x, y));
    return inner;
}

std::array<double, kWindow> gaussian() {
    constexpr double kSigma = 1.5;
    constexpr int kCenter = kWindow / 2;
    std::array<double, kWindow> weights;
    double sum = 0;
    for (int i = 0; i < kWindow; i++) {
        const double d = i - kCenter;
        sum += weights[static_cast<size_t>(i)] = std::exp(-d * d / (2 * kSigma * kSigma));
    }
    for (double &weight : weights)
        weight /= sum;
    return weights;
}

// Gaussian mean of f(x, y) at every position where the window fits: rows, then columns.
template <typename Value>
Plane windowed_mean(int width, int height, Value &&f) {
    static const std::array<double, kWindow> weights = gaussian();
    Plane rows{width - kWindow + 1, height, {}};
    for (int y = 0; y < rows.height; y++) {
        for (int x = 0; x < rows.width; x++) {
            double sum = 0;
            for (int i = 0; i < kWindow; i++)
                sum += weights[static_cast<size_t>(i)] * f(x + i, y);
            rows.data.push_back(sum);
        }
    }
    Plane means{rows.width, height - kWindow + 1, {}};
    for (int y = 0; y < means.height; y++) {
        for (int x = 0; x < means.width; x++) {
            double sum = 0;
            for (int i = 0; i < kWindow; i++)
                sum += weights[static_cast<size_t>(i)] * rows.at(x, y + i);
            means.data.push_back(sum);
        }
    }
    return means;
}

}  // namespace

std::vector<double> luma(const std::vector<uint8_t> &rgb) {
    std::vector<double> y(rgb.size() / 3);
    for (size_t i = 0; i < y.size(); i++)
        y[i] = (65.738 * rgb[3 * i] + 129.057 * rgb[3 * i + 1] + 25.064 * rgb[3 * i + 2]) / 256 + 16;
    return y;
}

double psnr(const std::vector<double> &a, const std::vector<double> &b, int width, int height, int shave) {
    const Plane p = shaved(a, width, height, shave), q = shaved(b, width, height, shave);
    double squares = 0;
    for (size_t i = 0; i < p.data.size(); i++)
        squares += (p.data[i] - q.data[i]) * (p.data[i] - q.data[i]);
    if (squares == 0)
        return std::numeric_limits<double>::infinity();
    return 10 * std::log10(kPeak * kPeak * static_cast<double>(p.data.size()) / squares);
}

double ssim(const std::vector<double> &a, const std::vector<double> &b, int width, int height, int shave) {
    constexpr double kC1 = 0.01 * kPeak * 0.01 * kPeak, kC2 = 0.03 * kPeak * 0.03 * kPeak;
    const Plane p = shaved(a, width, height, shave), q = shaved(b, width, height, shave);
    const auto mean_of = [&](auto &&f) { return windowed_mean(p.width, p.height, f); };
    const Plane mean_p = mean_of([&](int x, int y) { return p.at(x, y); });
    const Plane mean_q = mean_of([&](int x, int y) { return q.at(x, y); });
    const Plane mean_pp = mean_of([&](int x, int y) { return p.at(x, y) * p.at(x, y); });
    const Plane mean_qq = mean_of([&](int x, int y) { return q.at(x, y) * q.at(x, y); });
    const Plane mean_pq = mean_of([&](int x, int y) { return p.at(x, y) * q.at(x, y); });

    double sum = 0;
    for (size_t i = 0; i < mean_p.data.size(); i++) {
        const double mp = mean_p.data[i], mq = mean_q.data[i];
        const double variances = mean_pp.data[i] - mp * mp + mean_qq.data[i] - mq * mq;
        const double covariance = mean_pq.data[i] - mp * mq;
        sum += (2 * mp * mq + kC1) * (2 * covariance + kC2) / ((mp * mp + mq * mq + kC1) * (variances + kC2));
    }
    return sum / static_cast<double>(mean_p.data.size());
}

}  // namespace slimscale::quality
