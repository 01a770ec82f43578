#include "extras/reports/chart.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "extras/reports/thin.h"

namespace slimscale::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kColumns = 500;  // to which curves are thinned; plots are at most 1,120 pixels wide, most half of that
constexpr int kDigits = 7;        // significant digits of values, finer than what is visible
constexpr size_t kTableRows = 12, kMostTableRows = 200;

bool has_place(double value, const Axis &axis) {
    return std::isfinite(value) && (axis.scale == Scale::linear || value > 0);
}

// The points that have a place on the x axis; those without one on the y axis become gaps. Curves are thinned.
Series placed(const Chart &chart, const Series &series) {
    Series all = series;
    all.x.clear(), all.y.clear(), all.labels.clear();
    for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++) {
        if (!has_place(series.x[i], chart.x))
            continue;
        all.x.push_back(series.x[i]);
        all.y.push_back(has_place(series.y[i], chart.y) ? series.y[i] : std::nan(""));
        all.labels.push_back(i < series.labels.size() ? series.labels[i] : "");
    }
    if (chart.kind == Chart::Kind::scatter)
        return all;
    Series kept = series;
    kept.x.clear(), kept.y.clear(), kept.labels.clear();
    for (const size_t i : thinned(all.x, all.y, kColumns)) {
        kept.x.push_back(all.x[i]);
        kept.y.push_back(all.y[i]);
    }
    return kept;
}

Json numbers(const std::vector<double> &values) {
    Json list = Json::array();
    for (const double value : values)
        list.push_back(base::rounded(value, kDigits));  // NaN is written as null
    return list;
}

Json to_json(const Axis &axis) {
    Json json{{"title", axis.title}, {"log", axis.scale == Scale::log}};
    if (axis.low && has_place(*axis.low, axis))
        json["low"] = *axis.low;
    if (axis.high && has_place(*axis.high, axis))
        json["high"] = *axis.high;
    return json;
}

base::Column number_column(const std::string &title) {
    return {title, /*numeric=*/true};
}

std::string value_text(double value) {
    return std::isfinite(value) ? base::readable(value) : base::kNoValue;
}

base::Table points_table(const Chart &chart) {
    base::Table table{"", {{"series"}, {"point"}, number_column(chart.x.title), number_column(chart.y.title)}, {}};
    for (const Series &series : chart.series) {
        const Series points = placed(chart, series);
        for (size_t i = 0; i < points.x.size() && table.rows.size() < kMostTableRows; i++)
            table.rows.push_back({series.name, points.labels[i], value_text(points.x[i]), value_text(points.y[i])});
    }
    return table;
}

// About kTableRows of the positions where a curve has a point, evenly spread, including the first and the last.
std::vector<double> table_positions(const std::vector<Series> &curves) {
    std::set<double> all;
    for (const Series &curve : curves)
        all.insert(curve.x.begin(), curve.x.end());
    const std::vector<double> sorted(all.begin(), all.end());
    std::vector<double> chosen;
    const size_t rows = std::min(sorted.size(), kTableRows);
    chosen.reserve(rows);
    for (size_t i = 0; i < rows; i++)
        chosen.push_back(sorted[rows == 1 ? 0 : i * (sorted.size() - 1) / (rows - 1)]);
    return chosen;
}

base::Table curves_table(const Chart &chart) {
    base::Table table{"", {number_column(chart.x.title)}, {}};
    std::vector<Series> curves;
    for (const Series &series : chart.series) {
        if (series.faint)
            continue;
        curves.push_back(placed(chart, series));
        table.columns.push_back(number_column(!series.name.empty()    ? series.name
                                              : chart.y.title.empty() ? chart.title
                                                                      : chart.y.title));
    }
    for (const double x : table_positions(curves)) {
        std::vector<base::Cell> &row = table.rows.emplace_back();
        row.push_back(value_text(x));
        for (const Series &curve : curves) {
            const auto at = std::find(curve.x.begin(), curve.x.end(), x);
            row.push_back(at == curve.x.end() ? "" : value_text(curve.y[static_cast<size_t>(at - curve.x.begin())]));
        }
    }
    return table;
}

}  // namespace

bool has_points(const Chart &chart) {
    for (const Series &series : chart.series)
        for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++)
            if (has_place(series.x[i], chart.x) && has_place(series.y[i], chart.y))
                return true;
    return false;
}

std::string to_json(const Chart &chart) {
    Json json{{"title", chart.title}, {"curves", chart.kind == Chart::Kind::curves}};
    json["x"] = to_json(chart.x);
    json["y"] = to_json(chart.y);
    json["series"] = json["references"] = Json::array();
    for (const Series &series : chart.series) {
        const Series drawn = placed(chart, series);
        json["series"].push_back({{"name", series.name},
                                  {"style", series.style},
                                  {"faint", series.faint},
                                  {"x", numbers(drawn.x)},
                                  {"y", numbers(drawn.y)},
                                  {"labels", drawn.labels}});
    }
    for (const Reference &reference : chart.references)
        if (has_place(reference.y, chart.y))
            json["references"].push_back({{"name", reference.name}, {"y", reference.y}});
    std::string text;
    for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
        switch (c) {
        case '<':
            text += "\\u003c";
            break;
        case '>':
            text += "\\u003e";
            break;
        case '&':
            text += "\\u0026";
            break;
        default:
            text += c;
        }
    return text;
}

base::Table values_table(const Chart &chart) {
    return chart.kind == Chart::Kind::scatter ? points_table(chart) : curves_table(chart);
}

}  // namespace slimscale::reports
