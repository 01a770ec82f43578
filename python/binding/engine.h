// An opened model with a lock: any thread may call, and calls run one at a time. Calls throw Failure.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/handle.h"
#include "host/models.h"
#include "host/profile_file.h"
#include "slimscale/slimscale.h"

namespace slimscale::python {

struct EngineOptions {
    std::string model;          // a name, a network or a file, as host::choose_model takes it; "": the default
    int scale = 0;              // 0: the model's
    std::vector<int> channels;  // to open; empty: all that are trained
    std::string target = "auto";
    int device = 0;
    int threads = 0;        // 0: slimscale_default_threads()
    size_t memory_cap = 0;  // bytes
    bool allow_untrained = false;
    double loss_db = SLIMSCALE_LOSS_DB;  // of target "auto", as host::HandleOptions has it
};

// The times that target "auto" goes by: these; or those of a file, which may be missing; "": the cache folder's.
struct MeasuredTimes {
    std::optional<slimscale_profile> profile;
    std::string path;
};

// Chooses the model and what to open of it. Throws Failure if there is no such model, or nothing of it is trained.
host::HandleOptions choose(const EngineOptions &options, host::Model &model);

class Engine {
public:
    Engine(const EngineOptions &options, const MeasuredTimes &times);

    const host::Model &model() const { return model_; }
    const std::vector<int> &channels() const { return channels_; }
    const char *target() const { return slimscale_target(handle_.get()); }
    const char *target_at(int channels) const { return slimscale_target_at(handle_.get(), channels, nullptr); }
    host::ProfileKey key() const { return host::key_of(handle_.get(), threads_, channels_); }
    const char *device() const { return slimscale_device(handle_.get()); }
    int threads() const { return threads_; }

    // These do not use the interpreter, and are to be called without its lock.
    void plan(int width, int height);  // low-resolution pixels
    slimscale_report run(const slimscale_request &request, const slimscale_image &input, const slimscale_image &output);
    // A frame in rows, as slimscale.h has it. From begin to end the other calls fail with SLIMSCALE_BUSY.
    void begin_rows(const slimscale_request &request, const slimscale_image &input, const slimscale_image &output);
    int push_rows(const slimscale_image &rows);  // how many were taken in
    int take_rows(const slimscale_image &rows);  // how many were given
    slimscale_report end_rows();
    slimscale_profile measure_profile(double budget_ms);
    slimscale_plan_info plan_info();

private:
    // Fails in a child of fork(), which has a copy of the handle without its threads.
    std::unique_lock<std::mutex> lock();

    host::Model model_;
    std::vector<int> channels_;
    int threads_ = 0;
    pid_t process_;
    std::mutex mutex_;
    host::Handle handle_;
};

}  // namespace slimscale::python
