// The arguments of the pipelines load and store for a frame's formats: the coefficients of frames/colors.h, and where
// the components of images lie.
#pragma once

#include "contract/call.h"
#include "runtime/executor/buffers.h"
#include "runtime/frames/colors.h"

namespace slimscale::runtime::gpu {

// A component of an image, as pipelines see it: words (x, y) from 0.
struct Words {
    unsigned char *origin;
    halide_type_t type;
    Dim columns, rows;
};
// Of `count` of the component's rows, from row `first` on.
Words words_of(const slimscale_image &image, int component, int first, int count);

// What a call of load computes.
struct LoadCall {
    int components[3];  // of the image
    float weights[3][3], shifts[3];
    Resampling columns, rows;
    int width, height;  // of components 1 and 2, in samples
};
LoadCall load_call(const Loading &loading);
// Every number becomes the code of one component.
LoadCall code_call(const slimscale_image &image, int component);
// Sets all arguments but buffers and row0. `call` must have been made for the image's format.
void set_arguments(const LoadCall &call, const slimscale_image &image, contract::Call &arguments);

// What a call of store computes: the components of the output's full resolution, or its subsampled chroma.
struct StoreCall {
    int components[4];  // of the output; where it lacks one, another is repeated
    bool alpha;         // whether the last one is alpha
    bool chroma;
    bool takes[4];  // which of the input's codes, and whether its alpha, the output is made from too
};
StoreCall store_call(const Storing &storing, bool chroma);
// Sets all arguments but buffers, base, ring and row0.
void set_arguments(const StoreCall &call, const Storing &storing, contract::Call &arguments);

}  // namespace slimscale::runtime::gpu
