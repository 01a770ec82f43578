// The whole state of a run in one file, so that a resumed run goes on bit for bit: parameters, averaged weights,
// optimizer moments, step, the options. Patches, widths and negatives are drawn as functions of the step (random.h), so
// there is no generator or data position to save.
//
// safetensors (Python tools open it), written beside the old one and renamed: a crash or a full disk leaves the old
// one. Tensors "parameters/<name>", "averaged/<name>", "moments1/<name>", "moments2/<name>"; metadata "format", "step",
// "seconds", "options", "moment_steps" (JSON: Adam's own count per tensor).
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
    double seconds = 0;                             // of training, over all sessions
    std::string options;                            // as printed by the run that wrote it

    // What is validated and shipped.
    std::map<std::string, torch::Tensor> values() const;
};

// Start values; `init` taken over. The network is on `device`.
Result<TrainingState> new_state(const Config &config, torch::Device device);

// "" on success.
Status save_checkpoint(const std::string &path, const TrainingState &state);

// The options that a checkpoint's run printed. Those written before --input-skip existed gain the line that says so.
Result<std::string> checkpoint_options(const std::string &path);

// Into a state made by new_state with the same network and optimizer. On an error the state is not to be used.
Status load_checkpoint(const std::string &path, TrainingState *state);

}  // namespace slimscale::trainer
