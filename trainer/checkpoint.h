// The whole state of a run in one file, so that a resumed run equals an unbroken one to the bit: parameters, averaged
// weights, optimizer moments, the step and the options. Patches, widths and negatives are drawn as functions of the
// step (random.h), so there is no generator or data position to save.
//
// The file is safetensors, which Python tools open, and replaces the old one as a whole, so that a crash or a full disk
// leaves the old one. It has tensors "parameters/<name>", "averaged/<name>", "moments1/<name>" and "moments2/<name>",
// and metadata "format", "step", "seconds", "options" and "moment_steps" (JSON: Adam's count of steps for each tensor).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/status.h"
#include "trainer/config.h"
#include "trainer/slim_network.h"

namespace slimscale::trainer {

struct TrainingState {
    SlimNetwork network{nullptr};
    std::unique_ptr<torch::optim::Optimizer> optimizer;
    std::map<std::string, torch::Tensor> averaged;  // empty without --ema
    int64_t step = 0;                               // steps done
    double seconds = 0;                             // of training, in all processes that continued the run
    std::string options;                            // as the run that wrote it printed them

    // The weights that are validated and written to the trained file: the averaged ones, or the parameters.
    std::map<std::string, torch::Tensor> values() const;
};

// The state before the first step: start values, or those of config.init where it has them. The network is on `device`.
Result<TrainingState> new_state(const Config &config, torch::Device device);

Status save_checkpoint(const std::string &path, const TrainingState &state);

// The options that a checkpoint's run printed. For a checkpoint from before --input-skip existed, they get the line
// that turns it off.
Result<std::string> checkpoint_options(const std::string &path);

// Loads a checkpoint into a state that new_state made with the same network and optimizer. After an error the state
// must not be used.
Status load_checkpoint(const std::string &path, TrainingState *state);

}  // namespace slimscale::trainer
