// The pictures that are compared, made as papers make them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/quality/degrade.h"

namespace slimscale::quality {

// Of one image; all have 8 bits and are gray or RGB.
struct Pictures {
    images::Image original;               // sides cut to multiples of the scale
    images::Image small, bicubic;         // shrunk by MATLAB's bicubic, and enlarged again by it
    std::vector<images::Image> results;   // one per subject
    std::vector<images::Image> averages;  // their self-ensembles; empty if not asked for
};

images::Image cropped(const images::Image &image, int x, int y, int width, int height);

// By MATLAB's bicubic; 8 bits.
images::Image resized(const images::Image &image, int width, int height);

// As networks of `colors` channels see it, in 8 bits without alpha and metadata: color becomes gray for luma networks
// (colors: 1), gray becomes RGB for the others, and the sides are cut to multiples of the scale.
images::Image as_original(images::Image image, int scale, int colors);

// Where the small image comes from.
struct SmallImages {
    int scale = 2;
    int colors = 3;
    // A folder of small images by the originals' file names (any of the endings that are read); "": the originals are
    // shrunk by MATLAB's bicubic.
    std::string folder;
    // What then happens to it, drawn from the original's file name and this seed; empty: nothing.
    std::vector<Degradation> degradations;
    uint64_t seed = 1;
};

// Reads the original and makes what needs no network. Images with transparency or too small to measure are refused, and
// small images whose size is not that of the original, cut to a multiple of the scale, divided by it.
Status make_pictures(const std::string &path, const SmallImages &small, Pictures &pictures);

}  // namespace slimscale::quality
