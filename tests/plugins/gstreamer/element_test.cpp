#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "plugins/common/models.h"
#include "tests/catch.h"
#include "tests/plugins/gstreamer/harness.h"
#include "tests/scratch.h"

using namespace slimscale;
using test::Harness;
using test::Properties;

namespace {

const Properties kNarrow = {{"model", "edsr_small_x2"}, {"channels", "16"}, {"threads", "1"}};

// A frame without padding, with its memory.
struct Frame {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    std::vector<uint8_t> bytes;

    // order[p] is the place in memory of the format's plane p.
    Frame(slimscale_format format, int width, int height, const std::vector<int> &order) {
        image.format = format;
        image.width = width;
        image.height = height;
        std::vector<size_t> offsets;
        size_t total = 0;
        for (const int plane : order) {
            size_t row_bytes = 0;
            int rows = 0;
            REQUIRE(slimscale_plane_size(format, width, height, plane, &row_bytes, &rows) == SLIMSCALE_OK);
            offsets.push_back(total);
            image.strides[plane] = static_cast<ptrdiff_t>(row_bytes);
            total += row_bytes * static_cast<size_t>(rows);
        }
        bytes.resize(total);
        for (size_t i = 0; i < order.size(); i++)
            image.planes[order[i]] = bytes.data() + offsets[i];
    }
};

struct FormatCase {
    const char *name;
    slimscale_format format;
    std::vector<int> planes;
};

const std::vector<FormatCase> kFormats = {
    {"NV12", SLIMSCALE_NV12, {0, 1}},      {"I420", SLIMSCALE_I420, {0, 1, 2}}, {"YV12", SLIMSCALE_I420, {0, 2, 1}},
    {"P010_10LE", SLIMSCALE_P010, {0, 1}}, {"Y444", SLIMSCALE_I444, {0, 1, 2}}, {"RGB", SLIMSCALE_RGB8, {0}},
    {"BGRx", SLIMSCALE_BGRX8, {0}},        {"RGBA", SLIMSCALE_RGBA8, {0}},      {"GBR", SLIMSCALE_PLANAR_8, {1, 2, 0}},
};

std::vector<uint8_t> expected(const FormatCase &c, int width, int height, const std::vector<uint8_t> &input,
                              slimscale_matrix matrix, slimscale_range range, slimscale_siting siting) {
    const Result<const plugins::Model *> model = plugins::find_model("edsr_small_x2");
    REQUIRE(model);
    slimscale_handle *s = nullptr;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = 1;
    REQUIRE(slimscale_open((*model)->archive, &options, &s) == SLIMSCALE_OK);
    const std::unique_ptr<slimscale_handle, plugins::Close> handle(s);
    REQUIRE(slimscale_plan(s, width, height) == SLIMSCALE_OK);
    Frame in(c.format, width, height, c.planes), high(c.format, 2 * width, 2 * height, c.planes);
    REQUIRE(in.bytes.size() == input.size());
    std::copy(input.begin(), input.end(), in.bytes.begin());
    in.image.matrix = high.image.matrix = matrix;
    in.image.range = high.image.range = range;
    in.image.siting = high.image.siting = siting;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = 16;
    REQUIRE(slimscale_run(s, &request, &in.image, &high.image, nullptr) == SLIMSCALE_OK);
    return high.bytes;
}

std::string caps_of(const std::string &format, int width, int height, const std::string &more = "") {
    return "video/x-raw, format=" + format + ", width=" + std::to_string(width) + ", height=" + std::to_string(height) +
           ", framerate=30/1" + more;
}

}  // namespace

