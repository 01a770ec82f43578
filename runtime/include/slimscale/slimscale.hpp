// C++11 over the C API: an owner for the handle. Header only, no exceptions; every call returns the library's status.
#ifndef SLIMSCALE_HPP
#define SLIMSCALE_HPP

#include <string>
#include <utility>

#include "slimscale/slimscale.h"

namespace slimscale {

// Owns a handle, closes it, and keeps the sentence of the last failure. Functions are those of the C API.
class Upscaler {
public:
    // Nothing is open.
    Upscaler() = default;
    ~Upscaler() { slimscale_close(handle_); }
    // `other` has nothing open then.
    Upscaler(Upscaler &&other) noexcept
        : handle_(other.release()), error_(std::move(other.error_)), report_(other.report_) {}
    // Both change places.
    Upscaler &operator=(Upscaler &&other) noexcept {
        std::swap(handle_, other.handle_);
        std::swap(error_, other.error_);
        std::swap(report_, other.report_);
        return *this;
    }

    // Replaces what was open. options.error_text is ignored: error() has the sentence.
    slimscale_status open(const slimscale_model *model, slimscale_options options = SLIMSCALE_OPTIONS_INIT) {
        char text[512] = "";
        options.error_text = text;
        options.error_text_size = sizeof text;
        slimscale_close(release());
        const slimscale_status status = slimscale_open(model, &options, &handle_);
        error_ = text;
        return status;
    }

    // slimscale_plan.
    slimscale_status plan(int width, int height) { return note(slimscale_plan(handle_, width, height)); }

    // slimscale_run; report() has the report.
    slimscale_status run(const slimscale_image &input, const slimscale_image &output,
                         const slimscale_request &request = SLIMSCALE_REQUEST_INIT) {
        report_ = SLIMSCALE_REPORT_INIT;
        return note(slimscale_run(handle_, &request, &input, &output, &report_));
    }

    // slimscale_synchronize.
    slimscale_status synchronize() { return note(slimscale_synchronize(handle_)); }

    // slimscale_measure_profile.
    slimscale_status measure_profile(slimscale_profile &profile, double budget_ms = 0) {
        return note(slimscale_measure_profile(handle_, budget_ms, &profile));
    }

    const slimscale_report &report() const { return report_; }  // of the last run
    const std::string &error() const { return error_; }         // of the last failed call
    slimscale_handle *handle() const { return handle_; }        // null while nothing is open
    const char *target() const { return slimscale_target(handle_); }  // slimscale_target
    const char *device() const { return slimscale_device(handle_); }  // slimscale_device

private:
    slimscale_handle *release() {
        slimscale_handle *handle = handle_;
        handle_ = nullptr;
        return handle;
    }

    slimscale_status note(slimscale_status status) {
        if (status != SLIMSCALE_OK)
            error_ = handle_ ? slimscale_error(handle_) : "no model is open";
        return status;
    }

    slimscale_handle *handle_ = nullptr;
    std::string error_;
    slimscale_report report_ = SLIMSCALE_REPORT_INIT;
};

}  // namespace slimscale

#endif
