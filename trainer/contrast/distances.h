// Distances between an image's features and those of its negatives.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace slimscale::trainer {

// The sum over an anchor's negatives of the mean absolute difference, averaged over anchors: a scalar with gradients
// into `anchors` (n, c, y, x). `negatives` is (m, c, y, x); `rows` has the indices of each anchor's negatives in it.
//
// The backward pass needs only the sum of the differences' signs, which is computed together with the sum itself. The
// memory is therefore that of the anchors for any number of negatives, while autograd would keep a difference for each.
torch::Tensor sum_of_distances(const torch::Tensor &anchors, const torch::Tensor &negatives,
                               const std::vector<std::vector<int64_t>> &rows);

}  // namespace slimscale::trainer
