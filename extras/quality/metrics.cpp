#include "extras/quality/metrics.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace slimscale::quality {
namespace {

constexpr double kPeak = 255;
constexpr double kC1 = 0.01 * kPeak * 0.01 * kPeak, kC2 = 0.03 * kPeak * 0.03 * kPeak;

using Weights = std::array<double, kSsimWindow>;

Weights gaussian() {
    constexpr double kSigma = 1.5;
    constexpr int kCenter = kSsimWindow / 2;
    Weights weights;
    double sum = 0;
    for (int i = 0; i < kSsimWindow; i++) {
        const double d = i - kCenter;
        sum += weights[static_cast<size_t>(i)] = std::exp(-d * d / (2 * kSigma * kSigma));
    }
    for (double &weight : weights)
        weight /= sum;
    return weights;
}

const double *row_of(const Plane &plane, int y, int shave) {
    return plane.values.data() + static_cast<size_t>(y) * static_cast<size_t>(plane.width) + shave;
}

// The means over the window that the formula needs of both pictures.
enum Moment { kMeanA, kMeanB, kMeanAA, kMeanBB, kMeanAB, kMoments };
using Rows = std::array<std::vector<double>, kMoments>;

// Walks down both pictures with the last eleven rows of moments, averaged along x, in a ring: a row's data stays in the
// caches, and every loop over x is a sum of contiguous products, which compilers vectorize.
class Ssim {
public:
    Ssim(const Plane &a, const Plane &b, int shave)
        : a_(a), b_(b), shave_(shave), width_(a.width - 2 * shave), height_(a.height - 2 * shave),
          positions_(width_ - kSsimWindow + 1) {
        for (std::vector<double> &row : products_)
            row.resize(static_cast<size_t>(width_));
        for (Rows &rows : ring_)
            for (std::vector<double> &row : rows)
                row.resize(static_cast<size_t>(positions_));
        for (std::vector<double> &row : means_)
            row.resize(static_cast<size_t>(positions_));
    }

    double mean() {
        double sum = 0;
        for (int y = 0; y < height_; y++) {
            average_along_x(y);
            if (y >= kSsimWindow - 1)
                sum += similarity_of_row(y);
        }
        return sum / (static_cast<double>(positions_) * (height_ - kSsimWindow + 1));
    }

private:
    void average_along_x(int y) {
        const double *a = row_of(a_, y + shave_, shave_), *b = row_of(b_, y + shave_, shave_);
        for (int x = 0; x < width_; x++) {
            const auto i = static_cast<size_t>(x);
            products_[kMeanA][i] = a[x];
            products_[kMeanB][i] = b[x];
            products_[kMeanAA][i] = a[x] * a[x];
            products_[kMeanBB][i] = b[x] * b[x];
            products_[kMeanAB][i] = a[x] * b[x];
        }
        Rows &rows = ring_[static_cast<size_t>(y % kSsimWindow)];
        for (size_t m = 0; m < kMoments; m++) {
            std::array<const double *, kSsimWindow> shifted;
            for (size_t i = 0; i < shifted.size(); i++)
                shifted[i] = products_[m].data() + i;
            weigh(shifted, rows[m].data());
        }
    }

    // The row of windows that ends with row y.
    double similarity_of_row(int y) {
        for (size_t m = 0; m < kMoments; m++) {
            std::array<const double *, kSsimWindow> above;
            for (int i = 0; i < kSsimWindow; i++)
                above[static_cast<size_t>(i)] = ring_[static_cast<size_t>((y + 1 + i) % kSsimWindow)][m].data();
            weigh(above, means_[m].data());
        }
        double sum = 0;
        for (size_t i = 0; i < static_cast<size_t>(positions_); i++) {
            const double a = means_[kMeanA][i], b = means_[kMeanB][i];
            const double variances = means_[kMeanAA][i] - a * a + means_[kMeanBB][i] - b * b;
            const double covariance = means_[kMeanAB][i] - a * b;
            sum += (2 * a * b + kC1) * (2 * covariance + kC2) / ((a * a + b * b + kC1) * (variances + kC2));
        }
        return sum;
    }

    void weigh(const std::array<const double *, kSsimWindow> &rows, double *out) const {
        for (int x = 0; x < positions_; x++) {
            double sum = 0;
            for (size_t i = 0; i < kSsimWindow; i++)
                sum += weights_[i] * rows[i][x];
            out[x] = sum;
        }
    }

    const Plane &a_, &b_;
    const int shave_, width_, height_;
    const int positions_;  // number of places of the window along x
    const Weights weights_ = gaussian();
    Rows products_;  // products of one row of pixels
    std::array<Rows, kSsimWindow> ring_;
    Rows means_;
};

}  // namespace

std::vector<double> luma(const std::vector<uint8_t> &rgb) {
    std::vector<double> y(rgb.size() / 3);
    for (size_t i = 0; i < y.size(); i++)
        y[i] = (65.738 * rgb[3 * i] + 129.057 * rgb[3 * i + 1] + 25.064 * rgb[3 * i + 2]) / 256 + 16;
    return y;
}

double mean_squared_error(const Plane &a, const Plane &b, int shave) {
    const int width = a.width - 2 * shave, height = a.height - 2 * shave;
    double squares = 0;
    for (int y = shave; y < shave + height; y++) {
        const double *p = row_of(a, y, shave), *q = row_of(b, y, shave);
        for (int x = 0; x < width; x++)
            squares += (p[x] - q[x]) * (p[x] - q[x]);
    }
    return squares / (static_cast<double>(width) * height);
}

double decibels(double mean_squared_error) {
    if (mean_squared_error == 0)
        return std::numeric_limits<double>::infinity();
    return 10 * std::log10(kPeak * kPeak / mean_squared_error);
}

double psnr(const Plane &a, const Plane &b, int shave) {
    return decibels(mean_squared_error(a, b, shave));
}

double ssim(const Plane &a, const Plane &b, int shave) {
    return Ssim(a, b, shave).mean();
}

}  // namespace slimscale::quality
