// The models that a plugin has compiled in, by the names that its users write.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "slimscale/slimscale.h"

namespace slimscale::plugins {

struct Model {
    const slimscale_model *archive;
    std::string name;           // "edsr_small_x2"
    int scale;                  // output pixels per input pixel, each way
    int colors;                 // 3: RGB, 1: luma
    std::vector<int> channels;  // trained channel counts, ascending; never empty
};

// The models with trained weights, in the order of the bundle.
const std::vector<Model> &models();

std::string model_names();  // "carn_m_x2, edsr_small_x2"

// The model called `name`. "" is the first color model at x2, as on the command line; in a bundle without one it is the
// first of all models, while the command line prefers color and then the smallest scale. The error for an unknown name
// lists the models.
Result<const Model *> find_model(const std::string &name);

// Checks that `channels` is 0, which leaves the choice to the library, or a trained channel count.
Status check_channels(const Model &model, int channels);

struct Close {
    void operator()(slimscale_handle *s) const { slimscale_close(s); }
};

}  // namespace slimscale::plugins
