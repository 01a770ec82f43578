#include "extras/quality/close_up.h"

#include <algorithm>

#include "extras/quality/measures.h"

namespace slimscale::quality {
namespace {

constexpr int kSide = 96;  // pixels of a region: enough to know what it shows, small enough to be enlarged
constexpr int kStep = 8;   // pixels between the regions looked at

struct Region {
    int x, y, width, height;
};

// sums[y][x] is the sum over all pixels above and to the left, so that a region's sum needs four values.
class SummedArea {
public:
    explicit SummedArea(const Plane &plane)
        : stride_(static_cast<size_t>(plane.width) + 1), sums_(stride_ * (static_cast<size_t>(plane.height) + 1)) {
        for (size_t y = 1; y * stride_ < sums_.size(); y++) {
            double row = 0;
            for (size_t x = 1; x < stride_; x++) {
                row += plane.values[(y - 1) * (stride_ - 1) + x - 1];
                sums_[y * stride_ + x] = sums_[(y - 1) * stride_ + x] + row;
            }
        }
    }
    double of(const Region &r) const {
        return at(r.x + r.width, r.y + r.height) - at(r.x, r.y + r.height) - at(r.x + r.width, r.y) + at(r.x, r.y);
    }

private:
    double at(int x, int y) const { return sums_[static_cast<size_t>(y) * stride_ + static_cast<size_t>(x)]; }

    size_t stride_;
    std::vector<double> sums_;
};

double square(double x) {
    return x * x;
}

// For each pixel, bicubic's squared error on luma minus the network's.
SummedArea gains(const Pictures &pictures, const images::Image &result) {
    Plane original = luma_plane(pictures.original);
    const Plane bicubic = luma_plane(pictures.bicubic), ours = luma_plane(result);
    for (size_t i = 0; i < original.values.size(); i++)
        original.values[i] =
            square(bicubic.values[i] - original.values[i]) - square(ours.values[i] - original.values[i]);
    return SummedArea(original);
}

Region largest_gain(const SummedArea &gains, int width, int height) {
    Region best{0, 0, std::min(kSide, width), std::min(kSide, height)};
    double most = gains.of(best);
    for (int y = 0; y + best.height <= height; y += kStep)
        for (int x = 0; x + best.width <= width; x += kStep) {
            const Region region{x, y, best.width, best.height};
            if (gains.of(region) <= most)
                continue;
            most = gains.of(region);
            best = region;
        }
    return best;
}

}  // namespace

CloseUp close_up(const std::string &image, const Pictures &pictures, const std::vector<SubjectName> &subjects) {
    const auto widest = std::max_element(subjects.begin(), subjects.end(),
                                         [](const auto &a, const auto &b) { return a.channels < b.channels; });
    const SummedArea gain = gains(pictures, pictures.results[static_cast<size_t>(widest - subjects.begin())]);
    const Region r = largest_gain(gain, pictures.original.width, pictures.original.height);
    CloseUp result{image, r.x, r.y, gain.of(r) / (static_cast<double>(r.width) * r.height), {}};
    const auto part = [&](const images::Image &picture) { return cropped(picture, r.x, r.y, r.width, r.height); };
    const Plane original = luma_plane(part(pictures.original));
    const auto add = [&](const std::string &label, const images::Image &picture) {
        const images::Image shown = part(picture);
        result.pictures.push_back({label, shown, psnr(original, luma_plane(shown), /*shave=*/0)});
    };
    add("original", pictures.original);
    add("bicubic", pictures.bicubic);
    for (size_t i = 0; i < subjects.size(); i++)
        add(std::to_string(subjects[i].channels) + " channels", pictures.results[i]);
    return result;
}

void keep_close_up(CloseUp close_up, std::vector<CloseUp> &kept) {
    kept.push_back(std::move(close_up));
    std::stable_sort(kept.begin(), kept.end(), [](const auto &a, const auto &b) { return a.gain > b.gain; });
    if (kept.size() > kCloseUps)
        kept.resize(kCloseUps);
}

}  // namespace slimscale::quality
