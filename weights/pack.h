// Packs a trained file into the blob that the runtime reads (contract/blob_format.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "weights/model_file.h"

namespace slimscale::weights {

// Filters are in the order of networks::lower(model.network, model.network.channels). The same model gives the same
// bytes. The error is that of check_model.
Result<std::vector<uint8_t>> pack(const ModelFile &model);

}  // namespace slimscale::weights
