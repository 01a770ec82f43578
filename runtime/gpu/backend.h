// Plans on a GPU: every call of a pipeline is a launch on the device's stream, the archive's image pipelines convert
// images there, and host images pass through staging memory.
#pragma once

#include "runtime/executor/backend.h"

namespace slimscale::runtime::gpu {

class GpuBackend final : public Backend {
public:
    bool uses_threads() const override { return false; }
    // On a GPU bands only add launches, so they are used only for frames that its memory cannot hold.
    int band_rows(const slimscale_network_plan &plan, const BandShape &shape) const override;
    bool can_address(int width, int height, int scale) const override;
    size_t staging_bytes(int width, int height, int scale, int colors, bool device_images) const override;
    int whole_columns() const override { return 1; }
    slimscale_status clear_borders(const Execution &execution, Error &error) const override;
    slimscale_status run(const Execution &execution, const slimscale_image &input, const slimscale_image &output,
                         Error &error) const override;
    bool can_probe() const override { return false; }
    int64_t most_profiled_pixels() const override { return 1920 * 1080; }
};

}  // namespace slimscale::runtime::gpu
