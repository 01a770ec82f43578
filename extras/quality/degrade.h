// Degradations of pictures before a network sees them: JPEG, noise, blur. The trainer degrades the low-resolution side
// of its patches, evaluations the small image. Both draw from base/random.h, so a seed gives the same pictures
// everywhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "extras/images/image.h"

namespace slimscale::quality {

enum class DegradationKind {
    blur,   // Gaussian; strength: its standard deviation in pixels, 0 to 8. Borders are mirrored
    noise,  // Gaussian, white, independent in every sample; strength: standard deviation on the scale 0..255, 0 to 255
    poisson,  // shot noise; strength: photons of a white sample, 1 to 1e6; fewer photons are noisier
    jpeg,     // libjpeg; strength: quality, 1 to 100. Chroma is kept (4:4:4) or halved (4:2:0), equally likely
    jpeg420,  // JPEG with halved chroma
    jpeg444,  // JPEG with whole chroma
};

// One kind. Its strength is drawn uniformly between low and high (for poisson, the strength's logarithm), and it is
// applied to this share of the pictures.
struct Degradation {
    DegradationKind kind;
    double low = 0, high = 0;
    double share = 1;
};

// "jpeg=75", "blur=0.2-1:0.4,noise=0-8:0.4,jpeg=60-95": kinds with a strength or a range of strengths and, behind a
// colon, the share of pictures. A kind may stand more than once. "photo": kPhotoMixture, what photographs from phones
// and the web look like.
Result<std::vector<Degradation>> parse_degradations(const std::string &text);
constexpr const char *kPhotoMixture = "blur=0.2-1:0.4,noise=0-6:0.4,poisson=400-4000:0.3,jpeg=50-95:0.9";

// Draws which degradations apply, and their order; after each the picture is rounded to 8 bits. The same random numbers
// give the same picture. Precondition: 8 bits, gray or RGB, without alpha. The only errors are libjpeg's.
Result<images::Image> degrade(images::Image picture, const std::vector<Degradation> &degradations,
                              base::Random &random);

// A patch of a picture is degraded with a margin of so many pixels, then cut out. The margin is two JPEG blocks of
// halved chroma, and farther than any blur up to a deviation of 8 reaches visibly.
constexpr int kDegradationMargin = 32;

}  // namespace slimscale::quality
