// Converts other people's checkpoints to trained files. These are recognized by the names of their tensors: EDSR of
// EDSR-PyTorch, BasicSR, mmagic and CSD; RCAN of EDSR-PyTorch (its authors' names), BasicSR and CSD; CARN and CARN-M of
// CARN-pytorch, CARN of CSD; SRVGGNetCompact of Real-ESRGAN, as compact. A prefix that all names of a network have in
// common is found and removed.
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
    std::string network = "auto";               // a preset that the checkpoint must match; "auto": any network
    std::string name;                           // of the result; "": the matching preset's, or made from its size
    std::optional<std::string> prefix;          // of the network's tensors; unset: the only one, or averaged weights
    int scale = 0;                              // 0: the checkpoint's only one
    std::optional<networks::Slicing> slicing;   // unset: as its authors train, per segment if they do not slice
    std::optional<double> res_scale;            // unset: the matching preset's, since tensors do not tell it
    std::optional<double> range;                // of values inside the network; unset: from the mean-shift tensors
    std::optional<std::array<double, 3>> mean;  // shares of the range; unset: networks::Network's
    std::vector<int> trained_widths;            // channel counts; empty: the full width only
    std::string license, source, notes;
};

// What was found in a checkpoint, for messages.
struct ImportReport {
    std::string layout;                 // "EDSR of BasicSR"
    std::string prefix;                 // "params_ema.", or ""
    std::vector<std::string> rejected;  // prefixes of other networks that are there too
    std::vector<std::string> skipped;   // names of tensors that no convolution of the network uses, sorted
};

// The error names the tensor that is missing, has a wrong shape or belongs to another network, the option that is
// needed, or the conventions that the names resemble. Values such as the mean's are compared at the precision that the
// checkpoint stores them in. `report` may be null.
Result<ModelFile> import_checkpoint(const Safetensors &checkpoint, const ImportOptions &options,
                                    ImportReport *report = nullptr);

}  // namespace slimscale::weights
