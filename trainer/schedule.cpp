#include "trainer/schedule.h"

#include <algorithm>
#include <cmath>

#include "trainer/random.h"

namespace slimscale::trainer {
namespace {

double decayed(const Config &config, int64_t step) {
    switch (config.decay) {
    case Decay::constant:
        return 1;
    case Decay::cosine: {
        const double share = std::min(1.0, static_cast<double>(step) / config.steps);
        return config.decay_to + (1 - config.decay_to) * (1 + std::cos(M_PI * share)) / 2;
    }
    case Decay::step: {
        const auto reductions = step / config.decay_every;  // whole ones
        return std::pow(config.decay_factor, static_cast<double>(reductions));
    }
    }
    return 1;
}

// Steps since the last width joined.
int64_t since_growth(const Config &config, int64_t step) {
    int64_t start = 0;
    for (const int joins : config.grow)
        if (joins <= step)
            start = joins;
    return step - start;
}

}  // namespace

double learning_rate(const Config &config, int64_t step) {
    const int64_t since = since_growth(config, step);
    const double warm = since < config.warmup ? static_cast<double>(since + 1) / config.warmup : 1;
    return config.learning_rate * warm * decayed(config, step);
}

std::vector<int> joined_widths(const Config &config, int64_t step) {
    if (config.grow.empty())
        return config.widths;
    const auto joined = std::count_if(config.grow.begin(), config.grow.end(), [&](int at) { return at <= step; });
    return {config.widths.begin(), config.widths.begin() + 1 + joined};
}

std::vector<int> widths_of_step(const Config &config, int64_t step) {
    std::vector<int> widths = joined_widths(config, step);
    widths.erase(std::remove_if(widths.begin(), widths.end(), [&](int width) { return width <= config.freeze; }),
                 widths.end());
    std::reverse(widths.begin(), widths.end());
    const size_t wanted = config.widths_per_step > 0 ? static_cast<size_t>(config.widths_per_step) : widths.size();
    Random random(config.seed, Stream::widths, static_cast<uint64_t>(step));
    while (widths.size() > std::max<size_t>(wanted, 1)) {
        // Drops one width between the widest and the narrowest, or the narrow one of two.
        const size_t between = widths.size() > 2 ? widths.size() - 2 : 1;
        widths.erase(widths.begin() + 1 + static_cast<std::ptrdiff_t>(random.below(between)));
    }
    return widths;
}

Loss loss_of_step(const Config &config, int64_t step) {
    return static_cast<double>(step) < config.steps * (1 - config.l2_share) ? config.loss : Loss::l2;
}

Precision precision_of_step(const Config &config, int64_t step) {
    const double last = config.steps * (1 - config.f32_share);
    return config.precision == Precision::bf16 && static_cast<double>(step) < last ? Precision::bf16 : Precision::f32;
}

}  // namespace slimscale::trainer
