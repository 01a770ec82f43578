// The graph made ready to compile: a list of steps, each one call (or a few strided calls) of a compiled pipeline.
// These rewrites keep the result: a constant scale folds into the convolution before it; ReLU, PReLU, residual add and
// pixel shuffle become a convolution's output stage, and adding the enlarged input that of the last one; global average
// pooling -> 1x1 -> ReLU -> 1x1 -> sigmoid becomes row_sum and squeeze_excite, mul + add becomes one step; the last
// upsampler convolution and the tail become one convolution where nothing but the shuffle stands between them. The plan
// writer prints a Program as C (contract/model.h has the same fields), and weights/pack takes its list of filters.
#pragma once

#include <string>
#include <vector>

#include "contract/operation.h"
#include "networks/networks.h"

namespace slimscale::networks {

using StepKind = contract::Operation;

// How a tail behind an upsampler convolution without ReLU or groups is lowered: both as one collapsed_tail, or as the
// conv3x3 and the tail that the network has.
enum class Tail { collapsed, plain };

struct Tensor {
    int channels;
    int scale;
    int rank;  // 3: c,x,row   2: c,row (row sums)   1: c (attention factors)
};

// One filter of the blob: a convolution's tensors, what is folded into them, and how the blob arranges them. Filters
// are listed in the order of first use; recursive blocks list theirs once. Every width lists the same filters.
struct Filter {
    std::string name;  // tensors "<name>.weight", "<name>.bias"
    int inputs;        // at width 1.0: of one group
    int outputs;       // at width 1.0: of one shuffle phase, all groups
    int kernel;
    int groups;          // at width 1.0
    int shuffle;         // s; phases = s*s
    double factor;       // multiplies weight and bias
    bool prelu = false;  // "<name>.slope" belongs to it, too
};

struct Step {
    StepKind kind = StepKind::conv3x3;
    // Channels of one pipeline call: of one group, shuffle phase and concatenated segment. squeeze_excite: `cout` is
    // the squeezed count. collapsed_tail: there are `cin` channels between its two convolutions as well.
    int cin = 0, cout = 0;
    int groups = 1;
    int shuffle = 1;
    bool relu = false;   // after `add`
    bool prelu = false;  // after `add`, with the filter's slopes
    // tail, collapsed_tail: tensors[0], the image, is added to the result, every pixel repeated over the output's scale
    bool input_skip = false;
    std::vector<int> inputs;        // tensors; of attention: the volume, then its factors
    int add = -1;                   // the tensor that is added, or -1
    int output = -1;                // tensor
    int filter = -1, filter2 = -1;  // squeeze_excite: squeeze, expand; collapsed_tail: upsampler, tail
    int segment_stride = 0;         // conv1x1: segment s starts at the filter's input channel s*segment_stride
    int input_scale = 1;            // of the grid that the step computes on, before the shuffle
};

struct Program {
    int channels = 0;             // the width: outputs of the head
    std::vector<Tensor> tensors;  // each written by one step; tensors[0] is the loaded image
    std::vector<Filter> filters;
    std::vector<Step> steps;   // the last one writes the image: tensors.back()
    bool whole_frame = false;  // global average pooling: cannot run in bands
};

// Lowers a network at one of its widths, or a graph. The error names the wrong field or width, or the first node that
// no pipeline computes.
Result<Program> lower(const Network &network, int channels, Tail tail = Tail::collapsed);
Result<Program> lower(const Graph &graph, Tail tail = Tail::collapsed);

// The pipeline that a step calls, and its name: "conv3x3_add_64_64".
contract::Pipeline pipeline_of(const Step &step);
std::string pipeline_name(const Step &step);

}  // namespace slimscale::networks
