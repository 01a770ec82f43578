// Distances between an image's features and those of its negatives.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace slimscale::trainer {

// Sum over an anchor's negatives of the mean absolute difference, averaged over anchors: a scalar with gradients into
// `anchors` (n, c, y, x). negatives: (m, c, y, x), rows: by anchor, its negatives among them.
//
// What backward needs, the sum of the differences' signs, is formed along with the sum itself. So the memory is that of
// the anchors, however many negatives there are, where autograd would keep a difference for each.
torch::Tensor sum_of_distances(const torch::Tensor &anchors, const torch::Tensor &negatives,
                               const std::vector<std::vector<int64_t>> &rows);

}  // namespace slimscale::trainer
