#include "plugins/gstreamer/formats.h"

namespace slimscale::plugins {

// The table is written by hand, since names mislead: GStreamer's RGB16 has 5 or 6 bits for a color.
const std::vector<FormatPair> &format_pairs() {
    static const std::vector<FormatPair> pairs = {
        {GST_VIDEO_FORMAT_NV12, SLIMSCALE_NV12},          {GST_VIDEO_FORMAT_I420, SLIMSCALE_I420},
        {GST_VIDEO_FORMAT_YV12, SLIMSCALE_I420},  // image_of() finds its planes by component
        {GST_VIDEO_FORMAT_P010_10LE, SLIMSCALE_P010},     {GST_VIDEO_FORMAT_I420_10LE, SLIMSCALE_I420_10},
        {GST_VIDEO_FORMAT_NV21, SLIMSCALE_NV21},          {GST_VIDEO_FORMAT_NV16, SLIMSCALE_NV16},
        {GST_VIDEO_FORMAT_Y42B, SLIMSCALE_I422},          {GST_VIDEO_FORMAT_Y444, SLIMSCALE_I444},
        {GST_VIDEO_FORMAT_I422_10LE, SLIMSCALE_I422_10},  {GST_VIDEO_FORMAT_Y444_10LE, SLIMSCALE_I444_10},
        {GST_VIDEO_FORMAT_I420_12LE, SLIMSCALE_I420_12},  {GST_VIDEO_FORMAT_I422_12LE, SLIMSCALE_I422_12},
        {GST_VIDEO_FORMAT_Y444_12LE, SLIMSCALE_I444_12},  {GST_VIDEO_FORMAT_Y444_16LE, SLIMSCALE_I444_16},
        {GST_VIDEO_FORMAT_P012_LE, SLIMSCALE_P012},       {GST_VIDEO_FORMAT_P016_LE, SLIMSCALE_P016},
        {GST_VIDEO_FORMAT_RGB, SLIMSCALE_RGB8},           {GST_VIDEO_FORMAT_BGR, SLIMSCALE_BGR8},
        {GST_VIDEO_FORMAT_RGBx, SLIMSCALE_RGBX8},         {GST_VIDEO_FORMAT_BGRx, SLIMSCALE_BGRX8},
        {GST_VIDEO_FORMAT_RGBA, SLIMSCALE_RGBA8},         {GST_VIDEO_FORMAT_BGRA, SLIMSCALE_BGRA8},
        {GST_VIDEO_FORMAT_RGBA64_LE, SLIMSCALE_RGBA16},   {GST_VIDEO_FORMAT_RGB10A2_LE, SLIMSCALE_RGB10A2},
        {GST_VIDEO_FORMAT_BGR10A2_LE, SLIMSCALE_BGR10A2}, {GST_VIDEO_FORMAT_GBR, SLIMSCALE_PLANAR_8},
        {GST_VIDEO_FORMAT_GRAY8, SLIMSCALE_GRAY8},        {GST_VIDEO_FORMAT_GRAY16_LE, SLIMSCALE_GRAY16},
    };
    return pairs;
}

namespace {

// Whether a model of so many colors takes the format. Color models take no gray; luma models would take planes of R, G
// and B for gray.
bool takes(const FormatPair &pair, int colors) {
    const bool gray = GST_VIDEO_FORMAT_INFO_IS_GRAY(gst_video_format_get_info(pair.theirs));
    return colors == 0 || (colors == 3 ? !gray : pair.ours != SLIMSCALE_PLANAR_8);
}

}  // namespace

bool find_format(GstVideoFormat format, int colors, slimscale_format &ours) {
    for (const FormatPair &pair : format_pairs())
        if (pair.theirs == format && takes(pair, colors)) {
            ours = pair.ours;
            return true;
        }
    return false;
}

void format_list(int colors, GValue *list) {
    g_value_init(list, GST_TYPE_LIST);
    for (const FormatPair &pair : format_pairs()) {
        if (!takes(pair, colors))
            continue;
        GValue name = G_VALUE_INIT;
        g_value_init(&name, G_TYPE_STRING);
        g_value_set_string(&name, gst_video_format_to_string(pair.theirs));
        gst_value_list_append_and_take_value(list, &name);
    }
}

// The two matrices that the library lacks become their nearest; the output is decoded by the same one.
slimscale_matrix matrix_of(const GstVideoColorimetry &colorimetry) {
    switch (colorimetry.matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT601:
    case GST_VIDEO_COLOR_MATRIX_FCC:
        return SLIMSCALE_MATRIX_BT601;
    case GST_VIDEO_COLOR_MATRIX_BT709:
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:
        return SLIMSCALE_MATRIX_BT709;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
        return SLIMSCALE_MATRIX_BT2020;
    default:
        return SLIMSCALE_MATRIX_DEFAULT;
    }
}

slimscale_range range_of(const GstVideoColorimetry &colorimetry) {
    switch (colorimetry.range) {
    case GST_VIDEO_COLOR_RANGE_0_255:
        return SLIMSCALE_RANGE_FULL;
    case GST_VIDEO_COLOR_RANGE_16_235:
        return SLIMSCALE_RANGE_LIMITED;
    default:
        return SLIMSCALE_RANGE_DEFAULT;
    }
}

slimscale_siting siting_of(GstVideoChromaSite site) {
    if (site == GST_VIDEO_CHROMA_SITE_UNKNOWN)
        return SLIMSCALE_SITING_DEFAULT;
    if (!(site & GST_VIDEO_CHROMA_SITE_H_COSITED))
        return SLIMSCALE_SITING_CENTER;
    return site & GST_VIDEO_CHROMA_SITE_V_COSITED ? SLIMSCALE_SITING_TOP_LEFT : SLIMSCALE_SITING_LEFT;
}

slimscale_image image_of(const GstVideoFrame &frame, slimscale_format format) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = format;
    image.width = GST_VIDEO_FRAME_WIDTH(&frame);
    image.height = GST_VIDEO_FRAME_HEIGHT(&frame);
    const int planes = static_cast<int>(GST_VIDEO_FRAME_N_PLANES(&frame));
    for (int p = 0; p < planes; p++) {
        // Three planes are found by their component, since YV12 and GBR have another order than the library.
        image.planes[p] = planes == 3 ? GST_VIDEO_FRAME_COMP_DATA(&frame, p) : GST_VIDEO_FRAME_PLANE_DATA(&frame, p);
        image.strides[p] =
            planes == 3 ? GST_VIDEO_FRAME_COMP_STRIDE(&frame, p) : GST_VIDEO_FRAME_PLANE_STRIDE(&frame, p);
    }
    image.matrix = matrix_of(frame.info.colorimetry);
    image.range = range_of(frame.info.colorimetry);
    image.siting = siting_of(frame.info.chroma_site);
    return image;
}

}  // namespace slimscale::plugins
