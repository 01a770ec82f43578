#include "extras/quality/ensemble.h"

namespace slimscale::quality {
namespace {

constexpr int kMirrored = 1, kUpsideDown = 2, kTransposed = 4;

Planes flipped(const Planes &planes, int orientation) {
    Planes result = planes;
    const int width = planes.width, height = planes.height;
    float *to = result.values.data();
    for (int c = 0; c < planes.channels; c++) {
        const float *plane = planes.values.data() + static_cast<size_t>(c) * planes.plane_size();
        for (int y = 0; y < height; y++) {
            const float *row = plane + static_cast<ptrdiff_t>(orientation & kUpsideDown ? height - 1 - y : y) * width;
            for (int x = 0; x < width; x++)
                *to++ = row[orientation & kMirrored ? width - 1 - x : x];
        }
    }
    return result;
}

Planes transposed(const Planes &planes) {
    Planes result{planes.height, planes.width, planes.channels, {}};
    result.values.reserve(planes.values.size());
    for (int c = 0; c < planes.channels; c++) {
        const float *plane = planes.values.data() + static_cast<size_t>(c) * planes.plane_size();
        for (int x = 0; x < planes.width; x++)
            for (int y = 0; y < planes.height; y++)
                result.values.push_back(plane[static_cast<ptrdiff_t>(y) * planes.width + x]);
    }
    return result;
}

}  // namespace

Planes oriented(const Planes &planes, int orientation) {
    const Planes turned = flipped(planes, orientation);
    return orientation & kTransposed ? transposed(turned) : turned;
}

Planes restored(const Planes &planes, int orientation) {
    return flipped(orientation & kTransposed ? transposed(planes) : planes, orientation);
}

Status self_ensemble(const Upscale &upscale, const Planes &small, const Planes &upright, Planes &mean) {
    std::vector<double> sums(upright.values.begin(), upright.values.end());
    for (int orientation = 1; orientation < kOrientations; orientation++) {
        Planes large;
        SLIMSCALE_RETURN_IF_ERROR(upscale(oriented(small, orientation), large));
        const Planes turned = restored(large, orientation);
        if (turned.width != upright.width || turned.height != upright.height ||
            turned.values.size() != upright.values.size())
            return Error{
                "a flipped or transposed image gives a result of another size; the network cannot be averaged so"};
        for (size_t i = 0; i < sums.size(); i++)
            sums[i] += turned.values[i];
    }
    mean = upright;
    for (size_t i = 0; i < sums.size(); i++)
        mean.values[i] = static_cast<float>(sums[i] / kOrientations);
    return Status();
}

}  // namespace slimscale::quality
