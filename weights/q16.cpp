#include "weights/q16.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/numbers.h"
#include "base/text.h"
#include "contract/blob_format.h"
#include "contract/winograd.h"
#include "networks/program.h"
#include "weights/calibration.h"

namespace slimscale::weights {
namespace {

const std::string kPrefix = "q16.";
static_assert(kQ16Elements == contract::kElements, "one range per Winograd-domain element");

const std::vector<uint64_t> kWinogradShape{contract::kAlpha, contract::kAlpha}, kPixelShape{1};

// The least range of a Winograd-domain element, as a share of its convolution's largest. In the bundled files all
// ranges of a convolution lie within a factor of 6; inputs without any detail give smaller ones.
constexpr float kLeastShare = 1e-3f;

size_t range_count(const networks::Filter &filter) {
    return static_cast<size_t>(q16_ranges_of(static_cast<uint32_t>(filter.kernel)));
}

std::string prefix_of(int channels) {
    return weights::prefix_of(kPrefix, channels);
}

Status read_metadata(const Safetensors &file, int channels, Q16Width &width) {
    const std::string prefix = prefix_of(channels);
    if (const auto tool = file.metadata.find(prefix + "tool"); tool != file.metadata.end())
        width.tool = tool->second;
    SLIMSCALE_RETURN_IF_ERROR(read_number(file, prefix + "images", width.images));
    SLIMSCALE_RETURN_IF_ERROR(read_number(file, prefix + "headroom", width.headroom));
    SLIMSCALE_RETURN_IF_ERROR(read_number(file, prefix + "test_images", width.test_images));
    return read_number(file, prefix + "saturation", width.saturation);
}

// `most` is the largest of the ranges. If a convolution's inputs were all zero, its ranges become 1, since any would
// do.
std::vector<float> with_headroom(std::vector<float> ranges, float most, double headroom) {
    const float least = most > 0 ? most * kLeastShare : 1.0f;
    for (float &range : ranges)
        range = static_cast<float>(std::max(range, least) * headroom);
    return ranges;
}

// The convolutions that compute in fixed point, and how many ranges each has.
Result<std::map<std::string, size_t>> convolutions(const networks::Network &network, int channels,
                                                   networks::Tail tail) {
    SLIMSCALE_ASSIGN_OR_RETURN(const networks::Program program, networks::lower(network, channels, tail));
    std::map<std::string, size_t> counts;
    for (const networks::Step &step : program.steps)
        if (facts_of(step.kind).has_q16()) {
            const networks::Filter &filter = program.filters[static_cast<size_t>(step.filter)];
            counts[filter.name] = range_count(filter);
        }
    return counts;
}

Status check_values(const std::string &name, const std::vector<float> &ranges, size_t count) {
    if (ranges.size() != count)
        return Error{name + " holds " + std::to_string(ranges.size()) + " values, not " + std::to_string(count)};
    for (const float range : ranges)
        if (!std::isfinite(range) || range <= 0)
            return Error{name + " holds a range that is not a positive number; run slimscale quantize again"};
    return Status();
}

Status check_width_ranges(const networks::Network &network, int channels, const Q16Width &width) {
    const std::string prefix = prefix_of(channels);
    SLIMSCALE_RETURN_IF_ERROR(check_width(network, channels), "q16 ranges: ");
    SLIMSCALE_ASSIGN_OR_RETURN(const auto needed, convolutions(network, channels, networks::Tail::collapsed));
    for (const auto &[name, count] : needed)
        if (width.ranges.count(name) == 0)
            return Error{"tensor " + base::in_quotes(prefix + name) + " is missing; run slimscale quantize again"};
    SLIMSCALE_ASSIGN_OR_RETURN(const auto known, convolutions(network, channels, networks::Tail::plain));
    for (const auto &[name, ranges] : width.ranges) {
        const auto convolution = known.find(name);
        if (convolution == known.end())
            return Error{"tensor " + base::in_quotes(prefix + name) +
                         " belongs to no convolution of the network's body"};
        SLIMSCALE_RETURN_IF_ERROR(
            check_values("tensor " + base::in_quotes(prefix + name), ranges, convolution->second));
    }
    return Status();
}

}  // namespace

Result<Q16Width> ranges_from(const networks::Network &network, int channels, const std::vector<float> &measured,
                             double headroom) {
    SLIMSCALE_ASSIGN_OR_RETURN(const networks::Program program, networks::lower(network, network.channels));
    const std::vector<networks::Filter> &filters = program.filters;
    if (measured.size() != filters.size() * kQ16Elements)
        return Error{std::to_string(measured.size()) + " ranges were measured, and the network has " +
                     std::to_string(filters.size()) + " filters with 36 each"};
    SLIMSCALE_ASSIGN_OR_RETURN(const auto needed, convolutions(network, channels, networks::Tail::collapsed));
    Q16Width width;
    width.headroom = headroom;
    auto first = measured.begin();
    for (const networks::Filter &filter : filters) {
        const auto last = first + static_cast<ptrdiff_t>(range_count(filter));
        if (const float most = *std::max_element(first, last); most > 0 || needed.count(filter.name) > 0)
            width.ranges[filter.name] = with_headroom({first, last}, most, headroom);
        first += kQ16Elements;
    }
    return width;
}

Status take_ranges(Safetensors &file, std::map<int, Q16Width> &widths) {
    for (auto tensor = file.tensors.lower_bound(kPrefix);
         tensor != file.tensors.end() && has_prefix(tensor->first, kPrefix);) {
        int channels = 0;
        std::string convolution;
        if (!split_name(kPrefix, tensor->first, channels, convolution))
            return Error{"tensor " + base::in_quotes(tensor->first) + " names no width and convolution"};
        const auto &shape = tensor->second.shape;
        if (shape != kWinogradShape && shape != kPixelShape)
            return Error{"tensor " + base::in_quotes(tensor->first) + " has shape " + shape_text(shape) +
                         "; ranges have " + shape_text(kWinogradShape) + ", of 1x1 convolutions " +
                         shape_text(kPixelShape)};
        widths[channels].ranges[convolution] = std::move(tensor->second.data);
        tensor = file.tensors.erase(tensor);
    }
    for (auto &[channels, width] : widths)
        SLIMSCALE_RETURN_IF_ERROR(read_metadata(file, channels, width));
    return Status();
}

void drop_widths_without_1x1(const networks::Network &network, std::map<int, Q16Width> &widths) {
    for (auto width = widths.begin(); width != widths.end();) {
        size_t pointwise = 0, measured = 0;
        // check_width_ranges reports a width that the network cannot have.
        const auto needed = convolutions(network, width->first, networks::Tail::collapsed);
        for (const auto &[name, count] : needed ? *needed : std::map<std::string, size_t>()) {
            pointwise += count == 1;
            measured += count == 1 && width->second.ranges.count(name) > 0;
        }
        width = pointwise > 0 && measured == 0 ? widths.erase(width) : std::next(width);
    }
}

void put_ranges(const std::map<int, Q16Width> &widths, Safetensors &file) {
    erase_prefixed(kPrefix, file.metadata);
    erase_prefixed(kPrefix, file.tensors);
    for (const auto &[channels, width] : widths) {
        const std::string prefix = prefix_of(channels);
        file.metadata[prefix + "images"] = std::to_string(width.images);
        file.metadata[prefix + "headroom"] = base::shortest(width.headroom);
        file.metadata[prefix + "tool"] = width.tool;
        if (width.test_images > 0) {
            file.metadata[prefix + "test_images"] = std::to_string(width.test_images);
            file.metadata[prefix + "saturation"] = base::shortest(width.saturation);
        }
        for (const auto &[convolution, ranges] : width.ranges)
            file.tensors[prefix + convolution] = {ranges.size() == kQ16Elements ? kWinogradShape : kPixelShape, ranges};
    }
}

Status check_ranges(const networks::Network &network, const std::map<int, Q16Width> &widths) {
    for (const auto &[channels, width] : widths)
        SLIMSCALE_RETURN_IF_ERROR(check_width_ranges(network, channels, width));
    return Status();
}

}  // namespace slimscale::weights
