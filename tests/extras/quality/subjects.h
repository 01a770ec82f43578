// The pictures and networks of measures_reference.py.
#pragma once

#include "base/status.h"
#include "extras/quality/evaluate.h"

namespace slimscale::quality {

// original() of the reference.
images::Image reference_original(int width, int height);

// Repeats pixels.
Status nearest(const Planes &small, Planes &large);

// Differs between orientations: a slope on top of nearest.
Status slanted(const Planes &small, Planes &large);

// MATLAB's bicubic in double precision, not rounded.
Status bicubic(const Planes &small, Planes &large);

Subject subject(const std::string &name, int channels, Upscale upscale);

}  // namespace slimscale::quality
