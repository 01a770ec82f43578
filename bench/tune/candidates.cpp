#include "bench/tune/candidates.h"

#include <algorithm>
#include <cstdlib>

namespace slimscale::bench {

using namespace schedules;

namespace {

int accumulators(const Blocking &b) {
    return std::max(b.vectors, 1) * std::max(b.tiles, b.pixels);
}

bool is_register_tile(const Parameter &parameter) {
    return parameter.value == &Blocking::lanes || parameter.value == &Blocking::vectors ||
           parameter.value == &Blocking::tiles || parameter.value == &Blocking::pixels;
}

// In how many choices two blockings differ; the register tile is one choice.
int choices_apart(const Blocking &a, const Blocking &b, const Work &work) {
    bool other_tile = false;
    int apart = 0;
    for (const Parameter &parameter : parameters_of(work.block))
        if (a.*parameter.value != b.*parameter.value)
            (is_register_tile(parameter) ? other_tile = true : ++apart);
    return apart + other_tile;
}

bool same_register_tile(const Blocking &a, const Blocking &b) {
    return a.lanes == b.lanes && a.vectors == b.vectors && a.tiles == b.tiles && a.pixels == b.pixels;
}

// The longest strip of whole register tiles that is no longer than `wanted`, or the shortest.
int fitting_strip(const Work &work, int tiles, int wanted) {
    int fitting = 0;
    for (const Parameter &parameter : parameters_of(work.block)) {
        for (int strip : parameter.values)
            if (parameter.value == &Blocking::strip && strip % tiles == 0 && (fitting == 0 || strip <= wanted))
                fitting = strip;
    }
    return fitting;
}

}  // namespace

std::vector<Blocking> neighbours(const Blocking &best, const Work &work, const Isa &isa,
                                 const std::vector<Blocking> &tried) {
    std::vector<Blocking> found;
    for (const Blocking &b : legal_blockings(work, isa)) {
        Blocking fitted = best;  // with the register tile of this blocking
        fitted.lanes = b.lanes, fitted.vectors = b.vectors, fitted.tiles = b.tiles, fitted.pixels = b.pixels;
        if (b.tiles > 0)
            fitted.strip = fitting_strip(work, b.tiles, best.strip);
        const bool near = choices_apart(b, best, work) == 1 || same(b, fitted, work.block);
        const auto is_b = [&](const Blocking &other) { return same(other, b, work.block); };
        if (near && b.lanes >= isa.lanes / 2 && !is_b(best) && std::none_of(tried.begin(), tried.end(), is_b))
            found.push_back(b);
    }
    const auto distance = [&](const Blocking &b) {
        return same_register_tile(b, best) ? -1 : std::abs(accumulators(b) - accumulators(best));
    };
    std::stable_sort(found.begin(), found.end(),
                     [&](const Blocking &a, const Blocking &b) { return distance(a) < distance(b); });
    return found;
}

}  // namespace slimscale::bench
