// What a calibrated file holds beside its weights for the fixed-point data type q16: per width and convolution, how
// large the inputs become. A 3x3's are those that Winograd's F(4x4, 3x3) has transformed (winograd.h), at each of its
// 36 Winograd-domain elements. q16 scales them to 16 bits by it. They are measured by `slimscale quantize`; in the
// file:
//
//     tensor "q16.<channels>.<convolution>" of shape (6, 6): rows are Winograd-domain elements along y, columns
//         along x; or, of a 1x1 convolution, of shape (1)
//     metadata "q16.<channels>.images", ".headroom", ".tool" and, if tested, ".test_images", ".saturation"
//
// in units of the activations as the runtime has them (residual scales folded into the convolutions before).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

struct Q16Width {
    std::map<std::string, std::vector<float>> ranges;  // by convolution: 36, index k + 6*l, or 1; more than 0
    int images = 0;                                    // that they were measured on
    double headroom = 1;                               // times the largest value measured
    int test_images = 0;                               // others, which they were tested on; 0: not tested
    double saturation = 0;                             // share of their transformed values beyond the ranges
    std::string tool;                                  // "slimscale 0.1.0"
};

// The ranges of one width from what was measured, [filter of the blob][36], of 1x1 the first alone: every value times
// `headroom`. A Winograd-domain element that stayed near zero gets a share of the convolution's largest, so that no
// range is zero.
Result<Q16Width> ranges_from(const networks::Network &network, int channels, const std::vector<float> &measured,
                             double headroom);

// Moves the ranges out of a file's tensors. Success or the first fault.
Status take_ranges(Safetensors &file, std::map<int, Q16Width> &widths);
// Removes the widths whose 1x1 convolutions have no ranges, since they were calibrated by an earlier version. They
// count as uncalibrated.
void drop_widths_without_1x1(const networks::Network &network, std::map<int, Q16Width> &widths);
// Writes them into the file in the place of any that it has.
void put_ranges(const std::map<int, Q16Width> &widths, Safetensors &file);

// Success if every width is one that the network has, with ranges of all convolutions between features and of no
// others. The last upsampler convolution may have some: it is one unless it is compiled into a collapsed tail.
Status check_ranges(const networks::Network &network, const std::map<int, Q16Width> &widths);

}  // namespace slimscale::weights
