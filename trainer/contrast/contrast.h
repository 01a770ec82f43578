// The contrastive loss of CSD (Wang et al., arXiv 2105.11683, equations 4 and 5): in the feature space of a pretrained
// network, a student's output is pulled towards the teacher's and pushed away from plain upscalings.
//
//     loss = sum over slices i of w_i * d(f_i(teacher), f_i(student)) /
//                                 (sum over negatives of d(f_i(negative), f_i(student)) + 1e-7)
//
// d is the mean absolute difference over all anchors, channels and pixels of a step; w is 1/32, 1/16, 1/8, 1/4, 1.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "base/status.h"
#include "trainer/config.h"

namespace slimscale::trainer {

// The random choices of a step. Anchors are the first images of the batch, and all have the same crop.
struct ContrastDraw {
    int64_t x = 0, y = 0, width = 0, height = 0;  // the crop, high-resolution pixels
    std::vector<std::vector<int64_t>> negatives;  // by anchor: indices of images in the batch
};

// The draw is a function of seed and step. height and width are those of the high-resolution images. Negatives:
//     others   `count` other images, drawn anew for every anchor, none of them twice
//     paper    the first `count` images of the batch, the same for every anchor, which may be among them; the authors'
//              lr[torch.randperm(count)] is the same, since a sum does not depend on the order
//     flipped  the last `count` images, likewise (MindSpore version)
// A batch of fewer images gives fewer negatives; with `others`, a single image has none.
ContrastDraw draw_contrast(const ContrastConfig &config, uint64_t seed, int64_t step, int64_t batch, int64_t height,
                           int64_t width);

// Features that all students of one step are compared with, without gradients.
struct ContrastTargets {
    ContrastDraw draw;
    // By slice: (anchors, channels, y, x), and (images, channels, y, x) of all images that are negatives, each once.
    std::vector<torch::Tensor> teacher, negatives;
    std::vector<std::vector<int64_t>> rows;  // by anchor: indices of its negatives in `negatives`
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

    // A scalar, not multiplied by lambda, with gradients into `student`, which is (n, 3, scale*y, scale*x), 0..255.
    torch::Tensor loss(const torch::Tensor &student, const ContrastTargets &targets);

private:
    Contrast();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace slimscale::trainer
