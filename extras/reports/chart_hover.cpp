#include "extras/reports/chart_hover.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "extras/reports/chart_shapes.h"
#include "extras/reports/html.h"

namespace slimscale::reports {
namespace {

using base::readable;

constexpr double kProbePixels = 8;  // what a hand can aim at

std::string value_text(const Axis &axis, double value) {
    return axis.title.empty() ? readable(value) : axis.title + " " + readable(value);
}

struct Reading {
    size_t series = 0;
    double x = 0, y = 0;  // values
    Pixel pixel;
};

struct Probe {
    double centre = 0;  // pixels
    std::vector<Reading> readings;
};

// Per strip, each series' point nearest to the strip's middle; strips without any are left out.
std::vector<Probe> probes_of(const Chart &chart, const Frame &frame) {
    const auto count = static_cast<size_t>(frame.width / kProbePixels);
    std::vector<Probe> strips(count + 1);
    const auto middle = [&](size_t strip) { return frame.left + (static_cast<double>(strip) + 0.5) * kProbePixels; };
    for (size_t s = 0; s < chart.series.size(); s++) {
        const Series &series = chart.series[s];
        if (series.faint)
            continue;
        for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++) {
            const Pixel p{x_pixel(chart, frame, series.x[i]), y_pixel(chart, frame, series.y[i])};
            if (!std::isfinite(p.x) || !std::isfinite(p.y) || p.x < frame.left || p.x > frame.right())
                continue;
            const size_t strip = std::min(count, static_cast<size_t>((p.x - frame.left) / kProbePixels));
            std::vector<Reading> &readings = strips[strip].readings;
            const Reading reading{s, series.x[i], series.y[i], p};
            if (readings.empty() || readings.back().series != s)
                readings.push_back(reading);
            else if (std::abs(p.x - middle(strip)) < std::abs(readings.back().pixel.x - middle(strip)))
                readings.back() = reading;
        }
    }
    strips.erase(std::remove_if(strips.begin(), strips.end(), [](const Probe &p) { return p.readings.empty(); }),
                 strips.end());
    for (Probe &probe : strips)
        probe.centre = probe.readings.front().pixel.x;
    return strips;
}

std::string probe_title(const Chart &chart, const Probe &probe) {
    std::string title = value_text(chart.x, probe.readings.front().x);
    for (const Reading &reading : probe.readings) {
        const std::string &name = chart.series[reading.series].name;
        title += "\n" + (!name.empty() ? name : !chart.y.title.empty() ? chart.y.title
                                                                       : chart.title) +
                 ": " + readable(reading.y);
    }
    return element("title", {}, escaped(title));
}

bool overlap(const Box &a, const Box &b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

bool lies_within(const Box &box, const Frame &frame) {
    return box.left >= frame.left && box.right <= frame.right() &&
           box.top >= frame.top && box.bottom <= frame.bottom();
}

bool lies_within(Pixel p, const Frame &frame) {
    return lies_within({p.x, p.y, p.x, p.y}, frame);
}

Box around(Pixel p) {
    const double r = kMarkerRadius + 1;
    return {p.x - r, p.y - r, p.x + r, p.y + r};
}

// The first of the places above, below, right and left of the point that covers nothing; above if there is none.
Box label_box(const std::string &label, Pixel p, const Frame &frame, const std::vector<Box> &taken) {
    const double width = text_pixels(label) + kMarkerRadius, height = kFontPixels, away = kMarkerRadius + 4;
    const Box places[] = {
        {p.x - width / 2, p.y - away - height, p.x + width / 2, p.y - away},
        {p.x - width / 2, p.y + away, p.x + width / 2, p.y + away + height},
        {p.x + away, p.y - height / 2, p.x + away + width, p.y + height / 2},
        {p.x - away - width, p.y - height / 2, p.x - away, p.y + height / 2},
    };
    for (const Box &box : places) {
        const auto covers = [&box](const Box &other) { return overlap(box, other); };
        if (lies_within(box, frame) && std::none_of(taken.begin(), taken.end(), covers))
            return box;
    }
    return places[0];
}

std::string point_title(const Chart &chart, const Series &series, size_t i) {
    std::string title = series.name;
    if (i < series.labels.size() && !series.labels[i].empty())
        title += (title.empty() ? "" : ", ") + series.labels[i];
    return title + (title.empty() ? "" : "\n") + value_text(chart.x, series.x[i]) + "\n" +
           value_text(chart.y, series.y[i]);
}

}  // namespace

std::string draw_probes(const Chart &chart, const Frame &frame) {
    const std::vector<Probe> probes = probes_of(chart, frame);
    std::string out;
    for (size_t i = 0; i < probes.size(); i++) {
        const double centre = probes[i].centre;
        const double left = i == 0 ? frame.left : (probes[i - 1].centre + centre) / 2;
        const double right = i + 1 == probes.size() ? frame.right() : (centre + probes[i + 1].centre) / 2;
        std::string content = probe_title(chart, probes[i]);
        content += leaf("rect", {{"x", pixels(left)},
                                 {"y", pixels(frame.top)},
                                 {"width", pixels(right - left)},
                                 {"height", pixels(frame.height)}});
        content += path("guide", line({centre, frame.top}, {centre, frame.bottom()}));
        for (const Reading &reading : probes[i].readings) {
            if (!lies_within(reading.pixel, frame))
                continue;
            const size_t style = style_of(chart, reading.series);
            content += path("mark " + style_class(style), marker(style, reading.pixel));
        }
        out += element("g", {{"class", "probe"}}, content);
    }
    return out;
}

std::string draw_points(const Chart &chart, const Frame &frame) {
    constexpr double kReach = 10;  // around a point, for hovering
    std::string labels, targets;
    std::vector<Box> taken;
    for (const Series &series : chart.series)
        for (const Pixel &p : pixels_of(chart, frame, series))
            taken.push_back(around(p));
    for (const Series &series : chart.series) {
        for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++) {
            const Pixel p{x_pixel(chart, frame, series.x[i]), y_pixel(chart, frame, series.y[i])};
            if (!lies_within(p, frame))
                continue;
            targets += element("g", {{"class", "point"}},
                               element("title", {}, escaped(point_title(chart, series, i))) +
                                   leaf("circle", {{"cx", pixels(p.x)}, {"cy", pixels(p.y)}, {"r", pixels(kReach)}}));
            if (i >= series.labels.size() || series.labels[i].empty())
                continue;
            const Box box = label_box(series.labels[i], p, frame, taken);
            taken.push_back(box);
            labels += text("note middle", {(box.left + box.right) / 2, box.bottom - 2}, series.labels[i]);
        }
    }
    return labels + targets;
}

}  // namespace slimscale::reports
