#include "extras/reports/training_page.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "base/text.h"

namespace slimscale::reports {
namespace {

using base::compact;
using base::decimal;
using base::duration;
using base::grouped;
using base::kNoValue;
using base::readable;

constexpr double kSmoothedShare = 0.02;  // share of the rows that one smoothed value averages
constexpr double kBelowBicubic = 1.0;    // dB shown under the reference line; training begins far below

struct Curve {
    std::vector<double> x, y;
};

struct BestValue {
    double psnr = kMissing;
    int64_t step = 0;
};

std::string psnr_column(int width) {
    return "psnr." + std::to_string(width);
}

std::string width_name(int width) {
    return std::to_string(width) + " channels";
}

// The rows that have a value in `column`.
Curve curve_of(const std::vector<MetricsRow> &rows, const std::string &column) {
    Curve curve;
    for (const MetricsRow &row : rows) {
        const auto value = row.values.find(column);
        if (value == row.values.end())
            continue;
        curve.x.push_back(static_cast<double>(row.step));
        curve.y.push_back(value->second);
    }
    return curve;
}

Curve curve_of(const std::vector<MetricsRow> &rows, double MetricsRow::*member) {
    Curve curve;
    for (const MetricsRow &row : rows) {
        if (std::isnan(row.*member))
            continue;
        curve.x.push_back(static_cast<double>(row.step));
        curve.y.push_back(row.*member);
    }
    return curve;
}

double last_value(const Curve &curve) {
    return curve.y.empty() ? kMissing : curve.y.back();
}

BestValue best_of(const Curve &curve) {
    BestValue best;
    for (size_t i = 0; i < curve.y.size(); i++)
        if (std::isfinite(curve.y[i]) && !(curve.y[i] <= best.psnr))
            best = {curve.y[i], static_cast<int64_t>(curve.x[i])};
    return best;
}

double rows_averaged(const Curve &curve) {
    return std::max(1.0, std::round(kSmoothedShare * static_cast<double>(curve.y.size())));
}

Series smooth_series(const Curve &curve, std::string name, int style) {
    Series series;
    series.name = std::move(name);
    series.x = curve.x;
    series.y = smoothed(curve.y, rows_averaged(curve));
    series.style = style;
    return series;
}

Chart step_chart(const std::string &title, const std::string &y_title = "") {
    Chart chart;
    chart.title = title;
    chart.x.title = "step";
    chart.x.low = 0;
    chart.y.title = y_title;
    return chart;
}

// Adds a noisy curve: its average, with the curve itself faint behind it. If there is nothing to average, only the
// curve.
void add_averaged(Chart *chart, const Curve &curve) {
    Series raw;
    raw.x = curve.x;
    raw.y = curve.y;
    raw.style = 0;
    const double averaged = rows_averaged(curve);
    raw.faint = averaged > 1;
    chart->series.push_back(std::move(raw));
    if (averaged == 1)
        return;
    chart->series.push_back(smooth_series(curve, "", 0));
    chart->description = "The line averages about " + grouped(static_cast<int64_t>(averaged)) + " rows of the log.";
}

Chart loss_chart(const std::vector<MetricsRow> &rows) {
    Chart chart = step_chart("Loss");
    chart.y.scale = Scale::log;
    add_averaged(&chart, curve_of(rows, "loss.total"));
    return chart;
}

// "l1" of "loss.l1.64"; "" for other columns.
std::string part_of(const std::string &column) {
    const std::string prefix = "loss.";
    const size_t end = column.rfind('.');
    const bool is_part = column.rfind(prefix, 0) == 0 && end != std::string::npos && end > prefix.size();
    return is_part ? column.substr(prefix.size(), end - prefix.size()) : "";
}

std::vector<std::string> parts_in(const std::vector<MetricsRow> &rows) {
    std::vector<std::string> parts;
    for (const MetricsRow &row : rows)
        for (const auto &[column, value] : row.values)
            if (const std::string part = part_of(column);
                !part.empty() && std::find(parts.begin(), parts.end(), part) == parts.end())
                parts.push_back(part);
    return parts;
}

Chart part_chart(const TrainingState &state, const std::string &part) {
    Chart chart = step_chart("Loss: " + part);
    chart.y.scale = Scale::log;
    chart.description = "By width, averaged like the loss.";
    for (size_t i = 0; i < state.widths.size(); i++) {
        const Curve curve = curve_of(state.rows, "loss." + part + "." + std::to_string(state.widths[i]));
        if (!curve.x.empty())
            chart.series.push_back(smooth_series(curve, width_name(state.widths[i]), static_cast<int>(i)));
    }
    return chart;
}

Chart psnr_chart(const TrainingState &state) {
    Chart chart = step_chart("Quality", "PSNR, dB");
    chart.description = "On the validation images, luma.";
    double best = kMissing;
    for (size_t i = 0; i < state.widths.size(); i++) {
        const Curve curve = curve_of(state.rows, psnr_column(state.widths[i]));
        best = std::fmax(best, best_of(curve).psnr);
        Series series;
        series.name = width_name(state.widths[i]);
        series.x = curve.x;
        series.y = curve.y;
        series.style = static_cast<int>(i);
        chart.series.push_back(std::move(series));
    }
    const double bicubic = last_value(curve_of(state.rows, "psnr.bicubic"));
    if (std::isfinite(bicubic))
        chart.references.push_back({"bicubic", bicubic});
    if (best > bicubic)
        chart.y.low = bicubic - kBelowBicubic;
    return chart;
}

Chart rate_chart(const std::vector<MetricsRow> &rows) {
    Chart chart = step_chart("Learning rate");
    chart.y.low = 0;
    const Curve curve = curve_of(rows, &MetricsRow::learning_rate);
    Series series;
    series.x = curve.x;
    series.y = curve.y;
    chart.series.push_back(std::move(series));
    return chart;
}

Chart speed_chart(const std::vector<MetricsRow> &rows) {
    Chart chart = step_chart("Speed", "images per second");
    chart.y.low = 0;
    add_averaged(&chart, curve_of(rows, &MetricsRow::images_per_second));
    return chart;
}

base::Table psnr_table(const TrainingState &state) {
    const double bicubic = last_value(curve_of(state.rows, "psnr.bicubic"));
    base::Table table;
    table.title = "PSNR on the validation images, dB";
    table.columns = {{"Channels"},
                     {"Now", true, 2, base::Column::Best::highest},
                     {"Best", true, 2, base::Column::Best::highest},
                     {"At step", true},
                     {"Over bicubic", true}};
    for (const int width : state.widths) {
        const Curve curve = curve_of(state.rows, psnr_column(width));
        const BestValue best = best_of(curve);
        const std::string step = std::isnan(best.psnr) ? kNoValue : grouped(best.step);
        table.rows.push_back({std::to_string(width), last_value(curve), best.psnr, step, best.psnr - bicubic});
    }
    if (std::isfinite(bicubic))
        table.rows.push_back({"bicubic", decimal(bicubic, 2)});
    return table;
}

std::string width_list(const std::vector<int> &widths) {
    std::string list;
    for (const int width : widths)
        list += (list.empty() ? "" : ", ") + std::to_string(width);
    return list;
}

std::vector<Fact> summary(const TrainingState &state) {
    const double seconds = last_value(curve_of(state.rows, &MetricsRow::seconds));
    const double speed = last_value(curve_of(state.rows, &MetricsRow::images_per_second));
    const double rate = last_value(curve_of(state.rows, &MetricsRow::learning_rate));
    std::vector<Fact> facts = {{"Network", state.network},
                               {"Scale", "\u00d7" + std::to_string(state.scale)},
                               {"Widths", width_list(state.widths) + " channels"},
                               {"Step", grouped(state.step) + " of " + grouped(state.steps)},
                               {"Time", duration(seconds)}};
    if (state.step > 0 && state.step < state.steps)
        facts.push_back({"Left, about", duration(seconds / static_cast<double>(state.step) *
                                                 static_cast<double>(state.steps - state.step))});
    facts.push_back({"Images per second", std::isnan(speed) ? kNoValue : readable(speed)});
    facts.push_back({"Learning rate", std::isnan(rate) ? kNoValue : compact(rate)});
    facts.insert(facts.end(), state.facts.begin(), state.facts.end());
    return facts;
}

}  // namespace

std::vector<double> smoothed(const std::vector<double> &values, double rows) {
    const double decay = 1 - 1 / std::max(1.0, rows);
    double sum = 0, weight = 0;
    std::vector<double> averages;
    for (const double value : values) {
        if (!std::isfinite(value)) {
            averages.push_back(kMissing);
            continue;
        }
        sum = decay * sum + value;
        weight = decay * weight + 1;  // the first values are not pulled towards zero
        averages.push_back(sum / weight);
    }
    return averages;
}

std::string training_page(const TrainingState &state) {
    const bool done = state.step >= state.steps;
    const double share = state.steps > 0 ? static_cast<double>(state.step) / static_cast<double>(state.steps) : 0;
    Page page(state.network + " \u00d7" + std::to_string(state.scale));
    page.refresh_every(done ? 0 : state.refresh_seconds);
    page.subtitle(done ? "Training, finished" : "Training, " + decimal(100 * share, 1) + " % done");
    page.progress(share, decimal(100 * share, 1) + " % of the steps");
    page.facts(summary(state)).table(psnr_table(state));

    page.heading("Curves");
    std::vector<Chart> charts = {loss_chart(state.rows), psnr_chart(state)};
    for (const std::string &part : parts_in(state.rows))
        charts.push_back(part_chart(state, part));
    charts.push_back(rate_chart(state.rows));
    charts.push_back(speed_chart(state.rows));
    page.charts(charts);

    if (!state.pictures.empty())
        page.heading("Pictures");
    for (const PictureRow &row : state.pictures)
        page.pictures(row);
    page.heading("Configuration").raw_text("As text", state.config);
    return page.html();
}

}  // namespace slimscale::reports
