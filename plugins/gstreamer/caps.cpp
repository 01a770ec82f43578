#include "plugins/gstreamer/caps.h"

#include <algorithm>

#include "plugins/gstreamer/formats.h"

namespace slimscale::plugins {
namespace {

// Scales a width or height, a range, or a list of them. False: no value is possible.
bool scale_extent(const GValue *from, int scale, bool larger, GValue *to) {
    if (G_VALUE_HOLDS_INT(from)) {
        const int value = g_value_get_int(from);
        if (larger ? value > G_MAXINT / scale : value % scale != 0)
            return false;
        g_value_init(to, G_TYPE_INT);
        g_value_set_int(to, larger ? value * scale : value / scale);
        return true;
    }
    if (GST_VALUE_HOLDS_INT_RANGE(from)) {
        const int least = gst_value_get_int_range_min(from), most = gst_value_get_int_range_max(from);
        int low = least / scale + (least % scale != 0), high = most / scale;
        if (larger) {
            if (least > G_MAXINT / scale)
                return false;
            low = least * scale;
            high = std::min(most, G_MAXINT / scale) * scale;
        }
        low = std::max(low, 1);
        if (low > high)
            return false;
        if (low == high) {
            g_value_init(to, G_TYPE_INT);
            g_value_set_int(to, low);
        } else {
            g_value_init(to, GST_TYPE_INT_RANGE);
            gst_value_set_int_range_step(to, low, high, larger && low % scale == 0 ? scale : 1);
        }
        return true;
    }
    if (!GST_VALUE_HOLDS_LIST(from))
        return false;
    g_value_init(to, GST_TYPE_LIST);
    for (guint i = 0; i < gst_value_list_get_size(from); i++) {
        GValue entry = G_VALUE_INIT;
        if (scale_extent(gst_value_list_get_value(from, i), scale, larger, &entry))
            gst_value_list_append_and_take_value(to, &entry);
    }
    if (gst_value_list_get_size(to) > 0)
        return true;
    g_value_unset(to);
    return false;
}

bool scale_field(GstStructure *structure, const char *field, int scale, bool larger) {
    const GValue *extent = gst_structure_get_value(structure, field);
    if (!extent)
        return true;  // a field that is open stays open
    GValue scaled = G_VALUE_INIT;
    if (!scale_extent(extent, scale, larger, &scaled))
        return false;
    gst_structure_take_value(structure, field, &scaled);
    return true;
}

}  // namespace

GstCaps *any_caps(int colors) {
    GstCaps *caps = gst_caps_from_string(
        "video/x-raw, width = (int) [ 1, max ], height = (int) [ 1, max ], framerate = (fraction) [ 0, max ], "
        "interlace-mode = (string) progressive");
    GValue formats = G_VALUE_INIT;
    format_list(colors, &formats);
    gst_caps_set_value(caps, "format", &formats);
    g_value_unset(&formats);
    return caps;
}

GstCaps *scaled_caps(const GstCaps *caps, int scale, int colors, bool larger) {
    GstCaps *same = gst_caps_new_empty(), *others = gst_caps_new_empty();
    GValue formats = G_VALUE_INIT;
    format_list(colors, &formats);
    for (guint i = 0; i < gst_caps_get_size(caps); i++) {
        GstStructure *structure = gst_structure_copy(gst_caps_get_structure(caps, i));
        if (!scale_field(structure, "width", scale, larger) || !scale_field(structure, "height", scale, larger)) {
            gst_structure_free(structure);
            continue;
        }
        GstStructure *other = gst_structure_copy(structure);
        gst_structure_remove_fields(other, "colorimetry", "chroma-site", nullptr);
        gst_structure_set_value(other, "format", &formats);
        gst_caps_append_structure(same, structure);
        gst_caps_append_structure(others, other);
    }
    g_value_unset(&formats);
    gst_caps_append(same, others);
    return same;  // not simplified, which would lose the order
}

void pass_colors(const GstCaps *in, GstCaps *out) {
    GstVideoInfo from, to;
    if (!gst_video_info_from_caps(&from, in) || !gst_video_info_from_caps(&to, out))
        return;
    GstStructure *structure = gst_caps_get_structure(out, 0);
    const bool both_yuv = GST_VIDEO_INFO_IS_YUV(&from) && GST_VIDEO_INFO_IS_YUV(&to);
    const bool alike = both_yuv || (GST_VIDEO_INFO_IS_RGB(&from) && GST_VIDEO_INFO_IS_RGB(&to)) ||
                       (GST_VIDEO_INFO_IS_GRAY(&from) && GST_VIDEO_INFO_IS_GRAY(&to));
    if (alike && !gst_structure_has_field(structure, "colorimetry")) {
        gchar *text = gst_video_colorimetry_to_string(&from.colorimetry);
        if (text)
            gst_structure_set(structure, "colorimetry", G_TYPE_STRING, text, nullptr);
        g_free(text);
    }
    const auto subsampled = [](const GstVideoInfo &info) { return GST_VIDEO_FORMAT_INFO_W_SUB(info.finfo, 1) > 0; };
    if (both_yuv && subsampled(from) && subsampled(to) && !gst_structure_has_field(structure, "chroma-site") &&
        from.chroma_site != GST_VIDEO_CHROMA_SITE_UNKNOWN) {
        gchar *text = gst_video_chroma_site_to_string(from.chroma_site);
        if (text)
            gst_structure_set(structure, "chroma-site", G_TYPE_STRING, text, nullptr);
        g_free(text);
    }
}

}  // namespace slimscale::plugins
