#include "cli/session.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/numbers.h"
#include "base/text.h"
#include "host/console.h"
#include "host/profile_file.h"

namespace slimscale::cli {

using namespace host;

namespace {

// Finds the channel count that `width` means. The error for one that is not compiled lists those that are.
Status resolve_width(const Model &model, const Width &width, int &channels) {
    const double wanted = width.channels ? width.channels : width.fraction * model.channels;
    std::string list;
    for (const Model::Width &compiled : model.widths) {
        if (std::abs(compiled.channels - wanted) < 0.01) {
            channels = compiled.channels;
            return Status();
        }
        list += (list.empty() ? "" : ", ") + std::to_string(compiled.channels);
    }
    const std::string asked = width.channels ? std::to_string(width.channels) : base::decimal(wanted, 1);
    return Error{model.name + " is not compiled at " + asked + " channels; it has " + list};
}

// The channel counts of the named widths, narrowest first, each once.
Status named_widths(const Model &model, const std::vector<Width> &named, const std::vector<int> &usable,
                    std::vector<int> &chosen) {
    std::set<int> all;
    for (const Width &width : named) {
        int channels = 0;
        SLIMSCALE_RETURN_IF_ERROR(resolve_width(model, width, channels));
        if (std::find(usable.begin(), usable.end(), channels) == usable.end())
            return Error{model.title + " was never trained at " + std::to_string(channels) + " channels (it was at " +
                         (usable.empty() ? "none" : base::joined(usable)) +
                         "): the picture would be wrong; --allow-untrained runs it all the same"};
        all.insert(channels);
    }
    chosen.assign(all.begin(), all.end());
    return Status();
}

Status widths_to_open(const Model &model, const NetworkOptions &options, Widths widths, std::vector<int> &chosen) {
    chosen = model.usable_widths(options.allow_untrained);
    if (!options.widths.empty())
        return named_widths(model, options.widths, std::vector<int>(chosen), chosen);
    if (chosen.empty())
        return Error{model.title + " is not trained at any width; --allow-untrained runs it all the same"};
    if (widths == Widths::one)
        chosen = {chosen.back()};
    return Status();
}

}  // namespace

Status Session::open(const NetworkOptions &options, Widths widths) {
    SLIMSCALE_RETURN_IF_ERROR(
        choose_model(compiled_models(), options.model, options.scale, options.allow_untrained, model));
    if (widths == Widths::all_of_file && !model.lacking.empty())
        return Error{options.model + " is trained at " + base::joined(model.lacking) +
                     " channels too, which are not compiled in; run: make generate MODEL=" + options.model +
                     ", or name the widths"};
    HandleOptions open_options;
    SLIMSCALE_RETURN_IF_ERROR(widths_to_open(model, options, widths, open_options.widths));
    open_options.target = options.target;
    open_options.device = options.device;
    open_options.threads = options.threads;
    open_options.memory_cap = options.memory_cap;
    open_options.allow_untrained = options.allow_untrained;
    open_options.loss_db = options.loss_db;
    const std::optional<slimscale_profile> measured = profile_of_processor(model, threads_of(open_options));
    open_options.profile = measured ? &*measured : nullptr;
    return upscaler.open(model, open_options);
}

Status Session::need_profile() {
    const ProfileKey key = key_of(upscaler.handle(), upscaler.threads(), upscaler.widths());
    const std::string path = profile_path(model.name, key.device, key.threads);
    profiled = load_profile(path, model, key, profile);
    if (profiled)
        return Status();
    if (upscaler.widths().size() == 1) {
        note("--speed has nothing to choose from: " + model.title + " has one trained width, " +
             std::to_string(upscaler.widths()[0]) + " channels");
        return Status();
    }
    note("measuring " + model.title + " on this machine, once, for --speed (a few seconds)");
    SLIMSCALE_RETURN_IF_ERROR(measure_profile(0));
    const Status saved = save_profile(path, model, profile);
    if (!saved)  // not an error: the next start measures again
        complain("", "the measurement is not kept: " + saved.error());
    return Status();
}

Status Session::measure_profile(double budget_ms) {
    if (slimscale_measure_profile(upscaler.handle(), budget_ms, &profile) != SLIMSCALE_OK)
        return Error{slimscale_error(upscaler.handle())};
    profiled = true;
    return Status();
}

slimscale_request Session::request(double budget_ms) const {
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    if (profiled) {
        request.budget_ms = budget_ms;
        request.profile = &profile;
    }
    return request;
}

std::vector<Prediction> predictions(const Session &session, int width_px, int height_px) {
    std::vector<Prediction> all;
    const std::vector<int> &widths = session.upscaler.widths();
    for (auto width = widths.rbegin(); width != widths.rend(); ++width) {
        int chosen = 0, meets = 0;
        double ms = 0;
        if (slimscale_choose(&session.profile, slimscale_target_at(session.upscaler.handle(), *width, nullptr),
                             session.upscaler.threads(), &*width, 1, width_px, height_px, 1, &chosen, &ms,
                             &meets) == SLIMSCALE_OK)
            all.push_back({*width, ms});
    }
    return all;
}

}  // namespace slimscale::cli
