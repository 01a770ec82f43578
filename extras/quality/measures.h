// Scores of pictures against one original.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/quality/evaluation.h"
#include "extras/quality/metrics.h"

namespace slimscale::quality {

// Whether the original is large enough for all its measures.
Status check_measurable(int width, int height, int scale, int colors);

// Of the gray or RGB picture's luma; gray counts as three equal colors.
Plane luma_plane(const images::Image &image);

class Measures {
public:
    // 8 bits, gray (luma networks: no scores on RGB) or RGB; measurable.
    Measures(const images::Image &original, int scale);

    // Precondition: `picture` has the original's size and channels.
    Scores of(const images::Image &picture) const;

    const Plane &original_luma() const { return luma_; }

private:
    Score rgb_score(const images::Image &picture) const;

    int scale_;
    Plane luma_;
    std::vector<Plane> rgb_;  // empty for gray
};

}  // namespace slimscale::quality
