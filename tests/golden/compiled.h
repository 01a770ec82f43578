// The compiled networks behind the C API, as another implementation to compare with the goldens.
#pragma once

#include <slimscale/slimscale.h>

#include <string>
#include <vector>

#include "networks/reference/volume.h"

namespace slimscale::golden {

// The compiled model of a case; null if there is none.
const slimscale_model *compiled_model(const std::string &name);

// Targets of the model that this machine runs, best first.
std::vector<std::string> runnable_targets(const slimscale_model *model);

// One width of a model, opened.
class Compiled {
public:
    // band_rows is as in slimscale_options. Throws std::runtime_error with the library's error.
    Compiled(const slimscale_model *model, const std::string &target, int channels, int band_rows);
    ~Compiled();
    Compiled(const Compiled &) = delete;
    Compiled &operator=(const Compiled &) = delete;

    // Pixels are shares of white, not clamped.
    reference::Volume upscale(const reference::Volume &image);

private:
    void check(slimscale_status status) const;

    slimscale_handle *handle_ = nullptr;
    int channels_;
    int scale_;
};

}  // namespace slimscale::golden
