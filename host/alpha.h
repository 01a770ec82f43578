// Transparency. Image programs store any color under a fully transparent pixel, often black, which a network or a
// resize would mix into the visible edge.
#pragma once

#include "extras/images/image.h"

namespace slimscale::host {

// Gives every fully transparent pixel the mean color of those neighbors (of eight) that are nearer to a visible pixel,
// in order of distance. Visible pixels and alpha stay as they are, and so does an image without any visible pixel. Time
// is linear in the number of pixels; memory is four bytes per pixel.
void bleed_colors(images::Image &image);

}  // namespace slimscale::host
