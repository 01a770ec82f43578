// Averages gradients over processes in buckets of some megabytes, in the order in which backward passes finish them.
//
// A bucket is one tensor and one operation: many small ones would each cost the network's latency, and one large one
// would leave nothing to send while later gradients are gathered.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/torch.h>

#include <vector>

namespace slimscale::trainer {

constexpr int64_t kBucketBytes = int64_t{4} << 20;

struct Bucket {
    std::vector<torch::Tensor> parameters;  // those with gradients
    torch::Tensor sum;                      // their gradients one after the other
    c10::intrusive_ptr<c10d::Work> work;
};

// Distributes the parameters with gradients, last ones first, to buckets of `bytes` at most; a larger parameter has its
// own bucket.
std::vector<Bucket> make_buckets(const std::vector<torch::Tensor> &parameters, int64_t bytes = kBucketBytes);

// Starts the sum over processes. in_memory: by a copy in the CPU's memory, for Gloo with gradients on a GPU.
void send(Bucket *bucket, c10d::Backend &backend, bool in_memory);

// Sets the gradients to sum / processes, after the work is done.
void take_average(const Bucket &bucket, int processes);

}  // namespace slimscale::trainer
