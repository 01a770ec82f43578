#include "plugins/gstreamer/formats.h"

#include "tests/catch.h"

using namespace slimscale::plugins;

TEST_CASE("each pair of formats has the same planes, bits, words, subsampling and alpha") {
    for (const FormatPair &pair : format_pairs()) {
        const GstVideoFormatInfo *theirs = gst_video_format_get_info(pair.theirs);
        INFO(theirs->name);
        slimscale_format_info ours{};
        ours.size = sizeof ours;
        REQUIRE(slimscale_describe_format(pair.ours, &ours) == SLIMSCALE_OK);
        REQUIRE(static_cast<int>(GST_VIDEO_FORMAT_INFO_N_PLANES(theirs)) == ours.planes);
        REQUIRE(static_cast<int>(GST_VIDEO_FORMAT_INFO_BITS(theirs)) >= ours.bits);
        REQUIRE(static_cast<int>(GST_VIDEO_FORMAT_INFO_DEPTH(theirs, 0)) == ours.bits);
        REQUIRE((GST_VIDEO_FORMAT_INFO_HAS_ALPHA(theirs) != 0) == (ours.alpha != 0));
        REQUIRE((GST_VIDEO_FORMAT_INFO_IS_YUV(theirs) != 0) == (ours.model == SLIMSCALE_MODEL_YUV));
        REQUIRE((GST_VIDEO_FORMAT_INFO_IS_GRAY(theirs) != 0) == (ours.model == SLIMSCALE_MODEL_GRAY));
        REQUIRE((ours.bits <= 8 || GST_VIDEO_FORMAT_INFO_IS_LE(theirs)));
        if (GST_VIDEO_FORMAT_INFO_IS_YUV(theirs)) {
            REQUIRE(1 << GST_VIDEO_FORMAT_INFO_W_SUB(theirs, 1) == ours.subsampling_x);
            REQUIRE(1 << GST_VIDEO_FORMAT_INFO_H_SUB(theirs, 1) == ours.subsampling_y);
            REQUIRE(static_cast<int>(GST_VIDEO_FORMAT_INFO_SHIFT(theirs, 0)) == ours.shift);
        }
        // The bytes of a row of 16 pixels.
        size_t bytes = 0;
        int rows = 0;
        REQUIRE(slimscale_plane_size(pair.ours, 16, 16, 0, &bytes, &rows) == SLIMSCALE_OK);
        GstVideoInfo info;
        REQUIRE(gst_video_info_set_format(&info, pair.theirs, 16, 16));
        REQUIRE(static_cast<size_t>(GST_VIDEO_INFO_PLANE_STRIDE(&info, 0)) == bytes);
    }
    REQUIRE(format_pairs().size() >= 25);
}

TEST_CASE("models for colors take no gray, and luma models no planes of R, G and B") {
    slimscale_format format{};
    REQUIRE(!find_format(GST_VIDEO_FORMAT_GRAY8, 3, format));
    REQUIRE(find_format(GST_VIDEO_FORMAT_GRAY8, 1, format));
    REQUIRE(find_format(GST_VIDEO_FORMAT_GBR, 3, format));
    REQUIRE(!find_format(GST_VIDEO_FORMAT_GBR, 1, format));
    REQUIRE(!find_format(GST_VIDEO_FORMAT_RGB16, 3, format));  // 5-6-5
    REQUIRE(!find_format(GST_VIDEO_FORMAT_YUY2, 3, format));
}

TEST_CASE("colorimetry and chroma sites become the library's") {
    const auto colorimetry = [](const char *text) {
        GstVideoColorimetry parsed{};
        REQUIRE(gst_video_colorimetry_from_string(&parsed, text));
        return parsed;
    };
    REQUIRE(matrix_of(colorimetry("bt601")) == SLIMSCALE_MATRIX_BT601);
    REQUIRE(matrix_of(colorimetry("bt709")) == SLIMSCALE_MATRIX_BT709);
    REQUIRE(matrix_of(colorimetry("bt2020")) == SLIMSCALE_MATRIX_BT2020);
    REQUIRE(matrix_of(colorimetry("bt2100-pq")) == SLIMSCALE_MATRIX_BT2020);
    REQUIRE(matrix_of(GstVideoColorimetry{}) == SLIMSCALE_MATRIX_DEFAULT);
    REQUIRE(range_of(colorimetry("bt709")) == SLIMSCALE_RANGE_LIMITED);
    REQUIRE(range_of(colorimetry("1:3:5:1")) == SLIMSCALE_RANGE_FULL);
    REQUIRE(range_of(GstVideoColorimetry{}) == SLIMSCALE_RANGE_DEFAULT);
    REQUIRE(siting_of(GST_VIDEO_CHROMA_SITE_MPEG2) == SLIMSCALE_SITING_LEFT);
    REQUIRE(siting_of(GST_VIDEO_CHROMA_SITE_JPEG) == SLIMSCALE_SITING_CENTER);
    REQUIRE(siting_of(GST_VIDEO_CHROMA_SITE_COSITED) == SLIMSCALE_SITING_TOP_LEFT);
    REQUIRE(siting_of(GST_VIDEO_CHROMA_SITE_UNKNOWN) == SLIMSCALE_SITING_DEFAULT);
}
