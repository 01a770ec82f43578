// Plans on the processor: steps by the thread pool, images read and written in plain loops over rows (pixels.h).
#pragma once

#include "runtime/executor/backend.h"

namespace slimscale::runtime::cpu {

class CpuBackend final : public Backend {
public:
    bool uses_threads() const override { return true; }
    int band_rows(const slimscale_network_plan &plan, const BandShape &shape) const override;
    bool can_address(int, int, int) const override { return true; }
    size_t staging_bytes(int, int, int, int, bool) const override { return 0; }
    int whole_columns() const override { return kTileRows; }  // tiles are as wide as high
    slimscale_status clear_borders(const Execution &execution, Error &error) const override;
    slimscale_status run(const Execution &execution, const slimscale_image &input, const slimscale_image &output,
                         Error &error) const override;
    bool can_probe() const override { return true; }
    int64_t most_profiled_pixels() const override { return 640 * 360; }
};

}  // namespace slimscale::runtime::cpu
