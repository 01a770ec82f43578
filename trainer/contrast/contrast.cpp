#include "trainer/contrast/contrast.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "trainer/contrast/backbone.h"
#include "trainer/contrast/distances.h"
#include "trainer/random.h"

namespace slimscale::trainer {
namespace {

using torch::Tensor;

constexpr double kSliceWeights[kFeatureSlices] = {1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1};
constexpr double kEpsilon = 1e-7;

// Draws `count` numbers in random order, by the first steps of a Fisher-Yates shuffle.
std::vector<int64_t> drawn(std::vector<int64_t> from, int64_t count, Random random) {
    const auto size = static_cast<int64_t>(from.size());
    for (int64_t i = 0; i < std::min(count, size); i++)
        std::swap(from[i], from[i + static_cast<int64_t>(random.below(static_cast<uint64_t>(size - i)))]);
    from.resize(static_cast<size_t>(std::min(count, size)));
    return from;
}

std::vector<int64_t> range(int64_t begin, int64_t end) {
    std::vector<int64_t> numbers(static_cast<size_t>(end - begin));
    std::iota(numbers.begin(), numbers.end(), begin);
    return numbers;
}

std::vector<int64_t> negatives_of(const ContrastConfig &config, uint64_t seed, int64_t step, int64_t batch,
                                  int64_t anchor) {
    const int64_t count = std::min<int64_t>(config.count, batch);
    switch (config.negatives) {
    case Negatives::paper:
        return range(0, count);
    case Negatives::flipped:
        return range(batch - count, batch);
    case Negatives::others:
        break;
    }
    std::vector<int64_t> others = range(0, batch);
    others.erase(others.begin() + anchor);
    return drawn(others, count,
                 Random(seed, Stream::negatives, static_cast<uint64_t>(step), static_cast<uint64_t>(anchor)));
}

Tensor cropped(const Tensor &images, const ContrastDraw &draw) {
    return images.narrow(2, draw.y, draw.height).narrow(3, draw.x, draw.width);
}

// Bicubic (a = -0.75) or bilinear with half-pixel centers, not clamped, as the authors' nn.Upsample.
Tensor upscaled(const Tensor &low, int scale, Negatives negatives) {
    namespace F = torch::nn::functional;
    const std::vector<int64_t> size = {low.size(2) * scale, low.size(3) * scale};
    auto options = F::InterpolateFuncOptions().size(size).align_corners(false);
    if (negatives == Negatives::flipped)
        return F::interpolate(low, options.mode(torch::kBilinear));
    return F::interpolate(low, options.mode(torch::kBicubic));
}

}  // namespace

ContrastDraw draw_contrast(const ContrastConfig &config, uint64_t seed, int64_t step, int64_t batch, int64_t height,
                           int64_t width) {
    ContrastDraw draw;
    draw.height = config.crop > 0 ? std::min<int64_t>(config.crop, height) : height;
    draw.width = config.crop > 0 ? std::min<int64_t>(config.crop, width) : width;
    Random place(seed, Stream::contrast, static_cast<uint64_t>(step));
    draw.y = static_cast<int64_t>(place.below(static_cast<uint64_t>(height - draw.height + 1)));
    draw.x = static_cast<int64_t>(place.below(static_cast<uint64_t>(width - draw.width + 1)));
    const int64_t anchors = config.images > 0 ? std::min<int64_t>(config.images, batch) : batch;
    for (int64_t anchor = 0; anchor < anchors; anchor++)
        draw.negatives.push_back(negatives_of(config, seed, step, batch, anchor));
    return draw;
}

struct Contrast::State {
    ContrastConfig config;
    int scale;
    uint64_t seed;
    Backbone backbone;
};

Contrast::Contrast() = default;
Contrast::~Contrast() = default;

Result<std::unique_ptr<Contrast>> Contrast::load(const ContrastConfig &config, int scale, uint64_t seed,
                                                 torch::Device device) {
    SLIMSCALE_ASSIGN_OR_RETURN(Backbone backbone, Backbone::load(config.backbone, device));
    std::unique_ptr<Contrast> contrast(new Contrast);
    contrast->state_ = std::make_unique<State>(State{config, scale, seed, std::move(backbone)});
    return contrast;
}

ContrastTargets Contrast::targets(const Tensor &teacher, const Tensor &low, int64_t step) {
    return targets(teacher, low,
                   draw_contrast(state_->config, state_->seed, step, low.size(0), teacher.size(2), teacher.size(3)));
}

ContrastTargets Contrast::targets(const Tensor &teacher, const Tensor &low, const ContrastDraw &draw) {
    torch::NoGradGuard no_grad;
    std::set<int64_t> distinct;
    for (const std::vector<int64_t> &images : draw.negatives)
        distinct.insert(images.begin(), images.end());
    const std::vector<int64_t> images(distinct.begin(), distinct.end());

    ContrastTargets targets{draw, {}, {}, {}};
    for (const std::vector<int64_t> &negatives : draw.negatives) {
        targets.rows.emplace_back();
        for (const int64_t image : negatives)
            targets.rows.back().push_back(std::distance(distinct.begin(), distinct.find(image)));
    }
    const FeatureRange range = state_->config.range;
    const auto anchors = static_cast<int64_t>(draw.negatives.size());
    const Tensor wanted = low.index_select(0, torch::tensor(images, torch::dtype(torch::kLong).device(low.device())));
    const Tensor negatives = cropped(upscaled(wanted, state_->scale, state_->config.negatives), draw);
    targets.teacher = state_->backbone.features(cropped(teacher.narrow(0, 0, anchors), draw), range);
    targets.negatives = state_->backbone.features(negatives, range);
    return targets;
}

Tensor Contrast::loss(const Tensor &student, const ContrastTargets &targets) {
    const auto anchors = static_cast<int64_t>(targets.draw.negatives.size());
    const std::vector<Tensor> features =
        state_->backbone.features(cropped(student.narrow(0, 0, anchors), targets.draw), state_->config.range);
    Tensor loss = torch::zeros({}, student.options());
    for (size_t i = 0; i < features.size(); i++) {
        const Tensor near = torch::l1_loss(features[i], targets.teacher[i]);
        const Tensor far = sum_of_distances(features[i], targets.negatives[i], targets.rows);
        loss = loss + kSliceWeights[i] * near / (far + kEpsilon);
    }
    return loss;
}

}  // namespace slimscale::trainer
