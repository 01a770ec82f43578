#include "plugins/gstreamer/upscaler.h"

#include "base/files.h"
#include "plugins/gstreamer/formats.h"

namespace slimscale::plugins {
namespace {

constexpr double kProfileMs = 1000;  // time to measure a profile, for which the start of a pipeline waits

Error failed(const slimscale_handle *s, slimscale_status status) {
    const std::string sentence = slimscale_error(s);
    return Error{sentence.empty() ? slimscale_status_text(status) : sentence};
}

// The text of a profile, without the line that the cache folder's files have before it (host/profile_file.h).
Status read_profile(const std::string &file, slimscale_profile &profile) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(file));
    const size_t begin = text.rfind("slimscale cache ", 0) == 0 ? text.find('\n') + 1 : 0;
    char sentence[512] = "";
    if (slimscale_profile_from_text(text.data() + begin, text.size() - begin, &profile, sentence, sizeof sentence) !=
        SLIMSCALE_OK)
        return Error{file + ": " + sentence};
    return Status();
}

}  // namespace

Status FrameUpscaler::open(const Model &model, int threads, const std::string &profile_file) {
    char sentence[512] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = threads;
    slimscale_profile profile{};
    if (!profile_file.empty()) {
        SLIMSCALE_RETURN_IF_ERROR(read_profile(profile_file, profile));
        options.profile = &profile;
    }
    options.error_text = sentence;
    options.error_text_size = sizeof sentence;
    slimscale_handle *s = nullptr;
    if (slimscale_open(model.archive, &options, &s) != SLIMSCALE_OK)
        return Error{sentence};
    handle_.reset(s);
    model_ = &model;
    return Status();
}

Status FrameUpscaler::plan(int width_px, int height_px) {
    const slimscale_status status = slimscale_plan(handle_.get(), width_px, height_px);
    if (status != SLIMSCALE_OK)
        return failed(handle_.get(), status);
    return Status();
}

Status FrameUpscaler::need_profile(const std::string &file) {
    if (profile_ && profile_file_ == file)
        return Status();
    auto profile = std::make_unique<slimscale_profile>();
    if (file.empty()) {
        const slimscale_status status = slimscale_measure_profile(handle_.get(), kProfileMs, profile.get());
        if (status != SLIMSCALE_OK)
            return failed(handle_.get(), status);
    } else {
        SLIMSCALE_RETURN_IF_ERROR(read_profile(file, *profile));
    }
    profile_ = std::move(profile);
    profile_file_ = file;
    return Status();
}

Status FrameUpscaler::ask(int channels, double budget_ms, const std::string &profile_file) {
    SLIMSCALE_RETURN_IF_ERROR(check_channels(*model_, channels));
    // If there is nothing to choose, no profile is needed.
    if (channels != 0 || model_->channels.size() == 1)
        budget_ms = 0;
    if (budget_ms > 0)
        SLIMSCALE_RETURN_IF_ERROR(need_profile(profile_file));
    request_.channels = channels;
    request_.budget_ms = budget_ms;
    request_.profile = budget_ms > 0 ? profile_.get() : nullptr;
    return Status();
}

Status FrameUpscaler::upscale(const GstVideoFrame &in, GstVideoFrame &out, int &channels, double &took_ms) {
    slimscale_format from{}, to{};
    if (!find_format(GST_VIDEO_FRAME_FORMAT(&in), model_->colors, from) ||
        !find_format(GST_VIDEO_FRAME_FORMAT(&out), model_->colors, to))
        return Error{model_->name + " does not take these formats"};
    const slimscale_image low = image_of(in, from), high = image_of(out, to);
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    const slimscale_status status = slimscale_run(handle_.get(), &request_, &low, &high, &report);
    if (status != SLIMSCALE_OK)
        return failed(handle_.get(), status);
    channels = report.channels;
    took_ms = report.actual_ms;
    return Status();
}

}  // namespace slimscale::plugins
