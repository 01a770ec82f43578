// The training pictures, decoded once: originals, what MATLAB's bicubic downscaling makes of them, and what a teacher
// made of that, all in 8 bits.
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
    images::Image teacher{};  // of high's size; 0x0 if there is no teacher
};

struct PictureOptions {
    std::vector<std::string> paths;    // files, and folders without their subfolders
    std::vector<std::string> exclude;  // stems of file names
    std::string teacher;               // folder of a teacher's outputs, one for every picture; "": none
    int scale = 2;
    int colors = 3;        // 3: RGB, 1: gray (luma of BT.601)
    int least_side = 1;    // in high-resolution pixels; smaller pictures are left out and counted
    double memory_gb = 8;  // more is an error that says how much is needed
    int limit = 0;         // how many pictures to load, the first ones; 0: all
};

struct Pictures {
    std::vector<Pair> pairs;
    int too_small = 0, excluded = 0;
    std::vector<std::string>
        unusable;  // files that are left out, unreadable or with transparency: sentences that name them
};

// Loads all pictures that can be used. The errors are a picture without the teacher's output, no picture that is left,
// and more pixels than the memory allows.
Result<Pictures> load_pictures(const PictureOptions &options);

}  // namespace slimscale::trainer
