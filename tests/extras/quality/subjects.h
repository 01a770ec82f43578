// The pictures and networks of measures_reference.py.
#pragma once

#include "base/status.h"
#include "extras/quality/evaluate.h"

namespace slimscale::quality {

// The reference's original().
images::Image reference_original(int width, int height);

// Repeats pixels.
Status nearest(const Planes &small, Planes &large);

// Not the same in all orientations: a slope on top of nearest.
Status slanted(const Planes &small, Planes &large);

// MATLAB's in double, rounded by nobody.
Status bicubic(const Planes &small, Planes &large);

Subject subject(const std::string &name, int channels, Upscale upscale);

}  // namespace slimscale::quality
