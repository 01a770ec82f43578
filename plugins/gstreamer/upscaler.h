// An opened model that takes GStreamer's frames. Knows no element: sentences come back as values.
#pragma once

#include <memory>
#include <string>

#include <gst/video/video.h>

#include "base/status.h"
#include "plugins/common/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::plugins {

class FrameUpscaler {
public:
    // `threads` 0: as many as the process may use.
    Status open(const Model &model, int threads);

    // Frames of this size come next.
    Status plan(int width_px, int height_px);

    // How the following frames run: with `channels`, or 0: the most that take at most budget_ms (0: no limit). The
    // first budget needs a profile: that of the file, as `slimscale profile` wrote it, or ("") measured now, in about
    // a second. Nothing is done where the request is as before.
    Status ask(int channels, double budget_ms, const std::string &profile_file);

    // channels: that ran. took_ms: measured by the library.
    Status upscale(const GstVideoFrame &in, GstVideoFrame &out, int &channels, double &took_ms);

private:
    Status need_profile(const std::string &file);

    const Model *model_ = nullptr;
    std::unique_ptr<slimscale_handle, Close> handle_;
    std::unique_ptr<slimscale_profile> profile_;
    std::string profile_file_;
    slimscale_request request_ = SLIMSCALE_REQUEST_INIT;
};

}  // namespace slimscale::plugins
