// From the trained file to the run-time blob (blob_format.h): folded, in blocks of 16 output channels, check-summed.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "weights/model_file.h"

namespace slimscale::weights {

// Filters in the order of networks::lower(model.network, model.network.channels). The same model gives the same bytes.
// Error: check_model's sentence.
Result<std::vector<uint8_t>> pack(const ModelFile &model);

}  // namespace slimscale::weights
