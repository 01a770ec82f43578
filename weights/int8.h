// The ranges that a calibrated file holds beside its weights for the data type int8: per width and 3x3 convolution
// between features, the least and the largest input. int8 rounds inputs to bytes between them, and limits those beyond.
// `slimscale quantize` measures them. In the file:
//
//     tensor "int8.<channels>.<convolution>" of shape (2): the least value, at most 0, and the largest, at least 0
//     metadata "int8.<channels>.images" and ".tool"
//
// Ranges have the unit of the runtime's activations, whose convolutions have residual scales folded in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

// The values that bytes stand for. One of them is 0.
struct ByteRange {
    float least = 0, largest = 0;
};

struct Int8Width {
    std::map<std::string, ByteRange> ranges;  // by convolution; least < largest
    int images = 0;                           // number of images that were measured
    std::string tool;                         // "slimscale 0.1.0"
};

// The ranges of one width: those with the least mean square of the error that values get by rounding and, beyond the
// range, by being limited. `counts` is [filter of the blob][contract::kValueBins], with zeros for what was not
// measured. Fails if the network cannot have the width or `counts` has another size.
Result<Int8Width> int8_from(const networks::Network &network, int channels, const std::vector<uint64_t> &counts);

// Moves the ranges from a file's tensors to `widths`. The error is the first fault.
Status take_int8(Safetensors &file, std::map<int, Int8Width> &widths);
// Replaces the file's ranges.
void put_int8(const std::map<int, Int8Width> &widths, Safetensors &file);

// Checks that the network can have every width, and that each has ranges for all 3x3 convolutions between features and
// for no others. The last upsampler convolution may have ranges or not, since it may be compiled into a collapsed tail.
Status check_int8(const networks::Network &network, const std::map<int, Int8Width> &widths);

}  // namespace slimscale::weights
