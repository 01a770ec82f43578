#include "runtime/frames/resampling.h"

#include <algorithm>
#include <cmath>

namespace slimscale::runtime {

namespace {

double cubic(double d) {
    d = std::fabs(d);
    return d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

int greatest_divisor(int a, int b) {
    return b == 0 ? a : greatest_divisor(b, a % b);
}

}  // namespace

Sites chroma_columns(slimscale_siting siting, int sub) {
    return {siting == SLIMSCALE_SITING_CENTER ? 0.5 * sub : 0.5, static_cast<double>(sub)};
}

Sites chroma_rows(slimscale_siting siting, int sub) {
    return {siting == SLIMSCALE_SITING_TOP_LEFT ? 0.5 : 0.5 * sub, static_cast<double>(sub)};
}

Resampling resampling(Sites from, Sites to, int scale) {
    Resampling r;
    const int out = scale * static_cast<int>(from.step), in = static_cast<int>(to.step);
    const int divisor = greatest_divisor(out, in);
    r.out_period = out / divisor;
    r.in_period = in / divisor;
    const double step = static_cast<double>(in) / out;  // input samples from output to output
    const auto place = [&](int o) { return ((to.first + o * to.step) / scale - from.first) / from.step; };
    if (step == 1 && place(0) == 0) {
        r.weights[0][0] = 1;
        return r;
    }
    const double stretch = std::max(1.0, step);
    r.taps = static_cast<int>(std::ceil(4 * stretch));
    r.at = static_cast<float>(place(0));
    for (int p = 0; p < r.out_period; p++) {
        const double at = place(p);
        r.first[p] = static_cast<int>(std::floor(at - 2 * stretch)) + 1;
        double weights[kMostTaps] = {}, sum = 0;
        for (int k = 0; k < r.taps; k++)
            sum += weights[k] = cubic((r.first[p] + k - at) / stretch);
        for (int k = 0; k < r.taps; k++)
            r.weights[p][k] = static_cast<float>(stretch > 1 ? weights[k] / sum : weights[k]);  // else they sum to 1
    }
    return r;
}

}  // namespace slimscale::runtime
