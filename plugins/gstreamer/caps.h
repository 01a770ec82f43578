// The caps of the element's two pads: each pad's from the other's.
#pragma once

#include <gst/video/video.h>

namespace slimscale::plugins {

// Caps of raw, progressive frames in system memory, of any size, in the formats of models with so many colors (0: of
// any model). The caller owns the result, as below.
GstCaps *any_caps(int colors);

// The other pad's caps: for each structure of `caps`, one with the same format and then one with all formats and with
// open colorimetry. `larger`: the other pad's frames are `scale` times as wide and high; otherwise they are that much
// smaller, and sizes without a whole quotient drop out.
GstCaps *scaled_caps(const GstCaps *caps, int scale, int colors, bool larger);

// Writes the input's colorimetry into output caps that leave it open: GStreamer's defaults depend on the height, so
// that 576 lines enlarged to 1152 would change theirs. `out` is fixed and writable.
void pass_colors(const GstCaps *in, GstCaps *out);

}  // namespace slimscale::plugins
