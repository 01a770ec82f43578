// Packs a trained file into the blob that the runtime reads (contract/blob_format.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "weights/model_file.h"

namespace slimscale::weights {

// Filters are in the order of networks::lower(model.network, model.network.channels). `self_test_channels` are channel
// counts, in any order, that the runtime's self-test finds its numbers for (weights/self_test.h, which takes time); at
// others it compares targets with each other. The same arguments give the same bytes. The error is that of check_model,
// or of self_test_numbers.
Result<std::vector<uint8_t>> pack(const ModelFile &model, const std::vector<int> &self_test_channels = {});

}  // namespace slimscale::weights
