// The GStreamer element "slimscale": raw video in, scale times as wide and high out.
#pragma once

#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_SLIMSCALE (gst_slimscale_get_type())
G_DECLARE_FINAL_TYPE(GstSlimscale, gst_slimscale, GST, SLIMSCALE, GstVideoFilter)

G_END_DECLS