TEST_CASE("frames with padded rows and planes give what the library gives, to the byte") {
    const int width = 37, height = 23;
    for (const FormatCase &c : kFormats) {
        const bool yuv = c.format != SLIMSCALE_RGB8 && c.planes.size() > 1 && c.format != SLIMSCALE_PLANAR_8;
        const std::string more = yuv ? ", colorimetry=bt709, chroma-site=mpeg2" : "";
        for (const size_t padding : {size_t{0}, size_t{24}}) {
            INFO(c.name << ", padding " << padding);
            Harness harness(kNarrow);
            harness.set_input(caps_of(c.name, width, height, more));
            const GstVideoInfo in = test::info_of(caps_of(c.name, width, height, more));
            const GstVideoInfo out = test::info_of(caps_of(c.name, 2 * width, 2 * height, more));
            GstBuffer *frame = test::random_frame(in, padding, 7);
            const std::vector<uint8_t> input = test::rows_of(in, frame);
            GstBuffer *result = gst_harness_push_and_pull(harness.get(), frame);
            REQUIRE(result);
            const slimscale_range range = yuv ? SLIMSCALE_RANGE_LIMITED : SLIMSCALE_RANGE_FULL;
            REQUIRE(test::rows_of(out, result) ==
                    expected(c, width, height, input, SLIMSCALE_MATRIX_BT709, range, SLIMSCALE_SITING_LEFT));
            gst_buffer_unref(result);
        }
    }
}

TEST_CASE("full range, BT.601 and centred chroma reach the library") {
    const std::string more = ", colorimetry=1:4:0:0, chroma-site=jpeg";
    const FormatCase &nv12 = kFormats.front();
    Harness harness(kNarrow);
    harness.set_input(caps_of("NV12", 20, 14, more));
    const GstVideoInfo in = test::info_of(caps_of("NV12", 20, 14, more));
    const GstVideoInfo out = test::info_of(caps_of("NV12", 40, 28, more));
    GstBuffer *frame = test::random_frame(in, 0, 3);
    const std::vector<uint8_t> input = test::rows_of(in, frame);
    GstBuffer *result = gst_harness_push_and_pull(harness.get(), frame);
    REQUIRE(result);
    const std::vector<uint8_t> got = test::rows_of(out, result);
    gst_buffer_unref(result);
    REQUIRE(got ==
            expected(nv12, 20, 14, input, SLIMSCALE_MATRIX_BT601, SLIMSCALE_RANGE_FULL, SLIMSCALE_SITING_CENTER));
    REQUIRE(got != expected(nv12, 20, 14, input, SLIMSCALE_MATRIX_BT601, SLIMSCALE_RANGE_FULL, SLIMSCALE_SITING_LEFT));
}

TEST_CASE(
    "output caps are scale times the input's, with its colors, also where GStreamer's defaults change by height") {
    Harness harness(kNarrow);
    harness.set_input(caps_of("NV12", 32, 300));  // 300 lines are SD to GStreamer, 600 are HD
    REQUIRE(harness.output_field("width") == "64");
    REQUIRE(harness.output_field("height") == "600");
    REQUIRE(harness.output_field("format") == "NV12");
    REQUIRE(harness.output_field("framerate") == "30/1");
    REQUIRE(harness.output_field("colorimetry") == "bt601");
    REQUIRE(harness.output_field("chroma-site") == "jpeg");
    // The defaults of the two sizes differ, so that the checks above can fail.
    const GstVideoInfo small = test::info_of(caps_of("NV12", 32, 300)), large = test::info_of(caps_of("NV12", 64, 600));
    REQUIRE(small.colorimetry.matrix != large.colorimetry.matrix);
    REQUIRE(small.chroma_site != large.chroma_site);

    harness.set_input(caps_of("P010_10LE", 32, 20, ", colorimetry=bt2100-pq, chroma-site=cosited"));
    REQUIRE(harness.output_field("colorimetry") == "bt2100-pq");
    REQUIRE(harness.output_field("chroma-site") == "cosited");
    REQUIRE(harness.output_field("height") == "40");
}

