// The pictures that are compared, made as papers make them.
#pragma once

#include <string>
#include <vector>

#include "extras/images/image.h"

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

// Reads the original and makes what needs no network. Images with transparency or too small to measure are refused.
std::string make_pictures(const std::string &path, int scale, int colors, Pictures &pictures);

}  // namespace slimscale::quality
