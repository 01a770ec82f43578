// The pictures that are compared, made as papers make them.
#pragma once

#include <string>
#include <vector>

#include "images/image.h"

namespace slimscale::quality {

// Of one image; all have 8 bits and are gray or RGB.
struct Pictures {
    images::Image original;               // sides cut to multiples of the scale
    images::Image small, bicubic;         // shrunk by MATLAB's bicubic, and enlarged again by it
    std::vector<images::Image> results;   // one per subject
    std::vector<images::Image> averages;  // their self-ensembles; empty if not asked for
};

images::Image cropped(const images::Image &image, int x, int y, int width, int height);

// Reads the original and makes what needs no network. Color becomes gray for luma networks (colors: 1), gray becomes
// RGB for the others, 16 bits become 8. Images with transparency or too small to measure are refused.
std::string make_pictures(const std::string &path, int scale, int colors, Pictures &pictures);

}  // namespace slimscale::quality
