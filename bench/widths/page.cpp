#include "bench/widths/page.h"

#include <algorithm>
#include <cmath>

#include "bench/widths/table.h"
#include "extras/reports/page.h"

namespace slimscale::bench {
namespace {

using reports::Chart;
using reports::Series;

// The rows that one pair of charts shows, since their PSNR and times can be compared.
struct Plot {
    int scale;
    std::string input;
    std::vector<const Row *> rows;
    std::vector<const PeerRow *> peers;
};

bool stands_beside(const PeerRow &peer, const Row &row) {
    return peer.network == row.network && peer.input == row.input && (peer.scale == 0 || peer.scale == row.scale) &&
           (peer.threads == 0 || peer.threads == row.threads);
}

std::vector<Plot> plots_of(const Report &report, const std::vector<PeerRow> &peers) {
    std::vector<Plot> plots;
    for (const Row &row : report.rows) {
        auto plot = std::find_if(plots.begin(), plots.end(),
                                 [&](const Plot &p) { return p.scale == row.scale && p.input == row.input; });
        if (plot == plots.end())
            plot = plots.insert(plot, {row.scale, row.input, {}, {}});
        plot->rows.push_back(&row);
    }
    for (Plot &plot : plots)
        for (const PeerRow &peer : peers)
            if (std::any_of(plot.rows.begin(), plot.rows.end(),
                            [&](const Row *row) { return stands_beside(peer, *row); }))
                plot.peers.push_back(&peer);
    return plots;
}

std::string name_of(const Row &row) {
    return row.model + ", " + row.target;
}
std::string name_of(const PeerRow &peer) {
    return peer.network + ", " + peer.engine + " " + peer.precision;
}

void add_point(Chart &chart, const std::string &name, double x, double y, int channels) {
    if (!std::isfinite(x) || !std::isfinite(y))
        return;
    auto series =
        std::find_if(chart.series.begin(), chart.series.end(), [&](const Series &s) { return s.name == name; });
    if (series == chart.series.end()) {
        series = chart.series.insert(series, Series{});
        series->name = name;
    }
    series->x.push_back(x);
    series->y.push_back(y);
    series->labels.push_back(std::to_string(channels));
}

std::string place(const Plot &plot) {
    return "x" + std::to_string(plot.scale) + ", " + plot.input + " input";
}

Chart latency_over_width(const Plot &plot) {
    Chart chart;
    chart.title = "Time over width, " + place(plot);
    chart.description = "Median milliseconds per frame for every width, a line per network and target.";
    chart.kind = Chart::Kind::scatter;
    chart.x = {"channels", reports::Scale::linear};
    chart.y = {"ms per frame", reports::Scale::log};
    for (const Row *row : plot.rows)
        add_point(chart, name_of(*row), row->channels, row->p50_ms, row->channels);
    for (const PeerRow *peer : plot.peers)
        add_point(chart, name_of(*peer), peer->channels, peer->p50_ms, peer->channels);
    for (Series &series : chart.series)
        series.labels.clear();  // the axis has the channels
    return chart;
}

// The PSNR of our f32 row at the peer's width; unknown if there is none.
double psnr_of(const Plot &plot, const PeerRow &peer) {
    for (const Row *row : plot.rows)
        if (stands_beside(peer, *row) && row->channels == peer.channels && peer.precision == "f32" &&
            precision_of(row->target) == "f32")
            return row->psnr;
    return kUnknown;
}

Chart quality_over_latency(const Plot &plot) {
    Chart chart;
    chart.title = "PSNR over time, " + place(plot);
    chart.description = "Mean PSNR of luma over median milliseconds per frame; points are labelled with channels.";
    chart.kind = Chart::Kind::scatter;
    chart.x = {"ms per frame", reports::Scale::log};
    chart.y = {"PSNR Y, dB"};
    for (const Row *row : plot.rows)
        add_point(chart, name_of(*row), row->p50_ms, row->psnr, row->channels);
    for (const PeerRow *peer : plot.peers)
        add_point(chart, name_of(*peer), peer->p50_ms, psnr_of(plot, *peer), peer->channels);
    return chart;
}

base::Table peers_table(const std::vector<PeerRow> &peers) {
    base::Table table;
    table.title = "Other engines";
    for (const char *title : {"network", "input", "engine", "version", "precision"})
        table.columns.push_back({title});
    table.columns.push_back({"channels", /*numeric=*/true, /*decimals=*/0});
    table.columns.push_back({"threads", true, 0});
    table.columns.push_back({"p50 ms", true, 2});
    for (const PeerRow &peer : peers)
        table.rows.push_back({peer.network, peer.input, peer.engine, peer.version, peer.precision,
                              static_cast<double>(peer.channels), static_cast<double>(peer.threads), peer.p50_ms});
    return table;
}

std::vector<reports::Fact> facts_of(const Report &report) {
    std::vector<reports::Fact> facts{{"Machine", report.machine},
                                     {"Threads", std::to_string(report.threads) + (report.pinned ? ", pinned" : "")},
                                     {"slimscale", report.version},
                                     {"Date", report.date}};
    for (const Row &row : report.rows)
        if (lanes_of(row.target) == 0 &&
            std::none_of(facts.begin(), facts.end(), [&](const auto &fact) { return fact.name == row.target; }))
            facts.push_back({row.target, row.device});
    return facts;
}

}  // namespace

std::string to_html(const Report &report, const std::vector<PeerRow> &peers) {
    reports::Page page("slimscale: speed of every width");
    page.facts(facts_of(report)).paragraph(peaks_text(report));
    for (const Plot &plot : plots_of(report, peers)) {
        const Chart quality = quality_over_latency(plot);
        if (quality.series.empty())
            page.chart(latency_over_width(plot));
        else
            page.charts({quality, latency_over_width(plot)});
    }
    for (const Group &group : groups_of(report))
        page.table(table_of(group));
    if (!peers.empty())
        page.table(peers_table(peers));
    if (!report.skipped.empty())
        page.heading("Not run");
    for (const Skipped &skipped : report.skipped)
        page.paragraph(text_of(skipped));
    page.raw_text("Command", report.command);
    return page.html();
}

}  // namespace slimscale::bench
