// The self-ensemble ("+" in papers): a network sees a picture in its eight orientations, and the results, turned back,
// are averaged before they are rounded, as EDSR-PyTorch's forward_x8 does.
#pragma once

#include <functional>

#include "base/status.h"
#include "extras/quality/planes.h"

namespace slimscale::quality {

// Sizes `large`, and upscales `small` into it.
using Upscale = std::function<Status(const Planes &small, Planes &large)>;

// Bit 0: mirrored left to right; bit 1: upside down; bit 2: rows and columns then change places.
constexpr int kOrientations = 8;

Planes oriented(const Planes &planes, int orientation);
Planes restored(const Planes &planes, int orientation);  // undoes oriented()

// `upright` is what `upscale` gave for `small` itself, which is not computed again. `mean` is not rounded.
Status self_ensemble(const Upscale &upscale, const Planes &small, const Planes &upright, Planes &mean);

}  // namespace slimscale::quality
