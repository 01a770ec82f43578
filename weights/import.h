// Other people's checkpoints (converted to safetensors, with their tensor names) as trained files of ours. Understood:
// EDSR and RCAN as in EDSR-PyTorch, CARN and CARN-M as in CARN-pytorch, EDSR, RCAN and CARN as in CSD, compact as in
// Real-ESRGAN (SRVGGNetCompact). A "module." or
// "model." before every name is taken off.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/model_file.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

struct ImportOptions {
    std::string network = "auto";               // a preset's name, then the checkpoint must match it
    std::string name;                           // of the result; empty: the matching preset's
    int scale = 0;                              // 0: the checkpoint's only one
    std::optional<networks::Slicing> slicing;   // unset: as the checkpoint was trained, per segment if that is open
    std::optional<double> res_scale;            // unset: the matching preset's; tensors do not tell it
    std::optional<double> range;                // of values inside the network; unset: from the mean-shift tensors
    std::optional<std::array<double, 3>> mean;  // shares of the range; unset: networks::Network's
    std::vector<int> trained_widths;            // channel counts; empty: the full width alone
    std::string license, source, notes;
};

// Errors name the tensor that is missing, mis-shaped or left over, or the option that is needed.
Result<ModelFile> import_checkpoint(const Safetensors &checkpoint, const ImportOptions &options);

}  // namespace slimscale::weights
