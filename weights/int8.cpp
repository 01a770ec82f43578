#include "weights/int8.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "contract/value_bins.h"
#include "networks/program.h"
#include "weights/calibration.h"

namespace slimscale::weights {
namespace {

using contract::kMagnitudeBins;
using contract::kValueBins;

const std::string kPrefix = "int8.";
const std::vector<uint64_t> kShape{2};

Status read_metadata(const Safetensors &file, int channels, Int8Width &width) {
    const std::string prefix = prefix_of(kPrefix, channels);
    if (const auto tool = file.metadata.find(prefix + "tool"); tool != file.metadata.end())
        width.tool = tool->second;
    return read_number(file, prefix + "images", width.images);
}

// The convolutions that compute in bytes.
Result<std::set<std::string>> convolutions(const networks::Network &network, int channels, networks::Tail tail) {
    SLIMSCALE_ASSIGN_OR_RETURN(const networks::Program program, networks::lower(network, channels, tail));
    std::set<std::string> names;
    for (const networks::Step &step : program.steps)
        if (facts_of(step.kind).block == contract::Block::conv3x3)
            names.insert(program.filters[static_cast<size_t>(step.filter)].name);
    return names;
}

// The least range for which rounding to bytes and limiting are judged, as a power of two of the largest magnitude.
constexpr int kOctavesTried = 5;

double middle(int bin) {
    return bin == 0 ? 0 : (contract::bin_end(bin - 1) + contract::bin_end(bin)) / 2;
}

// The sum of squares of the errors of all counted values. `least` and `largest` are magnitudes.
double error_of(const uint64_t *counts, double least, double largest) {
    constexpr int kSteps = 255;
    const double step = (least + largest) / kSteps, rounding = step * step / 12;
    double sum = 0;
    for (int bin = 0; bin < kMagnitudeBins; bin++) {
        const double below = std::max(middle(bin) - least, 0.0), above = std::max(middle(bin) - largest, 0.0);
        sum += static_cast<double>(counts[bin]) * (below * below + rounding);
        sum += static_cast<double>(counts[kMagnitudeBins + bin]) * (above * above + rounding);
    }
    return sum;
}

// The last bin of magnitudes that holds values; the first, which counts as 0, if none else does.
int last_bin(const uint64_t *counts) {
    int bin = kMagnitudeBins - 1;
    while (bin > 0 && counts[bin] == 0)
        bin--;
    return bin;
}

// The end of a range at or below that of bin `last` for which error(end) is least.
template <typename Error>
double best_end(int last, Error error) {
    if (last == 0)
        return 0;
    double best = contract::bin_end(last), least = error(best);
    for (int bin = last - 1; bin > 0 && bin > last - kOctavesTried * contract::kBinsPerOctave; bin--)
        if (const double found = error(contract::bin_end(bin)); found < least) {
            least = found;
            best = contract::bin_end(bin);
        }
    return best;
}

// One end after the other, from the range of all values on. A range of inputs that were all near zero is a point; any
// would do then.
ByteRange range_of(const uint64_t *counts) {
    constexpr int kRounds = 3;
    const int below = last_bin(counts), above = last_bin(counts + kMagnitudeBins);
    double least = below == 0 ? 0 : contract::bin_end(below), largest = 0;
    for (int round = 0; round < kRounds; round++) {
        largest = best_end(above, [&](double end) { return error_of(counts, least, end); });
        least = best_end(below, [&](double end) { return error_of(counts, end, largest); });
    }
    if (least + largest == 0)
        largest = 1;
    return {static_cast<float>(0 - least), static_cast<float>(largest)};
}

Status check_width_ranges(const networks::Network &network, int channels, const Int8Width &width) {
    const std::string prefix = prefix_of(kPrefix, channels);
    SLIMSCALE_RETURN_IF_ERROR(check_width(network, channels), "int8 ranges: ");
    SLIMSCALE_ASSIGN_OR_RETURN(const auto needed, convolutions(network, channels, networks::Tail::collapsed));
    for (const std::string &name : needed)
        if (width.ranges.count(name) == 0)
            return Error{"tensor " + base::in_quotes(prefix + name) + " is missing; run slimscale quantize again"};
    SLIMSCALE_ASSIGN_OR_RETURN(const auto known, convolutions(network, channels, networks::Tail::plain));
    for (const auto &[name, range] : width.ranges) {
        if (known.count(name) == 0)
            return Error{"tensor " + base::in_quotes(prefix + name) +
                         " belongs to no 3x3 convolution of the network's body"};
        if (!std::isfinite(range.least) || !std::isfinite(range.largest) || range.least > 0 || range.largest < 0 ||
            range.least == range.largest)
            return Error{"tensor " + base::in_quotes(prefix + name) +
                         " holds no range around 0; run slimscale quantize again"};
    }
    return Status();
}

}  // namespace

Result<Int8Width> int8_from(const networks::Network &network, int channels, const std::vector<uint64_t> &counts) {
    SLIMSCALE_ASSIGN_OR_RETURN(const networks::Program program, networks::lower(network, network.channels));
    if (counts.size() != program.filters.size() * kValueBins)
        return Error{std::to_string(counts.size()) + " bins were counted, and the network has " +
                     std::to_string(program.filters.size()) + " filters with " + std::to_string(kValueBins) + " each"};
    SLIMSCALE_ASSIGN_OR_RETURN(const auto needed, convolutions(network, channels, networks::Tail::collapsed));
    SLIMSCALE_ASSIGN_OR_RETURN(const auto known, convolutions(network, channels, networks::Tail::plain));
    Int8Width width;
    const uint64_t *first = counts.data();
    for (const networks::Filter &filter : program.filters) {
        const bool measured = std::any_of(first, first + kValueBins, [](uint64_t count) { return count > 0; });
        if (needed.count(filter.name) > 0 || (measured && known.count(filter.name) > 0))
            width.ranges[filter.name] = range_of(first);
        first += kValueBins;
    }
    return width;
}

Status take_int8(Safetensors &file, std::map<int, Int8Width> &widths) {
    for (auto tensor = file.tensors.lower_bound(kPrefix);
         tensor != file.tensors.end() && has_prefix(tensor->first, kPrefix);) {
        int channels = 0;
        std::string convolution;
        if (!split_name(kPrefix, tensor->first, channels, convolution))
            return Error{"tensor " + base::in_quotes(tensor->first) + " names no width and convolution"};
        if (tensor->second.shape != kShape)
            return Error{"tensor " + base::in_quotes(tensor->first) + " has shape " + shape_text(tensor->second.shape) +
                         "; int8 ranges have " + shape_text(kShape)};
        widths[channels].ranges[convolution] = {tensor->second.data[0], tensor->second.data[1]};
        tensor = file.tensors.erase(tensor);
    }
    for (auto &[channels, width] : widths)
        SLIMSCALE_RETURN_IF_ERROR(read_metadata(file, channels, width));
    return Status();
}

void put_int8(const std::map<int, Int8Width> &widths, Safetensors &file) {
    erase_prefixed(kPrefix, file.metadata);
    erase_prefixed(kPrefix, file.tensors);
    for (const auto &[channels, width] : widths) {
        const std::string prefix = prefix_of(kPrefix, channels);
        file.metadata[prefix + "images"] = std::to_string(width.images);
        file.metadata[prefix + "tool"] = width.tool;
        for (const auto &[convolution, range] : width.ranges)
            file.tensors[prefix + convolution] = {kShape, {range.least, range.largest}};
    }
}

Status check_int8(const networks::Network &network, const std::map<int, Int8Width> &widths) {
    for (const auto &[channels, width] : widths)
        SLIMSCALE_RETURN_IF_ERROR(check_width_ranges(network, channels, width));
    return Status();
}

}  // namespace slimscale::weights
