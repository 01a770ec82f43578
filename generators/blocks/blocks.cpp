#include "generators/blocks/blocks.h"

#include <regex>
#include <stdexcept>
#include <vector>

#include "schedules/conv3x3.h"

namespace slimscale::blocks {

namespace {

// One kind of pipeline: how its name is built, and what the numbers in it are.
struct Kind {
    const char *pattern;
    const char *generator;
    std::vector<const char *> params;  // of the pattern's groups
    bool add;
};

const std::vector<Kind> &kinds() {
    static const std::vector<Kind> list{
        {"head_(\\d+)_(\\d+)", "head", {"colors", "cout"}, false},
        {"conv3x3_(\\d+)_(\\d+)", "conv3x3", {"cin", "cout"}, false},
        {"conv3x3_add_(\\d+)_(\\d+)", "conv3x3", {"cin", "cout"}, true},
        {"conv1x1_(\\d+)_(\\d+)_n([1-4])", "conv1x1", {"cin", "cout", "segments"}, false},
        {"conv1x1_add_(\\d+)_(\\d+)_n([1-4])", "conv1x1", {"cin", "cout", "segments"}, true},
        {"tail_(\\d+)_(\\d+)", "tail", {"cin", "colors"}, false},
        {"row_sum_(\\d+)", "row_sum", {"cin"}, false},
        {"gate_(\\d+)_(\\d+)", "gate", {"cin", "squeezed"}, false},
        {"attend_(\\d+)", "attend", {"cin"}, false},
    };
    return list;
}

// "" or why the numbers make no pipeline.
std::string channel_error(const std::string &name, const std::map<std::string, std::string> &params) {
    for (const auto &[param, value] : params) {
        if (value.size() > 4) {
            return "Pipeline " + name + ": " + value + " is too large.";
        }
        const int n = param == "add" ? 0 : std::stoi(value);
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

}  // namespace

Block block(const std::string &pipeline_name) {
    for (const Kind &kind : kinds()) {
        std::smatch match;
        if (!std::regex_match(pipeline_name, match, std::regex(kind.pattern))) {
            continue;
        }
        Block result{kind.generator, {}, ""};
        for (size_t i = 0; i < kind.params.size(); i++) {
            result.params[kind.params[i]] = match[i + 1];
        }
        if (kind.add) {
            result.params["add"] = "true";
        }
        result.error = channel_error(pipeline_name, result.params);
        return result;
    }
    return {"", {}, "No pipeline is called \"" + pipeline_name + "\": see the table in generators/README.md."};
}

size_t scratch_bytes(const std::string &pipeline_name, const std::string &schedule, const Halide::Target &target) {
    const Block b = block(pipeline_name);
    if (!b.error.empty() || b.generator != "conv3x3" || schedule == "naive") {
        return 0;
    }
    return schedules::conv3x3_scratch_bytes({std::stoi(b.params.at("cin")), std::stoi(b.params.at("cout"))}, target);
}

void StrictReporter::warning(const char *message) {
    throw std::runtime_error(message);
}

void StrictReporter::error(const char *message) {
    throw std::runtime_error(message);
}

}  // namespace slimscale::blocks
