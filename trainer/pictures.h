// The training pictures, decoded once: originals and what MATLAB's bicubic makes of them, both in 8 bits.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"

namespace slimscale::trainer {

// 8 bits, RGB or gray.
struct Pair {
    std::string path;
    images::Image high, low;  // high is scale times low
};

struct PictureOptions {
    std::vector<std::string> paths;    // folders (not those in them) and files
    std::vector<std::string> exclude;  // stems of file names
    int scale = 2;
    int colors = 3;        // 3: RGB, 1: gray (luma of BT.601)
    int least_side = 1;    // high-resolution pixels: smaller pictures are left out and counted
    double memory_gb = 8;  // beyond it: an error that says how much is needed
    int limit = 0;         // the first so many; 0: all
};

struct Pictures {
    std::vector<Pair> pairs;
    int too_small = 0, excluded = 0;
    std::vector<std::string>
        unreadable;  // files that are left out because they cannot be read: sentences that name them
};

// All pictures that can be read. An error: one with transparency, no picture that is left, more than the memory given.
Result<Pictures> load_pictures(const PictureOptions &options);

}  // namespace slimscale::trainer