TEST_CASE("the same format is preferred, and another one given where it is asked for") {
    Harness prefers(kNarrow);
    gst_harness_set_sink_caps_str(prefers.get(), "video/x-raw, format={ RGB, NV12 }");
    prefers.set_input(caps_of("NV12", 16, 12));
    REQUIRE(prefers.output_field("format") == "NV12");

    Harness converts(kNarrow);
    gst_harness_set_sink_caps_str(converts.get(), "video/x-raw, format=RGB");
    converts.set_input(caps_of("NV12", 16, 12));
    REQUIRE(converts.output_field("format") == "RGB");
    REQUIRE(converts.output_field("chroma-site") == "no field");
    const GstVideoInfo in = test::info_of(caps_of("NV12", 16, 12));
    GstBuffer *result = gst_harness_push_and_pull(converts.get(), test::random_frame(in, 0, 1));
    REQUIRE(result);
    gst_buffer_unref(result);
}

TEST_CASE(
    "interlaced video, gray for a color model and packed YUV are refused, caps that leave interlacing open are not") {
    Harness harness(kNarrow);
    const auto accepts = [&](const std::string &text) {
        GstCaps *caps = gst_caps_from_string(text.c_str());
        GstPad *pad = gst_element_get_static_pad(harness.element(), "sink");
        const bool accepted = gst_pad_query_accept_caps(pad, caps);
        gst_object_unref(pad);
        gst_caps_unref(caps);
        return accepted;
    };
    REQUIRE(accepts(caps_of("NV12", 16, 12)));
    REQUIRE(accepts(caps_of("NV12", 16, 12, ", interlace-mode=progressive")));
    REQUIRE(!accepts(caps_of("NV12", 16, 12, ", interlace-mode=interleaved")));
    REQUIRE(!accepts(caps_of("NV12", 16, 12, ", interlace-mode=mixed")));
    REQUIRE(!accepts(caps_of("GRAY8", 16, 12)));
    REQUIRE(!accepts(caps_of("YUY2", 16, 12)));
}

TEST_CASE("an unknown model, channels that are not trained and a profile that is none are answered in a sentence") {
    const std::string sentence = test::error_of_start(Properties{{"model", "edsr_x5"}});
    REQUIRE(sentence.find("edsr_x5") != std::string::npos);
    REQUIRE(sentence.find(plugins::model_names()) != std::string::npos);

    const std::string untrained = test::error_of_start(Properties{{"model", "edsr_small_x2"}, {"channels", "17"}});
    REQUIRE(untrained.find("16, 32, 48, 64") != std::string::npos);
    REQUIRE(test::error_of_start(kNarrow).empty());

    const std::string unread = test::error_of_start(
        Properties{{"model", "edsr_small_x2"}, {"deadline", "20"}, {"profile", "/nowhere/a.profile"}});
    REQUIRE(unread.find("/nowhere/a.profile") != std::string::npos);
}

TEST_CASE("a profile chooses channels, as slimscale profile writes it and as text alone") {
    const slimscale::Scratch scratch;
    const std::string path = scratch / "a.profile";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = 1;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open((*plugins::find_model("edsr_small_x2"))->archive, &options, &s) == SLIMSCALE_OK);
    const std::unique_ptr<slimscale_handle, plugins::Close> handle(s);
    std::string text = std::string("slimscale profile 2\nmodel edsr_small_x2\nmachine ") + slimscale_machine() + "\n";
    for (const char *row : {" 16 1 0 1", " 32 1 0 1", " 48 1 99000000 0", " 64 1 99000000 0"})
        text += std::string("cost ") + slimscale_target(s) + row + "\n";
    text += "end\n";
    for (const char *head : {"", "slimscale cache 1000 00000000 00000000\n"}) {
        std::ofstream(path) << head << text;
        Harness harness(
            Properties{{"model", "edsr_small_x2"}, {"deadline", "20"}, {"profile", path}, {"threads", "1"}});
        harness.set_input(caps_of("NV12", 16, 12));
        GstBuffer *result =
            gst_harness_push_and_pull(harness.get(), test::random_frame(test::info_of(caps_of("NV12", 16, 12)), 0, 1));
        REQUIRE(result);
        gst_buffer_unref(result);
        gint channels = 0;
        g_object_get(harness.element(), "last-channels", &channels, nullptr);
        REQUIRE(channels == 32);
    }
}

