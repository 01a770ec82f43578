// The contrastive loss of CSD (Wang et al., arXiv 2105.11683, equations 4 and 5): in the feature space of a pretrained
// network, a student's output is pulled towards the teacher's and pushed away from plain upscalings.
//
//     loss = sum over slices i of w_i * d(f_i(teacher), f_i(student)) / (sum over negatives of d(f_i(negative), f_i(student)) + 1e-7)
//
// d: mean absolute difference; w = 1/32, 1/16, 1/8, 1/4, 1.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "trainer/config.h"
#include "weights/result.h"

namespace slimscale::trainer {

class Backbone;

// What all students of one step are compared with. Holds no gradients.
struct ContrastTargets {
    std::vector<torch::Tensor> teacher;                 // per slice
    std::vector<std::vector<torch::Tensor>> negatives;  // per slice, one per negative: as many images as anchors
    int x = 0, y = 0, side = 0;                         // the crop, high-resolution pixels
    int64_t images = 0;                                 // anchors, from the batch's start
};

class Contrast {
public:
    // Loads the backbone. Errors name the file and, if it is missing, where such weights are published.
    static weights::Result<std::unique_ptr<Contrast>> load(const ContrastConfig &config, int scale, uint64_t seed,
                                                           torch::Device device);
    ~Contrast();

    // teacher: (n, 3, scale*y, scale*x), low: (n, 3, y, x), both 0..255. The draw of negatives and of the crop is a
    // function of seed and step. Batches of one image have no others: only `paper` works then.
    ContrastTargets targets(const torch::Tensor &teacher, const torch::Tensor &low, int64_t step);

    // A scalar with gradients into `student`: (n, 3, scale*y, scale*x), 0..255. Not multiplied by lambda.
    torch::Tensor loss(const torch::Tensor &student, const ContrastTargets &targets);

private:
    Contrast();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace slimscale::trainer
