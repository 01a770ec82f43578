// The weights that a row of the variant list was compiled from. Needs SLIMSCALE_SOURCE_DIR and SLIMSCALE_RANDOM_MODELS.
#pragma once

#include <stdexcept>
#include <string>

#include "generators/variants.h"
#include "weights/model_file.h"

namespace slimscale::generators {

inline weights::ModelFile load_file(const Variant &variant) {
    const bool trained = variant.weights == std::string("zoo");
    const std::string folder = trained ? SLIMSCALE_SOURCE_DIR "/weights/zoo" : SLIMSCALE_RANDOM_MODELS;
    const auto file = weights::load_model(folder + "/" + model_name(variant) + ".safetensors");
    if (!file)
        throw std::runtime_error(file.error());
    return *file;
}

}  // namespace slimscale::generators
