#include "host/alpha.h"

#include <algorithm>
#include <vector>

namespace slimscale::host {
namespace {

// Goes breadth-first from the visible pixels. Pixels at distance d take their colors only from those at distance d - 1,
// so the order among pixels of one distance does not matter.
template <class Sample>
class Bleed {
public:
    explicit Bleed(images::Image &image)
        : image_(image), samples_(image.samples_as<Sample>()), distance_(image.pixels(), kUnknown) {}

    void run() {
        std::vector<uint32_t> ring, next;
        for (size_t i = 0; i < distance_.size(); i++)
            if (samples_[i * image_.channels + image_.colors()] != 0)
                distance_[i] = 0;
        for (size_t i = 0; i < distance_.size(); i++)
            if (distance_[i] == 0)
                claim_neighbors(static_cast<uint32_t>(i), 1, ring);
        for (int32_t distance = 1; !ring.empty(); distance++) {
            next.clear();
            for (uint32_t pixel : ring) {
                take_mean(pixel, distance - 1);
                claim_neighbors(pixel, distance + 1, next);
            }
            ring.swap(next);
        }
    }

private:
    static constexpr int32_t kUnknown = -1;

    template <class Visit>
    void for_neighbors(uint32_t pixel, Visit visit) {
        const int x = static_cast<int>(pixel % static_cast<uint32_t>(image_.width));
        const int y = static_cast<int>(pixel / static_cast<uint32_t>(image_.width));
        for (int v = y - 1; v <= y + 1; v++)
            for (int u = x - 1; u <= x + 1; u++)
                if (v >= 0 && v < image_.height && u >= 0 && u < image_.width)
                    visit(static_cast<uint32_t>(v) * static_cast<uint32_t>(image_.width) + static_cast<uint32_t>(u));
    }

    void claim_neighbors(uint32_t pixel, int32_t distance, std::vector<uint32_t> &ring) {
        for_neighbors(pixel, [&](uint32_t other) {
            if (distance_[other] == kUnknown) {
                distance_[other] = distance;
                ring.push_back(other);
            }
        });
    }

    void take_mean(uint32_t pixel, int32_t distance) {
        const int colors = std::min(image_.colors(), 3);
        uint32_t sum[3] = {0, 0, 0}, count = 0;
        for_neighbors(pixel, [&](uint32_t other) {
            if (distance_[other] != distance)
                return;
            count++;
            for (int c = 0; c < colors; c++)
                sum[c] += samples_[static_cast<size_t>(other) * image_.channels + c];
        });
        if (count == 0)
            return;  // cannot be: a neighbor put the pixel into its ring
        for (int c = 0; c < colors; c++)
            samples_[static_cast<size_t>(pixel) * image_.channels + c] =
                static_cast<Sample>((sum[c] + count / 2) / count);
    }

    images::Image &image_;
    Sample *samples_;
    std::vector<int32_t> distance_;  // Chebyshev distance to the nearest visible pixel
};

}  // namespace

void bleed_colors(images::Image &image) {
    if (!image.has_alpha())
        return;
    if (image.bits == 8)
        Bleed<uint8_t>(image).run();
    else
        Bleed<uint16_t>(image).run();
}

}  // namespace slimscale::host
