#include "bench/widths/json.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace slimscale::bench {
namespace {

using Json = nlohmann::ordered_json;

const char *const kFormat = "slimscale-bench";
constexpr int kVersion = 1;

// Writer and Reader visit one list of a row's fields.
struct Writer {
    Json &json;
    void operator()(const char *name, const std::string &value) { json[name] = value; }
    void operator()(const char *name, int value) { json[name] = value; }
    void operator()(const char *name, size_t value) { json[name] = value == 0 ? Json() : Json(value); }
    void operator()(const char *name, double value) { json[name] = std::isfinite(value) ? Json(value) : Json(); }
};

// Throws what nlohmann's library throws for a missing field or a value of another type.
struct Reader {
    const Json &json;
    void operator()(const char *name, std::string &value) { json.at(name).get_to(value); }
    void operator()(const char *name, int &value) { json.at(name).get_to(value); }
    void operator()(const char *name, size_t &value) {
        value = json.at(name).is_null() ? 0 : json.at(name).get<size_t>();
    }
    void operator()(const char *name, double &value) {
        value = json.at(name).is_null() ? kUnknown : json.at(name).get<double>();
    }
};

template <class Visit, class AnyRow>
void visit(AnyRow &row, Visit field) {
    field("model", row.model);
    field("network", row.network);
    field("scale", row.scale);
    field("channels", row.channels);
    field("full_channels", row.full_channels);
    field("input", row.input);
    field("target", row.target);
    field("device", row.device);
    field("threads", row.threads);
    field("open_ms", row.open_ms);
    field("first_ms", row.first_ms);
    field("p50_ms", row.p50_ms);
    field("p99_ms", row.p99_ms);
    field("worst_ms", row.worst_ms);
    field("frames", row.frames);
    field("gflop", row.gflop);
    field("winograd_gflop", row.winograd_gflop);
    field("workspace_bytes", row.workspace_bytes);
    field("weights_bytes", row.weights_bytes);
    field("resident_bytes", row.resident_bytes);
    field("code_bytes", row.code_bytes);
    field("psnr_y", row.psnr);
    field("frames_per_second", row.frames_per_second);
    field("effective_gflops", row.effective_gflops);
    field("peak_share", row.peak_share);
    field("winograd_share", row.winograd_share);
    field("speedup", row.speedup);
    field("speedup_per_flops", row.speedup_per_flops);
    field("old_over_new", row.old_over_new);
}

Json json_of(const Row &row) {
    Json json = Json::object();
    visit(row, Writer{json});
    json["precision"] = precision_of(row.target);
    json["width"] = static_cast<double>(row.channels) / row.full_channels;
    return json;
}

Json json_of(const Skipped &skipped) {
    return {{"model", skipped.model},
            {"target", skipped.target},
            {"input", skipped.input.empty() ? Json() : Json(skipped.input)},
            {"sentence", skipped.sentence}};
}

Status read(const Json &json, Report &report) {
    if (json.at("format").get<std::string>() != kFormat)
        return Error{"it is no report of bench_widths: its format is another"};
    if (json.at("format_version").get<int>() != kVersion)
        return Error{"it comes from another version of bench_widths; measure again with this one"};
    json.at("version").get_to(report.version);
    json.at("machine").get_to(report.machine);
    json.at("date").get_to(report.date);
    json.at("command").get_to(report.command);
    json.at("threads").get_to(report.threads);
    json.at("pinned").get_to(report.pinned);
    for (const Json &peak : json.at("peaks")) {
        const Json tiles = peak.value("tile_gflops", Json());  // null without tiles, missing in earlier reports
        report.peaks.push_back({peak.at("target").get<std::string>(), peak.at("gflops").get<double>(),
                                tiles.is_null() ? kUnknown : tiles.get<double>()});
    }
    for (const Json &row : json.at("rows"))
        visit(report.rows.emplace_back(), Reader{row});
    for (const Json &skipped : json.at("skipped")) {
        const Json &input = skipped.at("input");
        report.skipped.push_back({skipped.at("model").get<std::string>(), skipped.at("target").get<std::string>(),
                                  input.is_null() ? "" : input.get<std::string>(),
                                  skipped.at("sentence").get<std::string>()});
    }
    return Status();
}

}  // namespace

std::string to_json(const Report &report) {
    Json json = {{"format", kFormat},         {"format_version", kVersion}, {"version", report.version},
                 {"machine", report.machine}, {"date", report.date},        {"command", report.command},
                 {"threads", report.threads}, {"pinned", report.pinned},    {"peaks", Json::array()},
                 {"rows", Json::array()},     {"skipped", Json::array()}};
    for (const Peak &peak : report.peaks)
        json["peaks"].push_back({{"target", peak.target},
                                 {"gflops", peak.gflops},
                                 {"tile_gflops", std::isnan(peak.tile_gflops) ? Json() : Json(peak.tile_gflops)}});
    for (const Row &row : report.rows)
        json["rows"].push_back(json_of(row));
    for (const Skipped &skipped : report.skipped)
        json["skipped"].push_back(json_of(skipped));
    // A command line may have any bytes, but JSON is UTF-8.
    return json.dump(1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

Status parse_json(const std::string &text, Report &report) {
    try {
        Report parsed;
        SLIMSCALE_RETURN_IF_ERROR(read(Json::parse(text), parsed));
        report = std::move(parsed);
        return Status();
    } catch (const Json::exception &error) {
        return Error{std::string("it is no report of bench_widths: ") + error.what()};
    }
}

}  // namespace slimscale::bench
