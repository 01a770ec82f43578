#include "plugins/gstreamer/element.h"

#include <algorithm>
#include <new>
#include <string>

#include "plugins/common/models.h"
#include "plugins/gstreamer/caps.h"
#include "plugins/gstreamer/upscaler.h"

GST_DEBUG_CATEGORY_STATIC(slimscale_debug);
#define GST_CAT_DEFAULT slimscale_debug

namespace plugins = slimscale::plugins;

namespace {

enum Property { kModel = 1, kChannels, kDeadline, kProfile, kThreads, kLastChannels };

constexpr double kFrameTime = -1;  // deadline: the time from one frame to the next

// The values of the properties, guarded by the object's lock.
struct Settings {
    std::string model;
    int channels = 0;
    double deadline_ms = 0;
    std::string profile;
    int threads = 0;
};

}  // namespace

struct _GstSlimscale {
    GstVideoFilter parent;
    struct State *state;
};

struct State {
    Settings settings;
    int last_channels = 0;
    GstClockTime latency = 0;  // nanoseconds; guarded by the object's lock, like the two above
    // Only the streaming thread uses these.
    plugins::FrameUpscaler upscaler;
    bool no_rate_said = false;
};

G_DEFINE_FINAL_TYPE(GstSlimscale, gst_slimscale, GST_TYPE_VIDEO_FILTER)
GST_ELEMENT_REGISTER_DEFINE(slimscale, "slimscale", GST_RANK_NONE, GST_TYPE_SLIMSCALE)

