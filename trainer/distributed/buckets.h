// Gradients averaged over processes: in buckets of some megabytes, in the order in which backward passes finish them.
//
// A bucket is one tensor and one operation: many small ones would each pay the network's latency, one large one would
// leave nothing to send while later gradients are gathered.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/torch.h>

#include <vector>

namespace slimscale::trainer {

constexpr int64_t kBucketBytes = int64_t{4} << 20;

struct Bucket {
    std::vector<torch::Tensor> parameters;  // that have gradients
    torch::Tensor sum;                      // their gradients in one row
    c10::intrusive_ptr<c10d::Work> work;
};

// Parameters with gradients, last ones first, `bytes` to a bucket; a larger parameter has one of its own.
std::vector<Bucket> make_buckets(const std::vector<torch::Tensor> &parameters, int64_t bytes = kBucketBytes);

// Starts the sum over processes. in_memory: through a copy in the CPU's memory (Gloo with gradients on a GPU).
void send(Bucket *bucket, c10d::Backend &backend, bool in_memory);

// After the work is done: gradients = sum / processes.
void take_average(const Bucket &bucket, int processes);

}  // namespace slimscale::trainer
