#include "compiler/gpu_measured.h"

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "compiler/files.h"

namespace slimscale::generators {
namespace {

using Json = nlohmann::json;

constexpr const char *kFormat = "slimscale-pipelines";
constexpr int kVersion = 1;

std::vector<Measured> rows_of(const Json &file) {
    std::vector<Measured> rows;
    for (const Json &json : file.at("rows")) {
        Measured row;
        json.at("device").get_to(row.device);
        json.at("target").get_to(row.target);
        json.at("pipeline").get_to(row.pipeline);
        json.at("microseconds").get_to(row.microseconds);
        rows.push_back(row);
    }
    return rows;
}

}  // namespace

Status read_measured(const std::string &path, std::vector<Measured> &measured) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(path));
    try {
        const Json file = Json::parse(text);
        if (file.at("format") != kFormat || file.at("format_version") != kVersion)
            return Error{path + " is no file of bench_pipelines in version " + std::to_string(kVersion) +
                         " of its format"};
        measured = rows_of(file);
        return Status();
    } catch (const Json::exception &error) {
        return Error{path + " is no file of bench_pipelines: " + error.what()};
    }
}

}  // namespace slimscale::generators
