#include "networks/reference/volume.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace slimscale::reference {

const Tensor &tensor(const Weights &weights, const std::string &name) {
    return weights.at(name);
}

void accumulate(const Volume &in, int c_in, int dy, int dx, double weight, Volume &out, int c_out) {
    const int y_end = std::min(out.height, in.height - dy), x_end = std::min(out.width, in.width - dx);
    for (int y = std::max(0, -dy); y < y_end; y++) {
        const double *source = in.data.data() + in.index(c_in, y + dy, 0);
        double *sum = out.data.data() + out.index(c_out, y, 0);
        for (int x = std::max(0, -dx); x < x_end; x++)
            sum[x] += weight * source[x + dx];
    }
}

double rms(const Volume &volume) {
    const double sum = std::inner_product(volume.data.begin(), volume.data.end(), volume.data.begin(), 0.0);
    return std::sqrt(sum / static_cast<double>(volume.data.size()));
}

double standard_deviation(const Volume &volume) {
    Volume centered = volume;
    const double sum = std::accumulate(volume.data.begin(), volume.data.end(), 0.0);
    for (double &value : centered.data)
        value -= sum / static_cast<double>(volume.data.size());
    return rms(centered);
}

double max_difference(const Volume &a, const Volume &b) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (a.channels != b.channels || a.height != b.height || a.width != b.width)
        return kInfinity;
    double largest = 0;
    for (size_t i = 0; i < a.data.size(); i++) {
        const double difference = std::abs(a.data[i] - b.data[i]);
        if (!std::isfinite(difference))
            return kInfinity;
        largest = std::max(largest, difference);
    }
    return largest;
}

double max_border_difference(const Volume &a, const Volume &b, int ring) {
    double most = 0;
    for (int c = 0; c < a.channels; c++)
        for (int y = 0; y < a.height; y++)
            for (int x = 0; x < a.width; x++)
                if (std::min({x, y, a.width - 1 - x, a.height - 1 - y}) < ring)
                    most = std::max(most, std::abs(a.at(c, y, x) - b.at(c, y, x)));
    return most;
}

}  // namespace slimscale::reference
