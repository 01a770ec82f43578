#include "tests/trainer/torch_files.h"

#include <stdexcept>

namespace slimscale::trainer_tests {

using torch::Tensor;

weights::Safetensors load_file(const std::string &path) {
    Result<weights::Safetensors> file = weights::load_safetensors(path);
    if (!file)
        throw std::runtime_error(file.error());
    return std::move(*file);
}

Tensors to_torch(const weights::Safetensors &file) {
    Tensors tensors;
    for (const auto &[name, tensor] : file.tensors) {
        const std::vector<int64_t> shape(tensor.shape.begin(), tensor.shape.end());
        tensors[name] = torch::from_blob(const_cast<float *>(tensor.data.data()), shape).clone();
    }
    return tensors;
}

std::string golden_path(const std::string &name) {
    return SLIMSCALE_SOURCE_DIR "/tests/trainer/data/" + name + ".safetensors";
}

Tensors load_golden(const std::string &name) {
    return to_torch(load_file(golden_path(name)));
}

Tensor thin(const Tensor &tensor) {
    constexpr int64_t kStride = 13;
    return tensor.detach().contiguous().view({-1}).slice(/*dim=*/0, 0, tensor.numel(), kStride);
}

double difference(const Tensor &a, const Tensor &b) {
    return ((a - b).norm() / b.norm()).item<double>();
}

}  // namespace slimscale::trainer_tests
