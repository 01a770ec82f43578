#include "host/handle.h"

namespace slimscale::host {

int threads_of(const HandleOptions &options) {
    return options.threads > 0 ? options.threads : slimscale_default_threads();
}

slimscale_status open_handle(const Model &model, const HandleOptions &options, Handle &handle, std::string &sentence) {
    char text[512] = "";
    slimscale_options open = SLIMSCALE_OPTIONS_INIT;
    open.target = options.target.c_str();
    open.device = options.device;
    open.channels = options.widths.data();
    open.channels_length = static_cast<int>(options.widths.size());
    open.allow_untrained = options.allow_untrained;
    open.threads = threads_of(options);
    open.memory_cap = options.memory_cap;
    open.profile = options.profile;
    open.loss_db = options.loss_db > 0 ? options.loss_db : SLIMSCALE_NO_LOSS;
    open.error_text = text;
    open.error_text_size = sizeof text;
    if (!model.weights.empty()) {
        open.weights = model.weights.data();
        open.weights_size = model.weights.size();
    }
    slimscale_handle *opened = nullptr;
    const slimscale_status status = slimscale_open(model.archive, &open, &opened);
    handle.reset(opened);
    sentence = text;
    return status;
}

}  // namespace slimscale::host
