// The pictures of one image that are compared, made as papers make them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/quality/degrade.h"

namespace slimscale::quality {

// All have 8 bits and are gray or RGB.
struct Pictures {
    images::Image original;               // sides cut to multiples of the scale
    images::Image small, bicubic;         // shrunk, or given, then degraded; enlarged again by MATLAB's bicubic
    std::vector<images::Image> results;   // one per subject
    std::vector<images::Image> averages;  // their self-ensembles; empty if not asked for
};

images::Image cropped(const images::Image &image, int x, int y, int width, int height);

// Resizes by MATLAB's bicubic, in 8 bits.
images::Image resized(const images::Image &image, int width, int height);

// The image as networks of so many colors see it, in 8 bits without alpha and metadata: color becomes gray for luma
// networks (colors: 1), gray becomes RGB for others, and the sides are cut to multiples of the scale.
images::Image as_original(images::Image image, int scale, int colors);

// Reads the image of `folder` that belongs to an original: the PNG or JPEG of the same file name. It comes as
// as_original() makes it. The errors are a missing image, another size than width x height, and transparency.
Result<images::Image> read_counterpart(const std::string &folder, const std::string &original, int width, int height,
                                       int colors);

// How small images are made.
struct SmallImages {
    int scale = 2;
    int colors = 3;
    // A folder of small images with the originals' file names (and any ending that is read); "": MATLAB's bicubic
    // shrinks the originals.
    std::string folder;
    // Degradations of the small image, drawn from the original's file name and the seed; empty: none.
    std::vector<Degradation> degradations;
    uint64_t seed = 1;
};

// Reads the original and makes the pictures that need no network. Refused are images with transparency, images too
// small to measure, and given small images whose size is not that of the cut original divided by the scale.
Status make_pictures(const std::string &path, const SmallImages &small, Pictures &pictures);

}  // namespace slimscale::quality
