// A trained file's tensors for the plain loops of networks/reference.
#pragma once

#include <vector>

#include "networks/reference/reference.h"
#include "weights/model_file.h"

namespace slimscale::weights {

inline reference::Tensor reference_tensor(const Tensor &tensor) {
    return {std::vector<int>(tensor.shape.begin(), tensor.shape.end()), tensor.data};
}

inline reference::Weights reference_weights(const ModelFile &model) {
    reference::Weights tensors;
    for (const auto &[name, tensor] : model.tensors)
        tensors[name] = reference_tensor(tensor);
    return tensors;
}

}  // namespace slimscale::weights
