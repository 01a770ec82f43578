#include "bench/widths/peers.h"

#include <nlohmann/json.hpp>

namespace slimscale::bench {
namespace {

using Json = nlohmann::json;

const char *const kOurs = "slimscale";

PeerRow read(const Json &json) {
    PeerRow row;
    json.at("model").get_to(row.network);
    json.at("channels").get_to(row.channels);
    json.at("input").get_to(row.input);
    json.at("engine").get_to(row.engine);
    json.at("version").get_to(row.version);
    json.at("precision").get_to(row.precision);
    json.at("p50_ms").get_to(row.p50_ms);
    row.scale = json.value("scale", 0);
    row.threads = json.value("threads", 0);
    return row;
}

}  // namespace

Status parse_peers(const std::string &text, std::vector<PeerRow> &rows) {
    try {
        std::vector<PeerRow> parsed;
        const Json file = Json::parse(text);
        for (const Json &json : file.get_ref<const Json::array_t &>())
            if (!json.at("p50_ms").is_null() && json.at("engine") != kOurs)
                parsed.push_back(read(json));
        rows = std::move(parsed);
        return Status();
    } catch (const Json::exception &error) {
        return Error{std::string("it holds no rows of other engines: ") + error.what()};
    }
}

}  // namespace slimscale::bench
