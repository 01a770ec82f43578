// An opened model that takes GStreamer's frames. It is independent of the element: errors are returned.
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
    // `threads` 0: as many as the process may use. A profile, as `slimscale profile` wrote it, chooses the targets; "":
    // the archive's order does.
    Status open(const Model &model, int threads, const std::string &profile_file);

    // Plans for frames of this size.
    Status plan(int width_px, int height_px);

    // Says how the following frames run: with `channels`, or, for 0, with the most that take at most budget_ms (0: no
    // limit). A budget needs a profile: that of the file, as `slimscale profile` wrote it, or, for "", one that is
    // measured now, in about a second. A profile is read or measured once.
    Status ask(int channels, double budget_ms, const std::string &profile_file);

    // Upscales a frame. Sets `channels` to those that ran, and `took_ms` to the time that the library measured.
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
