// Other people's checkpoints as trained files of ours. Understood by their tensors' names: EDSR of EDSR-PyTorch,
// BasicSR, mmagic and CSD; RCAN of EDSR-PyTorch (its authors' names), BasicSR and CSD; CARN and CARN-M of CARN-pytorch,
// CARN of CSD; SRVGGNetCompact of Real-ESRGAN, as compact. Whatever stands before all names of a network is found and
// taken off.
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
    std::string name;                           // of the result; empty: the matching preset's, or made of its size
    std::optional<std::string> prefix;          // of the network's tensors; unset: the only one, or averaged weights
    int scale = 0;                              // 0: the checkpoint's only one
    std::optional<networks::Slicing> slicing;   // unset: as the checkpoint was trained, per segment if that is open
    std::optional<double> res_scale;            // unset: the matching preset's; tensors do not tell it
    std::optional<double> range;                // of values inside the network; unset: from the mean-shift tensors
    std::optional<std::array<double, 3>> mean;  // shares of the range; unset: networks::Network's
    std::vector<int> trained_widths;            // channel counts; empty: the full width alone
    std::string license, source, notes;
};

// What was found in a checkpoint, for a message.
struct ImportReport {
    std::string layout;                 // "EDSR of BasicSR"
    std::string prefix;                 // "params_ema.", or ""
    std::vector<std::string> rejected;  // prefixes of other networks that are there too
    std::vector<std::string> skipped;   // names of tensors that no convolution of the network uses, sorted
};

// Values are compared at the precision that the checkpoint stores them in. Errors name the tensor that is missing,
// mis-shaped or of another network, the option that is needed, or what the names resemble. `report` may be null.
Result<ModelFile> import_checkpoint(const Safetensors &checkpoint, const ImportOptions &options,
                                    ImportReport *report = nullptr);

}  // namespace slimscale::weights
