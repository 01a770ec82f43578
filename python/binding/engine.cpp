#include "binding/engine.h"

#include <unistd.h>

#include "binding/errors.h"

namespace slimscale::python {

host::HandleOptions choose(const EngineOptions &options, host::Model &model) {
    check(host::choose_model(host::compiled_models(), options.model, options.scale, options.allow_untrained, model));
    const std::vector<int> channels =
        options.channels.empty() ? model.usable_widths(options.allow_untrained) : options.channels;
    if (channels.empty())
        throw Failure{SLIMSCALE_UNTRAINED_CHANNELS,
                      model.name + " is not trained at any channel count; allow_untrained=True runs it anyway"};
    return {channels,           options.target,          options.device, options.threads,
            options.memory_cap, options.allow_untrained, options.loss_db};
}

namespace {

std::optional<slimscale_profile> read_times(const MeasuredTimes &times, const host::Model &model, int threads) {
    if (times.profile)
        return times.profile;
    if (times.path.empty())
        return host::profile_of_processor(model, threads);
    slimscale_profile profile{};
    if (!host::load_profile(times.path, model, {slimscale_machine(), threads, {}}, profile))
        return std::nullopt;
    return profile;
}

}  // namespace

Engine::Engine(const EngineOptions &options, const MeasuredTimes &times) : process_(getpid()) {
    host::HandleOptions how = choose(options, model_);
    channels_ = how.widths;
    threads_ = host::threads_of(how);
    const std::optional<slimscale_profile> measured = read_times(times, model_, threads_);
    how.profile = measured ? &*measured : nullptr;
    std::string sentence;
    const slimscale_status status = host::open_handle(model_, how, handle_, sentence);
    check(status, sentence.c_str());
}

std::unique_lock<std::mutex> Engine::lock() {
    if (getpid() != process_)
        throw Failure{SLIMSCALE_INVALID_ARGUMENT,
                      "this upscaler was opened before the process forked, and its threads stayed behind; "
                      "open one in each process"};
    return std::unique_lock<std::mutex>(mutex_);
}

void Engine::plan(int width, int height) {
    const auto locked = lock();
    check(slimscale_plan(handle_.get(), width, height), slimscale_error(handle_.get()));
}

slimscale_report Engine::run(const slimscale_request &request, const slimscale_image &input,
                             const slimscale_image &output) {
    const auto locked = lock();
    slimscale_handle *s = handle_.get();
    check(slimscale_plan(s, input.width, input.height), slimscale_error(s));
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    check(slimscale_run(s, &request, &input, &output, &report), slimscale_error(s));
    return report;
}

void Engine::begin_rows(const slimscale_request &request, const slimscale_image &input, const slimscale_image &output) {
    const auto locked = lock();
    slimscale_handle *s = handle_.get();
    check(slimscale_plan(s, input.width, input.height), slimscale_error(s));
    check(slimscale_begin_rows(s, &request, &input, &output), slimscale_error(s));
}

int Engine::push_rows(const slimscale_image &rows) {
    const auto locked = lock();
    int pushed = 0;
    check(slimscale_push_rows(handle_.get(), &rows, &pushed), slimscale_error(handle_.get()));
    return pushed;
}

int Engine::take_rows(const slimscale_image &rows) {
    const auto locked = lock();
    int taken = 0;
    check(slimscale_take_rows(handle_.get(), &rows, &taken), slimscale_error(handle_.get()));
    return taken;
}

slimscale_report Engine::end_rows() {
    const auto locked = lock();
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    check(slimscale_end_rows(handle_.get(), &report), slimscale_error(handle_.get()));
    return report;
}

slimscale_profile Engine::measure_profile(double budget_ms) {
    const auto locked = lock();
    slimscale_profile profile{};
    profile.size = sizeof profile;
    check(slimscale_measure_profile(handle_.get(), budget_ms, &profile), slimscale_error(handle_.get()));
    return profile;
}

slimscale_plan_info Engine::plan_info() {
    const auto locked = lock();
    slimscale_plan_info info{};
    info.size = sizeof info;
    check(slimscale_plan_describe(handle_.get(), &info), slimscale_error(handle_.get()));
    return info;
}

}  // namespace slimscale::python
