// What a generated model archive holds: plain C data, written by the plan writer (compiler/plan_writer) and read by the
// executor. This header is not installed: library and archives come from one build, which open() checks by `abi`. All
// data is constant and lives as long as the program or library that holds it.
//
// A plan is a list of steps over tensors. Tensors are activations at `scale` times the input's resolution, laid out
// c, x, row (c innermost). Steps call compiled pipelines through their argv entry, with the arguments that
// contract/blocks.inc declares.
#ifndef SLIMSCALE_CONTRACT_MODEL_H
#define SLIMSCALE_CONTRACT_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define SLIMSCALE_MODEL_ABI 10

typedef struct slimscale_tensor {
    int32_t channels;
    int32_t scale;  // 1, 2, 3, 4: resolution relative to the input
    int32_t rank;   // 3: c,x,row   2: c,row (row sums)   1: c (attention factors)
} slimscale_tensor;

// Tensor 0 is the loaded image (channels = colors, scale 1). The last step writes the image at full scale.
typedef struct slimscale_step {
    int32_t kind;        // an operation: its place in contract/operations.inc
    int32_t pipeline;    // index into slimscale_compiled_target.pipelines
    int32_t cin, cout;   // channels of one pipeline call (one group, one shuffle phase, one concatenated segment)
    int32_t groups;      // along channels: group g reads and writes from channel g*cin, g*cout
    int32_t shuffle;     // 1, 2, 3, 4: phase p of shuffle^2 writes pixel (s*x + p%s, s*y + p/s)
    int32_t relu;        // 1: the output is max(0, .)
    int32_t prelu;       // 1: the output is PReLU of it, with the filter's slopes
    int32_t input_skip;  // 1: tensor 0, every pixel repeated over the output's scale, is added to the output
    int32_t input_count;
    int32_t inputs[4];  // tensors
    int32_t add;        // tensor added before the ReLU, or -1
    int32_t output;     // tensor
    int32_t filter;     // index into the blob's filter table, or -1
    int32_t filter2;    // squeeze_excite: the second 1x1 (filter is the first); collapsed_tail: the tail (filter is the
                        // upsampler); else -1
    int32_t segment_stride;  // conv1x1: segment s starts at the filter's input channel s*segment_stride
    int32_t input_scale;     // scale of the grid that the step computes on (before the shuffle)
} slimscale_step;

typedef struct slimscale_network_plan {
    int32_t channels;  // the width, as a channel count
    int32_t tensor_count;
    int32_t step_count;
    int32_t whole_frame;  // 1: has global average pooling, so it cannot run in bands
    const slimscale_tensor *tensors;
    const slimscale_step *steps;
} slimscale_network_plan;

typedef int (*slimscale_pipeline)(void **arguments);  // Halide's argv entry; returns 0 or an error code

typedef enum slimscale_device_kind {
    SLIMSCALE_DEVICE_CPU = 0,
    SLIMSCALE_DEVICE_CUDA = 1,
    SLIMSCALE_DEVICE_OPENCL = 2,
    SLIMSCALE_DEVICE_VULKAN = 3
} slimscale_device_kind;

// contract::DataType of contract/target.h, in C. Images, row sums and attention factors are f32 in all of them.
typedef enum slimscale_data_type {
    SLIMSCALE_DATA_F32 = 0,
    SLIMSCALE_DATA_F16 = 1,
    SLIMSCALE_DATA_Q16 = 2,
    SLIMSCALE_DATA_BF16 = 3,
    SLIMSCALE_DATA_INT8 = 4
} slimscale_data_type;

// What a device target has besides the pipelines of the steps, for images that lie in the device's memory
// (generators/README.md, "Images on devices").
typedef enum slimscale_image_pipeline {
    SLIMSCALE_LOAD_U8,   // load_u8_<colors>: of formats of such words
    SLIMSCALE_LOAD_U16,  // load_u16_<colors>
    SLIMSCALE_LOAD_U32,  // load_u32_<colors>
    SLIMSCALE_STORE_U8,  // store_u8_<colors>
    SLIMSCALE_STORE_U16,
    SLIMSCALE_STORE_U32,
    SLIMSCALE_CLEAR,  // clear
    SLIMSCALE_IMAGE_PIPELINES
} slimscale_image_pipeline;

typedef struct slimscale_code {  // what a GPU's driver loads
    const void *data;            // an ELF cubin, or PTX, which ends with a zero byte
    uint64_t size;
} slimscale_code;

// Where a device target computes a 3x3 convolution by Winograd: indices of its three pipelines in
// slimscale_compiled_target.pipelines. input < 0: the step's own pipeline computes it.
typedef struct slimscale_winograd {
    int32_t input, product, output;
} slimscale_winograd;

typedef struct slimscale_compiled_target {
    const char *name;  // "naive", "baseline", "avx2", "neon", "cuda", "cuda_f16"
    // The pipeline_count of the steps; on devices the SLIMSCALE_IMAGE_PIPELINES follow, then winograd_pipelines. An
    // entry is null, and has no code, where `winograd` names three pipelines in its place.
    const slimscale_pipeline *pipelines;
    const uint64_t *scratch_bytes;  // [pipeline_count]: the most that one worker holds at a time, for one group of a
                                    // step; null on devices
    int32_t device;                 // slimscale_device_kind
    int32_t data_type;              // slimscale_data_type
    int32_t architecture_count;     // CUDA only
    const int32_t *architectures;   // compute capabilities, ascending: 86 is 8.6. The first is 0: PTX
    const slimscale_code *code;     // [pipeline, as in `pipelines`][architecture]
    int32_t winograd_pipelines;     // distinct ones, behind the image pipelines
    const slimscale_winograd *winograd;  // [pipeline_count]; null: no step is computed by Winograd
} slimscale_compiled_target;

struct slimscale_model {
    uint32_t abi;         // SLIMSCALE_MODEL_ABI
    const char *name;     // "carn_m_x2"
    const char *network;  // "carn_m"
    int32_t scale, colors;
    int32_t max_channels;     // of the network at width 1.0
    int32_t segment_slicing;  // as in the blob: the plans' segment strides depend on it
    int32_t plan_count;       // widths, narrowest first
    const slimscale_network_plan *plans;
    const int32_t *channels;  // [plan_count], of the plans
    int32_t pipeline_count;
    const char *const *pipeline_names;  // "conv3x3_16_16": for messages and reports
    int32_t target_count;               // best first
    const slimscale_compiled_target *targets;
    const char *const *target_names;  // [target_count], as in targets
    const void *blob;                 // the linked weights, blob_size bytes, or null
    size_t blob_size;
};

#endif
