// How a convolution by Winograd in three kernels (generators/README.md, "Winograd in three pipelines") goes over its
// rows: in chunks, so that its intermediates, each 2.25 times its tensor, take bounded memory. Pure arithmetic.
#pragma once

#include "runtime/plan/layout.h"

namespace slimscale::runtime {

struct TileChunk {
    int columns, rows;       // tiles; a step's last chunk may have fewer rows
    int64_t input_element;   // values between two of the 36 Winograd-domain elements
    int64_t output_element;  // likewise of the products
    size_t products;         // bytes from the transformed inputs' start to the products
    size_t bytes;            // of both
};

TileChunk tile_chunk(const slimscale_step &step, const TensorLayout *tensors, const FrameLayout &frame);

// The three Winograd pipelines of a step, or null if the step calls its own pipeline.
const slimscale_winograd *winograd_of(const slimscale_compiled_target &target, const slimscale_step &step);

// The bytes that the largest chunk of a plan takes.
size_t chunk_bytes(const slimscale_network_plan &plan, const slimscale_compiled_target &target,
                   const TensorLayout *tensors, const FrameLayout &frame);

}  // namespace slimscale::runtime
