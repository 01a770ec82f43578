// Files of torch.save (.pth, .pt, .ckpt): the zip archive that PyTorch writes since 1.6, and the form before it. Read
// without PyTorch and without running anything (unpickler.h): dictionaries and lists of tensors, nested at will.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

bool is_torch_file(const uint8_t *bytes, size_t size);  // by its first bytes

// Every tensor, by the keys on the way to it with dots between them: "params_ema.conv_first.weight". Numbers, texts and
// whatever else lies beside them is left out. Errors say what is damaged, or what the file wants that is not read.
Result<Safetensors> parse_torch_file(const uint8_t *bytes, size_t size);

// A file of torch.save or safetensors, by its content.
Result<Safetensors> load_checkpoint(const std::string &path);

}  // namespace slimscale::weights
