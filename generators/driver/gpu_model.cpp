#include "generators/driver/gpu_model.h"

#include <set>

namespace slimscale::generators {

const std::vector<Gpu> &gpus() {
    static const std::vector<Gpu> list{
        {"RTX 2080 Ti", 75, 68, 64, 1.545, 616},
        {"A100 SXM", 80, 108, 64, 1.41, 1555},
        {"RTX 3090", 86, 82, 128, 1.695, 936},
        {"Jetson AGX Orin", 87, 16, 128, 1.3, 204.8},
        {"RTX 4090", 89, 128, 128, 2.52, 1008},
        {"H100 SXM", 90, 132, 128, 1.98, 3350},
    };
    return list;
}

int conv3x3_l1_passes(int outputs) {
    constexpr int kWarp = 32, kChannels = 4, kFilterBlock = 32, kPixelLoads = 36, kFilterLoads = 18;
    const int groups = outputs / kChannels;  // threads side by side on the same pixels
    const auto passes = [&](int threads, auto line_of) {
        int sum = 0;
        for (int first = 0; first < kWarp; first += threads) {
            std::set<int> lines;
            for (int t = first; t < first + threads; t++)
                lines.insert(line_of(t));
            sum += static_cast<int>(lines.size());
        }
        return sum;
    };
    return kPixelLoads * passes(16, [&](int t) { return t / groups; }) +
           kFilterLoads * passes(8, [&](int t) { return t % groups * kChannels / kFilterBlock; });
}

Bound conv3x3_bound(const Gpu &gpu, const HotLoop &loop, int inputs, int outputs, bool add) {
    constexpr double kPixels = 640 * 360, kIssue = 4;  // warp instructions a clock
    const double fma_clocks = loop.ffma * 32. / gpu.lanes, passes = conv3x3_l1_passes(outputs);
    const double fma_time = kPixels * 9 * inputs * outputs / gpu.peak();
    const double bytes = kPixels * sizeof(float) * (inputs + outputs + (add ? outputs : 0));
    const double memory_time = bytes / (gpu.gigabytes_per_second * 1e9);
    Bound bound{1, "FMA", 0};
    const auto limit = [&](double share, const char *name) {
        if (share < bound.share)
            bound.share = share, bound.limit = name;
    };
    limit(fma_clocks / (loop.instructions / kIssue), "issue");
    limit(fma_clocks / passes, "L1");
    limit(fma_time / memory_time, "memory");
    bound.microseconds = 1e6 * fma_time / bound.share;
    return bound;
}

}  // namespace slimscale::generators