namespace {

GstSlimscale *self_of(gpointer object) {
    return GST_SLIMSCALE(object);
}

Settings settings_of(GstSlimscale *self) {
    GST_OBJECT_LOCK(self);
    Settings settings = self->state->settings;
    GST_OBJECT_UNLOCK(self);
    return settings;
}

const plugins::Model *model_of(GstSlimscale *self) {
    const slimscale::Result<const plugins::Model *> model = plugins::find_model(settings_of(self).model);
    return model ? *model : nullptr;
}

// ---- Properties -----------------------------------------------------------------------------------------------------

std::string text_of(const GValue *value) {
    const gchar *text = g_value_get_string(value);
    return text ? text : "";
}

void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec) {
    GstSlimscale *self = self_of(object);
    Settings &settings = self->state->settings;
    GST_OBJECT_LOCK(self);
    switch (id) {
    case kModel:
        settings.model = text_of(value);
        break;
    case kChannels:
        settings.channels = g_value_get_int(value);
        break;
    case kDeadline:
        settings.deadline_ms = g_value_get_double(value);
        break;
    case kProfile:
        settings.profile = text_of(value);
        break;
    case kThreads:
        settings.threads = g_value_get_int(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
    if (id == kModel)
        gst_base_transform_reconfigure_sink(GST_BASE_TRANSFORM(self));
}

void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec) {
    GstSlimscale *self = self_of(object);
    const Settings &settings = self->state->settings;
    GST_OBJECT_LOCK(self);
    switch (id) {
    case kModel:
        g_value_set_string(value, settings.model.c_str());
        break;
    case kChannels:
        g_value_set_int(value, settings.channels);
        break;
    case kDeadline:
        g_value_set_double(value, settings.deadline_ms);
        break;
    case kProfile:
        g_value_set_string(value, settings.profile.empty() ? nullptr : settings.profile.c_str());
        break;
    case kThreads:
        g_value_set_int(value, settings.threads);
        break;
    case kLastChannels:
        g_value_set_int(value, self->state->last_channels);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

void finalize(GObject *object) {
    delete self_of(object)->state;
    G_OBJECT_CLASS(gst_slimscale_parent_class)->finalize(object);
}

// ---- Negotiation ----------------------------------------------------------------------------------------------------

GstCaps *transform_caps(GstBaseTransform *transform, GstPadDirection direction, GstCaps *caps, GstCaps *filter) {
    const plugins::Model *model = model_of(self_of(transform));
    // An unknown model is refused when the element starts, with a sentence, which a refused link would hide.
    GstCaps *other = model ? plugins::scaled_caps(caps, model->scale, model->colors, direction == GST_PAD_SINK)
                           : plugins::any_caps(0);
    if (filter) {
        GstCaps *both = gst_caps_intersect_full(filter, other, GST_CAPS_INTERSECT_FIRST);
        gst_caps_unref(other);
        other = both;
    }
    return other;
}

// Accepts caps that intersect, not only subsets: those of gst_caps_from_string("video/x-raw, format = RGB, ...") do not
// mention interlacing.
gboolean accept_caps(GstBaseTransform *transform, GstPadDirection direction, GstCaps *caps) {
    const plugins::Model *model = model_of(self_of(transform));
    GstCaps *mine = plugins::any_caps(model ? model->colors : 0);
    gboolean accepted = gst_caps_can_intersect(caps, mine);
    gst_caps_unref(mine);
    if (accepted && model && direction == GST_PAD_SRC) {
        GstCaps *smaller = plugins::scaled_caps(caps, model->scale, model->colors, /*larger=*/false);
        accepted = !gst_caps_is_empty(smaller);
        gst_caps_unref(smaller);
    }
    return accepted;
}

GstCaps *fixate_caps(GstBaseTransform *, GstPadDirection direction, GstCaps *caps, GstCaps *others) {
    others = gst_caps_fixate(gst_caps_make_writable(gst_caps_truncate(others)));
    if (direction == GST_PAD_SINK && !gst_caps_is_empty(others))
        plugins::pass_colors(caps, others);
    return others;
}

// ---- Streaming ------------------------------------------------------------------------------------------------------

gboolean start(GstBaseTransform *transform) {
    GstSlimscale *self = self_of(transform);
    const Settings settings = settings_of(self);
    const slimscale::Result<const plugins::Model *> model = plugins::find_model(settings.model);
    if (!model) {
        GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", model.error().c_str()), (nullptr));
        return FALSE;
    }
    slimscale::Status status = plugins::check_channels(**model, settings.channels);
    if (status)
        status = self->state->upscaler.open(**model, settings.threads, settings.profile);
    if (!status) {
        GST_ELEMENT_ERROR(self, LIBRARY, SETTINGS, ("%s", status.error().c_str()), (nullptr));
        return FALSE;
    }
    return TRUE;
}

gboolean stop(GstBaseTransform *transform) {
    State &state = *self_of(transform)->state;
    state.upscaler = plugins::FrameUpscaler();
    state.no_rate_said = false;
    GST_OBJECT_LOCK(transform);
    state.last_channels = 0;
    state.latency = 0;
    GST_OBJECT_UNLOCK(transform);
    return TRUE;
}

// The deadline in milliseconds; 0: none is asked for.
double deadline_of(GstSlimscale *self, const Settings &settings, const GstVideoInfo &info) {
    if (settings.deadline_ms != kFrameTime)
        return std::max(settings.deadline_ms, 0.0);
    if (GST_VIDEO_INFO_FPS_N(&info) > 0)
        return 1000.0 * GST_VIDEO_INFO_FPS_D(&info) / GST_VIDEO_INFO_FPS_N(&info);
    if (!self->state->no_rate_said)
        GST_ELEMENT_WARNING(self, STREAM, FORMAT,
                            ("the stream has no frame rate, so deadline=-1 sets no limit; give milliseconds"),
                            (nullptr));
    self->state->no_rate_said = true;
    return 0;
}

// Raises the latency to at least so many milliseconds, and tells the pipeline.
void raise_latency(GstSlimscale *self, double ms) {
    const GstClockTime needed = static_cast<GstClockTime>(ms * static_cast<double>(GST_MSECOND));
    GST_OBJECT_LOCK(self);
    const bool more = needed > self->state->latency;
    if (more)
        self->state->latency = needed;
    GST_OBJECT_UNLOCK(self);
    if (more)
        gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
}

gboolean set_info(GstVideoFilter *filter, GstCaps *, GstVideoInfo *in, GstCaps *, GstVideoInfo *) {
    GstSlimscale *self = self_of(filter);
    const Settings settings = settings_of(self);
    slimscale::Status status;
    if (GST_VIDEO_INFO_IS_INTERLACED(in))
        status = slimscale::Error{"the video is interlaced; put deinterlace before slimscale"};
    if (status)
        status = self->state->upscaler.plan(GST_VIDEO_INFO_WIDTH(in), GST_VIDEO_INFO_HEIGHT(in));
    const double deadline_ms = deadline_of(self, settings, *in);
    if (status)
        status = self->state->upscaler.ask(settings.channels, deadline_ms, settings.profile);
    if (!status) {
        GST_ELEMENT_ERROR(self, LIBRARY, SETTINGS, ("%s", status.error().c_str()), (nullptr));
        return FALSE;
    }
    raise_latency(self, deadline_ms);
    return TRUE;
}

GstFlowReturn transform_frame(GstVideoFilter *filter, GstVideoFrame *in, GstVideoFrame *out) {
    GstSlimscale *self = self_of(filter);
    State &state = *self->state;
    const Settings settings = settings_of(self);
    const double deadline_ms = deadline_of(self, settings, filter->in_info);
    int channels = 0;
    double took_ms = 0;
    slimscale::Status status = state.upscaler.ask(settings.channels, deadline_ms, settings.profile);
    if (status)
        status = state.upscaler.upscale(*in, *out, channels, took_ms);
    if (!status) {
        GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", status.error().c_str()), (nullptr));
        return GST_FLOW_ERROR;
    }
    GST_LOG_OBJECT(self, "%d channels took %.2f ms", channels, took_ms);
    GST_OBJECT_LOCK(self);
    const double latency_ms = static_cast<double>(state.latency) / static_cast<double>(GST_MSECOND);
    state.last_channels = channels;
    GST_OBJECT_UNLOCK(self);
    // A quarter is added, so that frames of nearly the same time do not raise it one after the other.
    if (took_ms > std::max(latency_ms, deadline_ms))
        raise_latency(self, 1.25 * took_ms);
    return GST_FLOW_OK;
}

gboolean query(GstBaseTransform *transform, GstPadDirection direction, GstQuery *query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY || direction != GST_PAD_SRC)
        return GST_BASE_TRANSFORM_CLASS(gst_slimscale_parent_class)->query(transform, direction, query);
    if (!gst_pad_peer_query(GST_BASE_TRANSFORM_SINK_PAD(transform), query))
        return FALSE;
    gboolean live = FALSE;
    GstClockTime least = 0, most = 0;
    gst_query_parse_latency(query, &live, &least, &most);
    GST_OBJECT_LOCK(transform);
    const GstClockTime mine = self_of(transform)->state->latency;
    GST_OBJECT_UNLOCK(transform);
    gst_query_set_latency(query, live, least + mine, GST_CLOCK_TIME_IS_VALID(most) ? most + mine : most);
    return TRUE;
}

void install_properties(GObjectClass *object) {
    const slimscale::Result<const plugins::Model *> first = plugins::find_model("");
    const std::string models = "The network, with its scale; one of: " + plugins::model_names();
    const auto playing = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_NAME | GST_PARAM_MUTABLE_PLAYING);
    const auto ready = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_NAME | GST_PARAM_MUTABLE_READY);
    g_object_class_install_property(
        object, kModel,
        g_param_spec_string("model", "Model", models.c_str(), first ? (*first)->name.c_str() : "", ready));
    g_object_class_install_property(
        object, kChannels,
        g_param_spec_int("channels", "Channels",
                         "Feature channels of the network that runs, one of the model's trained counts; 0: the most "
                         "that meet the deadline",
                         0, G_MAXINT, 0, playing));
    g_object_class_install_property(
        object, kDeadline,
        g_param_spec_double("deadline", "Deadline",
                            "Milliseconds that a frame may take, where the model has several channel counts to choose "
                            "from; 0: no limit, -1: the time from one frame to the next",
                            kFrameTime, G_MAXDOUBLE, 0, playing));
    g_object_class_install_property(
        object, kProfile,
        g_param_spec_string("profile", "Profile",
                            "File with this machine's times, as `slimscale profile` writes it, for the deadline; none: "
                            "they are measured when the first frame comes, in about a second",
                            nullptr, playing));
    g_object_class_install_property(object, kThreads,
                                    g_param_spec_int("threads", "Threads",
                                                     "Threads for a frame; 0: as many as the process may use", 0, 1024,
                                                     0, ready));
    g_object_class_install_property(
        object, kLastChannels,
        g_param_spec_int("last-channels", "Last channels", "Feature channels that the last frame ran with; 0: none yet",
                         0, G_MAXINT, 0, static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

}  // namespace

static void gst_slimscale_class_init(GstSlimscaleClass *type) {
    GST_DEBUG_CATEGORY_INIT(slimscale_debug, "slimscale", 0, "super-resolution");
    GObjectClass *object = G_OBJECT_CLASS(type);
    object->set_property = set_property;
    object->get_property = get_property;
    object->finalize = finalize;
    install_properties(object);

    GstElementClass *element = GST_ELEMENT_CLASS(type);
    GstCaps *caps = plugins::any_caps(0);
    gst_element_class_add_pad_template(element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
    gst_element_class_add_pad_template(element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
    gst_caps_unref(caps);
    gst_element_class_set_static_metadata(
        element, "Super-resolution", "Filter/Effect/Converter/Video/Scaler",
        "Enlarges video by a trained network, at as many channels as there is time for", "the authors of slimscale");

    GstBaseTransformClass *transform = GST_BASE_TRANSFORM_CLASS(type);
    transform->transform_caps = transform_caps;
    transform->accept_caps = accept_caps;
    transform->fixate_caps = fixate_caps;
    transform->start = start;
    transform->stop = stop;
    transform->query = query;
    GST_VIDEO_FILTER_CLASS(type)->set_info = set_info;
    GST_VIDEO_FILTER_CLASS(type)->transform_frame = transform_frame;
}

static void gst_slimscale_init(GstSlimscale *self) {
    self->state = new State;
    if (const slimscale::Result<const plugins::Model *> first = plugins::find_model(""))
        self->state->settings.model = (*first)->name;
    // The base class's default would drop late frames, which are most of them if the network is slower than the clip.
    gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
}
