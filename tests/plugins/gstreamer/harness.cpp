#include "tests/plugins/gstreamer/harness.h"

#include <cstdlib>
#include <random>

#include "tests/catch.h"

namespace slimscale::test {
namespace {

// Loads the plugin without the system's, whose registry takes seconds to make.
void load_plugin() {
    static const bool loaded = [] {
        setenv("GST_PLUGIN_SYSTEM_PATH", "", 1);
        setenv("GST_REGISTRY_DISABLE", "yes", 1);
        gst_init(nullptr, nullptr);
        GError *error = nullptr;
        GstPlugin *plugin = gst_plugin_load_file(SLIMSCALE_GSTREAMER_PLUGIN, &error);
        if (error)
            FAIL(error->message);
        gst_object_unref(plugin);
        return true;
    }();
    (void)loaded;
}

GstElement *make_element(const Properties &properties) {
    load_plugin();
    GstElement *element = gst_element_factory_make("slimscale", nullptr);
    REQUIRE(element);
    for (const auto &[name, value] : properties)
        gst_util_set_object_arg(G_OBJECT(element), name.c_str(), value.c_str());
    return element;
}

std::string pop_error(GstBus *bus) {
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    if (!message)
        return "";
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    const std::string text = error->message;
    g_error_free(error);
    gst_message_unref(message);
    return text;
}

}  // namespace

Harness::Harness(const Properties &properties) {
    GstElement *element = make_element(properties);
    bus_ = gst_bus_new();
    gst_element_set_bus(element, bus_);
    harness_ = gst_harness_new_with_element(element, "sink", "src");
    gst_object_unref(element);
}

Harness::~Harness() {
    gst_element_set_bus(harness_->element, nullptr);
    gst_harness_teardown(harness_);
    gst_object_unref(bus_);
}

void Harness::set_input(const std::string &caps) {
    gst_harness_set_src_caps_str(harness_, caps.c_str());
}

GstCaps *Harness::output_caps() const {
    return gst_pad_get_current_caps(harness_->sinkpad);
}

std::string Harness::output_field(const char *field) const {
    GstCaps *caps = output_caps();
    if (!caps)
        return "no caps";
    const GValue *value = gst_structure_get_value(gst_caps_get_structure(caps, 0), field);
    gchar *text = value ? gst_value_serialize(value) : g_strdup("no field");
    const std::string copy = text;
    g_free(text);
    gst_caps_unref(caps);
    return copy;
}

std::string Harness::error() const {
    return pop_error(bus_);
}

std::string error_of_start(const Properties &properties) {
    GstElement *element = make_element(properties);
    gst_object_ref_sink(element);
    GstBus *bus = gst_bus_new();
    gst_element_set_bus(element, bus);
    const bool started = gst_element_set_state(element, GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE;
    std::string sentence = pop_error(bus);
    if (!started && sentence.empty())
        sentence = "no message";
    gst_element_set_state(element, GST_STATE_NULL);
    gst_element_set_bus(element, nullptr);
    gst_object_unref(bus);
    gst_object_unref(element);
    return sentence;
}

GstVideoInfo info_of(const std::string &text) {
    load_plugin();
    GstCaps *caps = gst_caps_from_string(text.c_str());
    GstVideoInfo info;
    REQUIRE(gst_video_info_from_caps(&info, caps));
    gst_caps_unref(caps);
    return info;
}

GstBuffer *random_frame(const GstVideoInfo &info, size_t padding, unsigned seed) {
    gsize offsets[GST_VIDEO_MAX_PLANES] = {};
    gint strides[GST_VIDEO_MAX_PLANES] = {};
    gsize bytes = padding;
    for (guint p = 0; p < GST_VIDEO_INFO_N_PLANES(&info); p++) {
        offsets[p] = bytes;
        strides[p] = GST_VIDEO_INFO_PLANE_STRIDE(&info, p) + static_cast<gint>(padding);
        bytes += static_cast<gsize>(strides[p]) * static_cast<gsize>(GST_VIDEO_INFO_HEIGHT(&info)) + padding;
    }
    GstBuffer *buffer = gst_buffer_new_allocate(nullptr, bytes, nullptr);
    GstMapInfo map;
    REQUIRE(gst_buffer_map(buffer, &map, GST_MAP_WRITE));
    std::mt19937 random(seed);
    for (gsize i = 0; i < map.size; i++)
        map.data[i] = static_cast<guint8>(random());
    gst_buffer_unmap(buffer, &map);
    gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info),
                                   static_cast<guint>(GST_VIDEO_INFO_WIDTH(&info)),
                                   static_cast<guint>(GST_VIDEO_INFO_HEIGHT(&info)), GST_VIDEO_INFO_N_PLANES(&info),
                                   offsets, strides);
    return buffer;
}

std::vector<uint8_t> rows_of(const GstVideoInfo &info, GstBuffer *buffer) {
    GstVideoFrame frame;
    REQUIRE(gst_video_frame_map(&frame, const_cast<GstVideoInfo *>(&info), buffer, GST_MAP_READ));
    std::vector<uint8_t> rows;
    for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES(&frame); p++) {
        // The first component of the plane tells its size; a plane of U and V has two samples per pixel.
        gint components[GST_VIDEO_MAX_COMPONENTS];
        gst_video_format_info_component(info.finfo, p, components);
        const guint c = static_cast<guint>(components[0]);
        const size_t bytes =
            static_cast<size_t>(GST_VIDEO_FRAME_COMP_WIDTH(&frame, c)) * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, c);
        const uint8_t *row = static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, p));
        for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c);
             y++, row += GST_VIDEO_FRAME_PLANE_STRIDE(&frame, p))
            rows.insert(rows.end(), row, row + bytes);
    }
    gst_video_frame_unmap(&frame);
    return rows;
}

}  // namespace slimscale::test
