// Registers the element with GStreamer.
#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(slimscale)

static gboolean register_elements(GstPlugin *plugin) {
    return GST_ELEMENT_REGISTER(slimscale, plugin);
}

#define PACKAGE "slimscale"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, slimscale, "Compiled super-resolution", register_elements,
                  SLIMSCALE_VERSION, "Apache 2.0", "slimscale", "slimscale")
