// GStreamer's frames as the library's images: formats, colors, planes.
#pragma once

#include <vector>

#include <gst/video/video.h>

#include "slimscale/slimscale.h"

namespace slimscale::plugins {

struct FormatPair {
    GstVideoFormat theirs;
    slimscale_format ours;
};

// Every format that both know, likely ones first. find_format says which of them a model takes.
const std::vector<FormatPair> &format_pairs();

// False: a model of so many colors does not take it.
bool find_format(GstVideoFormat format, int colors, slimscale_format &ours);

// Sets `list` to the names of formats, ["NV12", "I420", ...], for caps of models with so many colors (0: of any model).
// The caller unsets it.
void format_list(int colors, GValue *list);

slimscale_matrix matrix_of(const GstVideoColorimetry &colorimetry);
slimscale_range range_of(const GstVideoColorimetry &colorimetry);
slimscale_siting siting_of(GstVideoChromaSite site);

// The image over the mapped frame's memory: its strides and offsets are those of the buffer's GstVideoMeta.
slimscale_image image_of(const GstVideoFrame &frame, slimscale_format format);

}  // namespace slimscale::plugins
