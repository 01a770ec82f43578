#include "runtime/gpu/backend.h"

#include <climits>

#include "runtime/gpu/frame.h"

namespace slimscale::runtime::gpu {

int GpuBackend::band_rows(const slimscale_network_plan &, const BandShape &shape) const {
    return shape.most_rows >= shape.height ? 0 : shape.most_rows;
}

// Kernels index images of up to four samples per pixel with 32 bits, and CUDA's grids have no more rows of blocks.
bool GpuBackend::can_address(int width, int height, int scale) const {
    constexpr int64_t kMostSamples = 4;
    constexpr int kMostRows = 65535;
    const int64_t output = int64_t{width} * height * scale * scale;
    return output * kMostSamples <= INT_MAX && height <= kMostRows;
}

size_t GpuBackend::staging_bytes(int width, int height, int scale, int colors, bool device_images) const {
    return DeviceFrame::staging_bytes(width, height, scale, colors, device_images);
}

slimscale_status GpuBackend::clear_borders(const Execution &execution, Error &error) const {
    return DeviceFrame(execution).clear_borders(error);
}

slimscale_status GpuBackend::run(const Execution &execution, const slimscale_image &input,
                                 const slimscale_image &output, Error &error) const {
    DeviceFrame frame(execution);
    if (frame.begin(input, output, error) != SLIMSCALE_OK || walk(execution, frame, error) != SLIMSCALE_OK)
        return error.status;
    return frame.end(error);
}

}  // namespace slimscale::runtime::gpu
