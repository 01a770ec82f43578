// The results of an evaluation: who was measured, on which images, with which scores. Reports are written from it, and
// JSON is read into it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "extras/images/image.h"

namespace slimscale::quality {

struct Score {
    double psnr = 0;  // dB; infinite for equal pictures
    double ssim = 0;  // at most 1
};

// Scores on pictures of 8 bits.
struct Scores {
    Score luma;                // without a border of `scale` pixels
    std::optional<Score> rgb;  // without a border of scale + 6 pixels; color networks only
};

// Borders that are left out, in pixels: that of papers on luma; that of DIV2K on RGB, as in EDSR-PyTorch.
inline int luma_border(int scale) {
    return scale;
}
inline int rgb_border(int scale) {
    return scale + 6;
}

// A network at one width, run by one engine.
struct SubjectName {
    std::string name;     // "carn_m_x2": the model's name, or that of its file without folder and ending
    std::string engine;   // "compiled", "libtorch"
    int channels = 0;     // the width
    std::string setting;  // how it ran: "avx2, 2 threads"
};

struct SubjectScores {
    Scores plain;
    std::optional<Scores> ensemble;  // of the mean of eight orientations, if it was asked for
    double ms = 0;                   // time for the image, without ensemble
};

struct ImageScores {
    std::string image;          // its path
    int width = 0, height = 0;  // of the original, cut to multiples of the scale
    Scores bicubic;
    std::vector<SubjectScores> subjects;  // in the order of Evaluation::subjects
};

struct LeftOut {
    std::string image, sentence;
};

// Pictures of one region of one image, in which the widest network gains most over bicubic.
struct CloseUp {
    struct Picture {
        std::string label;  // "original", "bicubic", "64 channels"
        images::Image image;
        double psnr = 0;  // of the region's luma, dB; infinite for the original
    };
    std::string image;
    int x = 0, y = 0;  // top left corner, pixels
    double gain = 0;   // mean squared error of luma: bicubic's minus the network's
    std::vector<Picture> pictures;
};

struct Evaluation {
    int scale = 0;
    int colors = 3;            // 1: luma networks, which get the images as gray
    bool small_given = false;  // the small images were not made from the originals
    std::string degrade;       // what happened to the small images (parse_degradations); "": nothing
    std::vector<SubjectName> subjects;
    std::vector<ImageScores> images;
    std::vector<std::string> warnings;  // sentences about what the scores can be compared with
    std::vector<LeftOut> left_out;      // images that could not be measured
    std::vector<CloseUp> close_ups;     // largest gain first; only the HTML report shows them
};

// The mean over all images, as an image named "mean". Precondition: there is an image.
ImageScores mean(const Evaluation &evaluation);

}  // namespace slimscale::quality
