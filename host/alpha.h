// Transparency. An image program stores any color under a fully transparent pixel, often black; a network or a resize
// would mix it into the visible edge.
#pragma once

#include "extras/images/image.h"

namespace slimscale::host {

// Gives every fully transparent pixel the mean color of those neighbors (of eight) that are nearer to a visible pixel,
// in order of distance. Visible pixels and alpha stay as they are, and so does an image without any visible pixel.
// Linear in the number of pixels; four bytes of scratch per pixel.
void bleed_colors(images::Image &image);

}  // namespace slimscale::host
