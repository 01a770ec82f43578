#include "trainer/distributed/buckets.h"

namespace slimscale::trainer {

using torch::Tensor;

std::vector<Bucket> make_buckets(const std::vector<Tensor> &parameters, int64_t bytes) {
    std::vector<Bucket> buckets;
    int64_t filled = bytes;
    for (auto parameter = parameters.rbegin(); parameter != parameters.rend(); ++parameter) {
        if (!parameter->grad().defined())
            continue;
        const auto size = static_cast<int64_t>(parameter->grad().nbytes());
        if (filled + size > bytes) {
            buckets.emplace_back();
            filled = 0;
        }
        buckets.back().parameters.push_back(*parameter);
        filled += size;
    }
    return buckets;
}

void send(Bucket *bucket, c10d::Backend &backend, bool in_memory) {
    std::vector<Tensor> rows;
    for (const Tensor &parameter : bucket->parameters)
        rows.push_back(parameter.grad().reshape({-1}));
    bucket->sum = torch::cat(rows);
    if (in_memory)
        bucket->sum = bucket->sum.to(torch::kCPU);
    std::vector<Tensor> tensors{bucket->sum};
    bucket->work = backend.allreduce(tensors);
}

void take_average(const Bucket &bucket, int processes) {
    const torch::NoGradGuard no_grad;
    int64_t start = 0;
    for (const Tensor &parameter : bucket.parameters) {
        Tensor gradient = parameter.grad();
        gradient.copy_(bucket.sum.narrow(0, start, gradient.numel()).view(gradient.sizes()));
        gradient.div_(processes);
        start += gradient.numel();
    }
}

}  // namespace slimscale::trainer