TEST_CASE("late frames are dropped only if qos is asked for") {
    for (const bool asked : {false, true}) {
        auto properties = kNarrow;
        properties.emplace_back("qos", asked ? "true" : "false");
        Harness harness(properties);
        harness.set_input(caps_of("NV12", 16, 12));
        const GstVideoInfo in = test::info_of(caps_of("NV12", 16, 12));
        // The sink reports that the frame of time 0 came a second late.
        gst_harness_push_upstream_event(harness.get(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2.0, GST_SECOND, 0));
        const int frames = 6;
        for (int i = 0; i < frames; i++) {
            GstBuffer *frame = test::random_frame(in, 0, 1);
            GST_BUFFER_PTS(frame) = static_cast<GstClockTime>(i) * 33 * GST_MSECOND;
            GST_BUFFER_DURATION(frame) = 33 * GST_MSECOND;
            REQUIRE(gst_harness_push(harness.get(), frame) == GST_FLOW_OK);
        }
        const guint came = gst_harness_buffers_received(harness.get());
        if (asked)
            REQUIRE(came < frames);
        else
            REQUIRE(came == frames);
    }
}

TEST_CASE("timestamps pass, and the time of a frame is reported as latency beside that of the source") {
    auto properties = kNarrow;
    properties.emplace_back("deadline", "20000");
    Harness harness(properties);
    gst_harness_set_upstream_latency(harness.get(), 5 * GST_MSECOND);
    harness.set_input(caps_of("NV12", 16, 12));
    REQUIRE(gst_harness_query_latency(harness.get()) == 20005 * GST_MSECOND);

    Harness measured(kNarrow);
    measured.set_input(caps_of("NV12", 16, 12));
    REQUIRE(gst_harness_query_latency(measured.get()) == 0);
    const GstVideoInfo in = test::info_of(caps_of("NV12", 16, 12));
    GstBuffer *frame = test::random_frame(in, 0, 1);
    GST_BUFFER_PTS(frame) = 123 * GST_MSECOND;
    GstBuffer *result = gst_harness_push_and_pull(measured.get(), frame);
    REQUIRE(GST_BUFFER_PTS(result) == 123 * GST_MSECOND);
    gst_buffer_unref(result);
    REQUIRE(gst_harness_query_latency(measured.get()) > 0);
}

TEST_CASE("a deadline chooses channels, and channels may change between frames") {
    Harness harness(Properties{{"model", "edsr_small_x2"}, {"deadline", "0.0001"}, {"threads", "1"}});
    harness.set_input(caps_of("NV12", 16, 12));
    const GstVideoInfo in = test::info_of(caps_of("NV12", 16, 12));
    const auto channels_of_a_frame = [&] {
        GstBuffer *result = gst_harness_push_and_pull(harness.get(), test::random_frame(in, 0, 1));
        REQUIRE(result);
        gst_buffer_unref(result);
        gint channels = 0;
        g_object_get(harness.element(), "last-channels", &channels, nullptr);
        return channels;
    };
    REQUIRE(channels_of_a_frame() == 16);
    g_object_set(harness.element(), "deadline", 0.0, nullptr);
    REQUIRE(channels_of_a_frame() == 64);
    g_object_set(harness.element(), "channels", 32, nullptr);
    REQUIRE(channels_of_a_frame() == 32);
    g_object_set(harness.element(), "channels", 17, nullptr);
    REQUIRE(gst_harness_push(harness.get(), test::random_frame(in, 0, 1)) == GST_FLOW_ERROR);
    REQUIRE(harness.error().find("16, 32, 48, 64") != std::string::npos);
}

TEST_CASE("the frame's size may change while the video plays") {
    Harness harness(kNarrow);
    for (const int width : {16, 40, 9}) {
        harness.set_input(caps_of("I420", width, 12));
        const GstVideoInfo in = test::info_of(caps_of("I420", width, 12));
        GstBuffer *result = gst_harness_push_and_pull(harness.get(), test::random_frame(in, 8, 1));
        REQUIRE(result);
        gst_buffer_unref(result);
        REQUIRE(harness.output_field("width") == std::to_string(2 * width));
    }
}
