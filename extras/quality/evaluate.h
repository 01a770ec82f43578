// Measures networks on a set of originals, which are cut, shrunk by MATLAB's bicubic in 8 bits, upscaled, rounded to 8
// bits once, and compared. Bicubic itself is measured beside the networks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "extras/quality/ensemble.h"
#include "extras/quality/evaluation.h"
#include "extras/quality/pictures.h"

namespace slimscale::quality {

// A network at one width. Its planes are RGB (colors: 3) or luma (1), on the scale 0..255.
struct Subject {
    SubjectName name;
    Upscale upscale;
    // Called before time is taken, with the small image's size, to make plans. May be empty.
    std::function<Status(int width, int height)> prepare;
};

struct EvaluationOptions {
    int scale = 2;
    int colors = 3;
    bool self_ensemble = false;  // measure the self-ensemble too
    bool close_ups = false;      // keep the close-ups that a report shows
    std::string small_folder;    // folder of small images that are given; "": originals are shrunk
    std::string degrade;         // degradations of the small image, which parse_degradations must accept; "": none
};

// What a caller may do for each image. All may be empty.
struct Callbacks {
    std::function<Status(size_t index, const std::string &image)> before;     // an error leaves the image out
    std::function<Status(const std::string &image, const Pictures &)> after;  // likewise
    std::function<void(const LeftOut &)> left_out;
};

// An image that cannot be read or measured, or that a subject fails on, is left out with a sentence; the others go on.
// Precondition: at least one subject. Throws nothing.
Evaluation evaluate(const std::vector<std::string> &images, const std::vector<Subject> &subjects,
                    const EvaluationOptions &options, const Callbacks &callbacks = {});

}  // namespace slimscale::quality
