// What the two pads of the element may carry, given what the other one does.
#pragma once

#include <gst/video/video.h>

namespace slimscale::plugins {

// Raw, progressive frames in system memory, of any size, in the formats of models with so many colors (0: of any).
GstCaps *any_caps(int colors);

// Of the other pad, for each structure: first in its own format, then in all others, in which case the colors are open
// too. `larger`: the other pad's frames are `scale` times as wide and high, else they are that much smaller, and sizes
// without a whole quotient drop out.
GstCaps *scaled_caps(const GstCaps *caps, int scale, int colors, bool larger);

// Writes the input's colors into output caps that leave them open: GStreamer's defaults go by height, so that 576 lines
// enlarged to 1152 would change theirs. `out` is fixed and writable.
void pass_colors(const GstCaps *in, GstCaps *out);

}  // namespace slimscale::plugins
