// The values of command-line options. On failure a parser does not change its result.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "host/upscaler.h"
#include "host/video_frames.h"
#include "slimscale/slimscale.h"

namespace slimscale::cli {

// "64": channels. "0.25", "1.0" or "1": a share of the model's channels.
struct Width {
    int channels = 0;     // 0: `fraction` counts
    double fraction = 0;  // 0: not given
};
Status parse_width(const std::string &text, Width &width);

// "16,0.5,64".
Status parse_widths(const std::string &text, std::vector<Width> &widths);

// "30fps", "20ms", "1.5s": milliseconds per image. "best": 0, no limit.
Status parse_speed(const std::string &text, double &budget_ms);

// "10s", "500ms": milliseconds, more than 0.
Status parse_time(const std::string &text, double &ms);

// "1500000", "512M", "1.5G", "64KiB": bytes, K, M and G in powers of 1024.
Status parse_bytes(const std::string &text, size_t &bytes);

// "640x360".
Status parse_size(const std::string &text, host::FrameSize &size);

// "full", "limited"; "left", "center", "topleft"; "601", "709", "2020".
Status parse_range(const std::string &text, slimscale_range &range);
Status parse_siting(const std::string &text, slimscale_siting &siting);
Status parse_matrix(const std::string &text, slimscale_matrix &matrix);

// A name that slimscale_parse_format knows.
Status parse_frame_format(const std::string &text, std::string &format);

}  // namespace slimscale::cli
