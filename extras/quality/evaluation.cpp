#include "extras/quality/evaluation.h"

namespace slimscale::quality {
namespace {

void add(Score &sum, const Score &score, double share) {
    sum.psnr += score.psnr * share;
    sum.ssim += score.ssim * share;
}

void add(Scores &sum, const Scores &scores, double share) {
    add(sum.luma, scores.luma, share);
    if (!scores.rgb)
        return;
    if (!sum.rgb)
        sum.rgb.emplace();
    add(*sum.rgb, *scores.rgb, share);
}

void add(SubjectScores &sum, const SubjectScores &scores, double share) {
    add(sum.plain, scores.plain, share);
    sum.ms += scores.ms * share;
    if (!scores.ensemble)
        return;
    if (!sum.ensemble)
        sum.ensemble.emplace();
    add(*sum.ensemble, *scores.ensemble, share);
}

}  // namespace

ImageScores mean(const Evaluation &evaluation) {
    ImageScores sum;
    sum.image = "mean";
    sum.subjects.resize(evaluation.subjects.size());
    const double share = 1.0 / static_cast<double>(evaluation.images.size());
    for (const ImageScores &image : evaluation.images) {
        add(sum.bicubic, image.bicubic, share);
        for (size_t i = 0; i < sum.subjects.size(); i++)
            add(sum.subjects[i], image.subjects[i], share);
    }
    return sum;
}

}  // namespace slimscale::quality
