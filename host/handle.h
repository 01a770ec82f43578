// An opened model of the C API, as the programs here open it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "host/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

struct HandleOptions {
    std::vector<int> widths;  // channel counts to open, not empty
    std::string target = "auto";
    int device = 0;         // as in slimscale_options
    int threads = 0;        // 0: slimscale_default_threads()
    size_t memory_cap = 0;  // bytes of workspace; 0: no cap
    bool allow_untrained = false;
    double loss_db = SLIMSCALE_LOSS_DB;          // of "auto": the most PSNR that may be lost, dB; 0: f32 alone
    const slimscale_profile *profile = nullptr;  // of "auto": as in slimscale_options; read while opening
};

struct CloseHandle {
    void operator()(slimscale_handle *s) const { slimscale_close(s); }
};
using Handle = std::unique_ptr<slimscale_handle, CloseHandle>;

// The number of threads that a handle with these options has.
int threads_of(const HandleOptions &options);

// Calls slimscale_open, with model.weights if there are any; the handle refers to them and must not outlive them. On
// failure `handle` is null and `sentence` says why, if the library does.
slimscale_status open_handle(const Model &model, const HandleOptions &options, Handle &handle, std::string &sentence);

}  // namespace slimscale::host
