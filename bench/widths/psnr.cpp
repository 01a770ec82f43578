#include "bench/widths/psnr.h"

#include "extras/images/listing.h"
#include "extras/quality/evaluate.h"
#include "host/upscaler.h"

namespace slimscale::bench {
namespace {

std::vector<quality::Subject> subjects_of(const host::Model &model, host::Upscaler &upscaler) {
    std::vector<quality::Subject> subjects;
    for (int width : upscaler.widths()) {
        const auto upscale = [&upscaler, width](const quality::Planes &small, quality::Planes &large) {
            return upscaler.upscale(small, width, large);
        };
        const auto plan = [&upscaler](int width_px, int height_px) { return upscaler.plan(width_px, height_px); };
        subjects.push_back({{model.name, "compiled", width, ""}, upscale, plan});
    }
    return subjects;
}

}  // namespace

Status measure_psnr(const host::Model &model, const std::string &target, const std::string &folder, int threads,
                    const std::function<void(const std::string &)> &say, std::vector<double> &psnr) {
    std::vector<std::string> images;
    SLIMSCALE_RETURN_IF_ERROR(images::list_images({folder}, images));
    host::HandleOptions open;
    open.widths = model.usable_widths(/*allow_untrained=*/true);
    open.target = target;
    open.threads = threads;
    open.allow_untrained = true;
    host::Upscaler upscaler;
    SLIMSCALE_RETURN_IF_ERROR(upscaler.open(model, open));
    quality::EvaluationOptions options;
    options.scale = model.scale;
    options.colors = model.colors;
    quality::Callbacks callbacks;
    callbacks.left_out = [&](const quality::LeftOut &left_out) { say(left_out.image + ": " + left_out.sentence); };
    const quality::Evaluation evaluation = quality::evaluate(images, subjects_of(model, upscaler), options, callbacks);
    if (evaluation.images.empty())
        return Error{"none of its images could be measured"};
    psnr.clear();
    for (const quality::SubjectScores &scores : mean(evaluation).subjects)
        psnr.push_back(scores.plain.luma.psnr);
    return Status();
}

}  // namespace slimscale::bench
