#include "trainer/compact.h"

#include "trainer/checkpoint_names.h"
#include "weights/safetensors.h"

namespace slimscale::trainer {

Status compact_checkpoint(const std::string &from, const std::string &to) {
    SLIMSCALE_ASSIGN_OR_RETURN(weights::Safetensors file, weights::load_safetensors(from));
    if (file.metadata["format"] != kFormat)
        return Error{from + ": this is no checkpoint"};
    for (auto &[name, tensor] : file.tensors)
        tensor.store_bf16 = name.rfind(kMoments1, 0) == 0 || name.rfind(kMoments2, 0) == 0;
    return weights::save_safetensors(to, file);
}

}  // namespace slimscale::trainer
