// The ranges that a calibrated file holds beside its weights for the fixed-point data type q16: per width and
// convolution, how large the inputs become. For a 3x3 convolution these are the inputs that Winograd's F(4x4, 3x3) has
// transformed (contract/winograd.h), at each of the 36 Winograd-domain elements. q16 scales inputs to 16 bits by them.
// `slimscale quantize` measures them. In the file:
//
//     tensor "q16.<channels>.<convolution>" of shape (6, 6): rows are Winograd-domain elements along y, columns
//         along x; or, of a 1x1 convolution, of shape (1)
//     metadata "q16.<channels>.images", ".headroom", ".tool" and, if tested, ".test_images", ".saturation"
//
// Ranges have the unit of the runtime's activations, whose convolutions have residual scales folded in.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

struct Q16Width {
    std::map<std::string, std::vector<float>> ranges;  // by convolution: 36, index k + 6*l, or 1; positive
    int images = 0;                                    // number of images that were measured
    double headroom = 1;                               // range / largest value measured
    int test_images = 0;                               // number of other images, for the test; 0: not tested
    double saturation = 0;                             // share of values beyond the ranges in the test
    std::string tool;                                  // "slimscale 0.1.0"
};

// The ranges of one width: the measured values times `headroom`. `measured` is [filter of the blob][36], of which a 1x1
// has only the first. A Winograd-domain element that stayed near zero gets a share of its convolution's largest range,
// so that no range is zero. Fails if the network cannot have the width or `measured` has another size.
Result<Q16Width> ranges_from(const networks::Network &network, int channels, const std::vector<float> &measured,
                             double headroom);

// Moves the ranges from a file's tensors to `widths`. The error is the first fault.
Status take_ranges(Safetensors &file, std::map<int, Q16Width> &widths);
// Removes the widths that have 1x1 convolutions without any ranges: an early version calibrated them, and they count as
// uncalibrated.
void drop_widths_without_1x1(const networks::Network &network, std::map<int, Q16Width> &widths);
// Replaces the file's ranges.
void put_ranges(const std::map<int, Q16Width> &widths, Safetensors &file);

// Checks that the network can have every width, and that each has ranges for all convolutions between features and for
// no others. The last upsampler convolution may have ranges or not, since it may be compiled into a collapsed tail.
Status check_ranges(const networks::Network &network, const std::map<int, Q16Width> &widths);

}  // namespace slimscale::weights
