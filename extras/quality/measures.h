// Scores of pictures against one original.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/quality/evaluation.h"
#include "extras/quality/metrics.h"

namespace slimscale::quality {

// Checks that an original of this size is large enough for all its measures.
Status check_measurable(int width, int height, int scale, int colors);

// The luma of a gray or RGB picture; gray counts as three equal colors.
Plane luma_plane(const images::Image &image);

class Measures {
public:
    // Preconditions: the original has 8 bits, is gray (for luma networks, without scores on RGB) or RGB, and is
    // measurable.
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
