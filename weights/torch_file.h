// Files of torch.save (.pth, .pt, .ckpt): the zip archive that PyTorch has written since 1.6, and the older form. They
// are read without PyTorch and without running their code (unpickler.h). Dictionaries and lists of tensors may be
// nested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

bool is_torch_file(const uint8_t *bytes, size_t size);  // by its first bytes

// Every tensor, named by the keys that lead to it with dots between them: "params_ema.conv_first.weight". Numbers,
// texts and other objects are left out. The error says what is damaged, or what the file needs that is not supported.
Result<Safetensors> parse_torch_file(const uint8_t *bytes, size_t size);

// Reads a file of torch.save or safetensors, told apart by its content.
Result<Safetensors> load_checkpoint(const std::string &path);

}  // namespace slimscale::weights
