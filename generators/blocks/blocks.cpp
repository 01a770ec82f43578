#include "generators/blocks/blocks.h"

#include <regex>
#include <stdexcept>
#include <vector>

#include "generators/blocks/common.h"
#include "schedules/conv1x1.h"
#include "schedules/conv3x3.h"

namespace slimscale::blocks {

namespace {

// One kind of pipeline: how its name is built, and what the numbers in it are.
struct Kind {
    std::regex pattern;
    const char *generator;
    std::vector<const char *> params;  // of the pattern's groups
    bool add;
    bool activations = true;  // it reads or writes some: they may be stored as f16
};

const std::vector<Kind> &kinds() {
    static const std::vector<Kind> list{
        {std::regex("head_(\\d+)_(\\d+)"), "head", {"colors", "cout"}, false},
        {std::regex("conv3x3_(\\d+)_(\\d+)"), "conv3x3", {"cin", "cout"}, false},
        {std::regex("conv3x3_add_(\\d+)_(\\d+)"), "conv3x3", {"cin", "cout"}, true},
        {std::regex("conv1x1_(\\d+)_(\\d+)_n([1-4])"), "conv1x1", {"cin", "cout", "segments"}, false},
        {std::regex("conv1x1_add_(\\d+)_(\\d+)_n([1-4])"), "conv1x1", {"cin", "cout", "segments"}, true},
        {std::regex("tail_(\\d+)_(\\d+)"), "tail", {"cin", "colors"}, false},
        {std::regex("tail(4)_(\\d+)_(\\d+)"), "tail", {"taps", "cin", "colors"}, false},
        {std::regex("row_sum_(\\d+)"), "row_sum", {"cin"}, false},
        {std::regex("gate_(\\d+)_(\\d+)"), "gate", {"cin", "squeezed"}, false, false},
        {std::regex("attend_(\\d+)"), "attend", {"cin"}, false},
        {std::regex("load_(u8|u16)_(\\d+)"), "load", {"image.type", "colors"}, false, false},
        {std::regex("load_(f32)_(1)"), "load", {"image.type", "colors"}, false, false},
        {std::regex("store_(u8|u16)_(\\d+)"), "store", {"image.type", "colors"}, false, false},
        {std::regex("store_(f32)_(1)"), "store", {"image.type", "colors"}, false, false},
        {std::regex("alpha_(u8|u16)_([2-4])"), "alpha", {"image.type", "scale"}, false, false},
        {std::regex("clear"), "clear", {}, false, false},
        {std::regex("winograd_input_(\\d+)"), "winograd_input", {"cin"}, false},
        {std::regex("winograd_product_(\\d+)_(\\d+)"), "winograd_product", {"cin", "cout"}, false, false},
        {std::regex("winograd_output_(\\d+)"), "winograd_output", {"cout"}, false},
        {std::regex("winograd_output_add_(\\d+)"), "winograd_output", {"cout"}, true},
    };
    return list;
}

// What Halide calls a sample's type in a name.
const std::map<std::string, std::string> kTypes{{"u8", "uint8"}, {"u16", "uint16"}, {"f32", "float32"}};

// "" or why the numbers make no pipeline.
std::string channel_error(const std::string &name, const std::map<std::string, std::string> &params) {
    for (const auto &[param, value] : params) {
        if (param == "add" || param == "q16" || param == "image.type" || param == "output.type") {
            continue;
        }
        if (value.size() > 4) {
            return "Pipeline " + name + ": " + value + " is too large.";
        }
        const int n = std::stoi(value);
        if ((param == "cin" || param == "cout") && (n == 0 || n % 8 != 0)) {
            return "Pipeline " + name + ": channels must be a multiple of 8, not " + value + ".";
        }
        if (param == "colors" && n != 1 && n != 3) {
            return "Pipeline " + name + ": colors must be 1 or 3, not " + value + ".";
        }
        if (param == "squeezed" && n == 0) {
            return "Pipeline " + name + ": at least one squeezed channel is needed.";
        }
    }
    return "";
}

constexpr size_t kAllocationLoss = 5 * 256;  // alignment and Halide's padding of a few small allocations

// "" or why there is no such pipeline in this precision.
std::string precision_error(const std::string &name, const std::string &schedule, const std::string &precision) {
    if (precision == "f16" && schedule != "gpu") {
        return "Pipeline " + name + ": activations are stored as f16 on GPUs alone.";
    }
    if (precision == "q16" && (schedule == "gpu" || !has_q16(name))) {
        return "Pipeline " + name + ": fixed point (q16) is for convolutions between features on CPUs.";
    }
    return "";
}

// All stages of one tile: both input stages (36 values per channel), sum, product and both output stages.
size_t naive_conv3x3_scratch(schedules::Channels channels) {
    const int floats = (36 + 36) * channels.in + (36 + 36 + 24 + 16) * channels.out;
    return static_cast<size_t>(floats) * sizeof(float) + kAllocationLoss;
}

}  // namespace

bool has_q16(const std::string &pipeline_name) {
    return pipeline_name.rfind("conv3x3_", 0) == 0 || pipeline_name.rfind("conv1x1_", 0) == 0;
}

Block block(const std::string &pipeline_name, const std::string &schedule, const std::string &precision,
            const std::string &blocking) {
    for (const Kind &kind : kinds()) {
        std::smatch match;
        if (!std::regex_match(pipeline_name, match, kind.pattern)) {
            continue;
        }
        Block result{kind.generator, {}, ""};
        for (size_t i = 0; i < kind.params.size(); i++) {
            result.params[kind.params[i]] = match[i + 1];
        }
        if (const auto type = result.params.find("image.type"); type != result.params.end()) {
            type->second = kTypes.at(type->second);
            if (result.generator == "alpha") {
                result.params["output.type"] = type->second;
            }
        }
        if (kind.add) {
            result.params["add"] = "true";
        }
        result.error = channel_error(pipeline_name, result.params);
        result.params["schedule"] = schedule;
        if (result.error.empty()) {
            result.error = precision_error(pipeline_name, schedule, precision);
        }
        if (result.generator.rfind("winograd", 0) == 0 && schedule != "gpu") {
            result.error = "Pipeline " + pipeline_name + ": GPUs alone compute it.";
        }
        if (precision == "f16" && kind.activations) {
            result.params["storage"] = precision;
        }
        if (precision == "q16") {
            result.params["q16"] = "true";
        }
        if (!blocking.empty()) {
            result.params["blocking"] = blocking;
        }
        if (schedule == "gpu" && result.generator == "conv3x3") {
            result.generator = "conv3x3_direct";
        }
        return result;
    }
    return {"", {}, "No pipeline is called \"" + pipeline_name + "\": see the table in generators/README.md."};
}

std::string blocking(const std::string &pipeline_name, const std::string &schedule, const Halide::Target &target,
                     const schedules::Table &table) {
    schedules::Work work;
    if (schedule != "fast" || !schedules::parse_work(pipeline_name, work)) {
        return "";
    }
    return schedules::text_of(schedules::choose(table, work, target).blocking, work.kind);
}

size_t scratch_bytes(const std::string &pipeline_name, const std::string &schedule, const std::string &precision,
                     const Halide::Target &target, const std::string &blocking) {
    const Block b = block(pipeline_name);
    if (!b.error.empty()) {
        return 0;
    }
    if (schedule == "gpu") {
        return kAllocationLoss;
    }
    const auto number = [&](const char *param) { return std::stoi(b.params.at(param)); };
    if (b.generator == "conv3x3") {
        const schedules::Channels channels{number("cin"), number("cout")};
        return schedule == "naive" ? naive_conv3x3_scratch(channels)
                                   : schedules::conv3x3_scratch_bytes(
                                         channels, precision == "q16", blocking_of(blocking, {"conv3x3", channels}, target));
    }
    if (b.generator == "conv1x1" && schedule == "fast") {
        const schedules::Work work{"conv1x1", {number("cin"), number("cout")}, number("segments")};
        return schedules::conv1x1_scratch_bytes(work.channels.in, work.segments, precision == "q16",
                                                blocking_of(blocking, work, target), target);
    }
    if (b.generator == "gate") {  // sums, means and both products
        return static_cast<size_t>(3 * number("cin") + 2 * number("squeezed")) * sizeof(float) + kAllocationLoss;
    }
    return kAllocationLoss;
}

void StrictReporter::warning(const char *message) {
    throw std::runtime_error(message);
}

void StrictReporter::error(const char *message) {
    throw std::runtime_error(message);
}

}  // namespace slimscale::blocks
