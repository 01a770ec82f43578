// The contrastive loss of CSD (Wang et al., arXiv 2105.11683, equations 4 and 5): in the feature space of a pretrained
// network, a student's output is pulled towards the teacher's and pushed away from plain upscalings.
//
//     loss = sum over slices i of w_i * d(f_i(teacher), f_i(student)) /
//                                 (sum over negatives of d(f_i(negative), f_i(student)) + 1e-7)
//
// d: mean absolute difference over all anchors, channels and pixels of a step; w = 1/32, 1/16, 1/8, 1/4, 1.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "base/status.h"
#include "trainer/config.h"

namespace slimscale::trainer {

// What is random about a step. Anchors are the first images of the batch; all take the same crop.
struct ContrastDraw {
    int64_t x = 0, y = 0, width = 0, height = 0;  // the crop, high-resolution pixels
    std::vector<std::vector<int64_t>> negatives;  // by anchor: images of the batch
};

// A function of seed and step. height, width: of the high-resolution images. Negatives:
//     others   `count` other images, drawn anew for every anchor, none of them twice
//     paper    the first `count` images of the batch, the same for every anchor and the own one among them: what the
//              authors' lr[torch.randperm(count)] comes to, since a sum does not ask for their order
//     flipped  the last `count` images likewise (MindSpore version)
// A batch that has fewer gives fewer; a single image has no others.
ContrastDraw draw_contrast(const ContrastConfig &config, uint64_t seed, int64_t step, int64_t batch, int64_t height,
                           int64_t width);

// What all students of one step are compared with. Holds no gradients.
struct ContrastTargets {
    ContrastDraw draw;
    // Per slice: (anchors, channels, y, x), and every image that is somebody's negative once.
    std::vector<torch::Tensor> teacher, negatives;
    std::vector<std::vector<int64_t>> rows;  // by anchor: its negatives' places in `negatives`
};

class Contrast {
public:
    // Loads the backbone. Errors name the file and, if it is missing, where such weights are published.
    static Result<std::unique_ptr<Contrast>> load(const ContrastConfig &config, int scale, uint64_t seed,
                                                  torch::Device device);
    ~Contrast();

    // teacher: (n, 3, scale*y, scale*x), low: (n, 3, y, x), both 0..255.
    ContrastTargets targets(const torch::Tensor &teacher, const torch::Tensor &low, int64_t step);
    ContrastTargets targets(const torch::Tensor &teacher, const torch::Tensor &low, const ContrastDraw &draw);

    // A scalar with gradients into `student`: (n, 3, scale*y, scale*x), 0..255. Not multiplied by lambda.
    torch::Tensor loss(const torch::Tensor &student, const ContrastTargets &targets);

private:
    Contrast();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace slimscale::trainer
