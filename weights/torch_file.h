// Files of torch.save (.pth, .pt, .ckpt): the zip archive that PyTorch has written since 1.6, and the older form. They
// are read without PyTorch and without running their code (unpickler.h). Dictionaries, lists and objects that hold
// tensors may be nested; a whole torch.nn.Module is such an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

bool is_torch_file(const uint8_t *bytes, size_t size);  // by its first bytes

// Every tensor, named by the keys and attributes that lead to it with dots between them:
// "params_ema.conv_first.weight". Numbers, texts, and tensors of complex, quantized or 8-bit floating-point numbers are
// left out. The error says what is damaged, or what the file needs that is not supported.
Result<Safetensors> parse_torch_file(const uint8_t *bytes, size_t size);

// Reads a file of torch.save or safetensors, told apart by its content. Tensors of types that are not read are left
// out.
Result<Safetensors> load_checkpoint(const std::string &path);

}  // namespace slimscale::weights
