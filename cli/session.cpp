#include "cli/session.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/numbers.h"
#include "cli/calibration_file.h"
#include "host/console.h"

namespace slimscale::cli {

using namespace host;

namespace {

std::string list(const std::vector<int> &widths) {
    std::string text;
    for (int width : widths)
        text += (text.empty() ? "" : ", ") + std::to_string(width);
    return text.empty() ? "none" : text;
}

// The channel count that `width` means; a sentence that lists the compiled ones if it is not among them.
std::string resolve_width(const Model &model, const Width &width, int &channels) {
    const double wanted = width.channels ? width.channels : width.fraction * model.channels;
    std::string list;
    for (const Model::Width &compiled : model.widths) {
        if (std::abs(compiled.channels - wanted) < 0.01) {
            channels = compiled.channels;
            return "";
        }
        list += (list.empty() ? "" : ", ") + std::to_string(compiled.channels);
    }
    const std::string asked = width.channels ? std::to_string(width.channels) : base::decimal(wanted, 1);
    return model.name + " is not compiled at " + asked + " channels; it has " + list;
}

// The named ones, narrowest first, each once.
std::string named_widths(const Model &model, const std::vector<Width> &named, const std::vector<int> &usable,
                         std::vector<int> &chosen) {
    std::set<int> all;
    for (const Width &width : named) {
        int channels = 0;
        std::string error = resolve_width(model, width, channels);
        if (!error.empty())
            return error;
        if (std::find(usable.begin(), usable.end(), channels) == usable.end())
            return model.name + " was never trained at " + std::to_string(channels) + " channels (it was at " +
                   list(usable) + "): the picture would be wrong; --allow-untrained runs it all the same";
        all.insert(channels);
    }
    chosen.assign(all.begin(), all.end());
    return "";
}

std::string widths_to_open(const Model &model, const NetworkOptions &options, Widths widths, std::vector<int> &chosen) {
    chosen = model.usable_widths(options.allow_untrained);
    if (!options.widths.empty())
        return named_widths(model, options.widths, std::vector<int>(chosen), chosen);
    if (chosen.empty())
        return model.name + " is not trained at any width; --allow-untrained runs it all the same";
    if (widths == Widths::one)
        chosen = {chosen.back()};
    return "";
}

}  // namespace

std::string Session::open(const NetworkOptions &options, Widths widths) {
    std::string error = choose_model(compiled_models(), options.model, options.scale, options.allow_untrained, model);
    UpscalerOptions open_options;
    if (error.empty() && widths == Widths::all_of_file && !model.lacking.empty())
        error = options.model + " is trained at " + list(model.lacking) +
                " channels too, which are not compiled in; run: make generate MODEL=" + options.model +
                ", or name the widths";
    if (error.empty())
        error = widths_to_open(model, options, widths, open_options.widths);
    if (!error.empty())
        return error;
    open_options.target = options.target;
    open_options.device = options.device;
    open_options.threads = options.threads;
    open_options.memory_cap = options.memory_cap;
    open_options.allow_untrained = options.allow_untrained;
    return upscaler.open(model, open_options);
}

std::string Session::need_calibration() {
    const std::string device = slimscale_device(upscaler.handle());
    const std::string path = calibration_path(model.name, device, upscaler.threads());
    calibrated = load_calibration(
        path, model, {device, slimscale_target(upscaler.handle()), upscaler.threads(), upscaler.widths()}, calibration);
    if (calibrated)
        return "";
    if (upscaler.widths().size() == 1) {
        note("--speed has nothing to choose from: " + model.name + " has one trained width, " +
             std::to_string(upscaler.widths()[0]) + " channels");
        return "";
    }
    note("measuring " + model.name + " on this machine, once, for --speed (a few seconds)");
    std::string error = measure_calibration(0);
    if (!error.empty())
        return error;
    error = save_calibration(path, model, calibration);
    if (!error.empty())  // works without; only slower next time
        complain(path, "the measurement is not kept: " + error);
    return "";
}

std::string Session::measure_calibration(double budget_ms) {
    if (slimscale_calibrate(upscaler.handle(), budget_ms, &calibration) != SLIMSCALE_OK)
        return slimscale_error(upscaler.handle());
    calibrated = true;
    return "";
}

std::vector<Prediction> predictions(const Session &session, int width_px, int height_px) {
    std::vector<Prediction> all;
    const std::vector<int> &widths = session.upscaler.widths();
    for (auto width = widths.rbegin(); width != widths.rend(); ++width) {
        int chosen = 0, meets = 0;
        double ms = 0;
        if (slimscale_choose(&session.calibration, slimscale_target(session.upscaler.handle()),
                             session.upscaler.threads(), &*width, 1, width_px, height_px, 1, &chosen, &ms,
                             &meets) == SLIMSCALE_OK)
            all.push_back({*width, ms});
    }
    return all;
}

}  // namespace slimscale::cli
