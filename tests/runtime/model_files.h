// The compiled test models, with the files that they were compiled from.
#pragma once

#include <string>
#include <vector>

#include "networks/reference/volume.h"
#include "slimscale/slimscale.h"
#include "weights/model_file.h"

extern "C" const slimscale_model *const slimscale_models[];  // null-terminated

namespace slimscale::test {

struct TestModel {
    const slimscale_model *model;
    slimscale_model_info info;
    weights::ModelFile file;
    reference::Weights weights;
};

slimscale_model_info describe(const slimscale_model *model);
std::vector<const slimscale_model *> all_models();
const slimscale_model *model_named(const std::string &name);
// Reads the file again.
TestModel load(const slimscale_model *model, const std::string &folder = SLIMSCALE_SOURCE_DIR "/tests/golden/data");

}  // namespace slimscale::test
