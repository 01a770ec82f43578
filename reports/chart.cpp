#include "reports/chart.h"

#include <algorithm>
#include <cmath>

#include "reports/chart_frame.h"
#include "reports/html.h"
#include "reports/numbers.h"
#include "reports/style.h"
#include "reports/thin.h"

namespace slimscale::reports {
namespace {

constexpr double kColumnPixels = 1.5;  // of thinning: finer than what is seen
constexpr double kProbePixels = 8;     // of hovering: what a hand can aim at
constexpr double kLegendLine = 24;

struct Pixel {
    double x = 0, y = 0;
};

struct Box {
    double left, top, right, bottom;
};

// Tenths of a pixel, without trailing zeros.
std::string pixels(double value) {
    return shortest(std::round(value * 10) / 10);
}

std::string at(Pixel p) {
    return pixels(p.x) + " " + pixels(p.y);
}

std::string line(Pixel from, Pixel to) {
    return "M" + at(from) + "L" + at(to);
}

std::string style_class(size_t style, bool faint = false) {
    return "s" + std::to_string(style) + (faint ? " faint" : "");
}

std::string path(const char *kind, const std::string &d) {
    return leaf("path", {{"class", kind}, {"d", d}});
}

std::string text(const char *kind, Pixel p, const std::string &content) {
    return element("text", {{"class", kind}, {"x", pixels(p.x)}, {"y", pixels(p.y)}}, escaped(content));
}

// Circle, square, triangle, diamond, triangle upside down, cross: areas about equal.
std::string marker(size_t style, Pixel p) {
    const double r = kMarkerRadius;
    const auto move = [p](double x, double y) { return at({p.x + x, p.y + y}); };
    const auto polygon = [&](std::initializer_list<Pixel> corners) {
        std::string d;
        for (const Pixel &corner : corners)
            d += (d.empty() ? "M" : "L") + move(corner.x * r, corner.y * r);
        return d + "Z";
    };
    const double k = 0.4;  // half the width of the cross' arms
    switch (style) {
    case 1:
        return polygon({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}});
    case 2:
        return polygon({{0, -1.2}, {1.2, 0.9}, {-1.2, 0.9}});
    case 3:
        return polygon({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
    case 4:
        return polygon({{0, 1.2}, {1.2, -0.9}, {-1.2, -0.9}});
    case 5:
        return polygon({{-k, -1.2}, {k, -1.2}, {k, -k}, {1.2, -k}, {1.2, k}, {k, k}, {k, 1.2}, {-k, 1.2}, {-k, k}, {-1.2, k}, {-1.2, -k}, {-k, -k}});
    default:
        const std::string radius = pixels(r) + " " + pixels(r);
        return "M" + move(-r, 0) + "A" + radius + " 0 1 1 " + move(r, 0) + "A" + radius + " 0 1 1 " + move(-r, 0) + "Z";
    }
}

std::vector<Pixel> pixels_of(const Chart &chart, const Frame &frame, const Series &series) {
    std::vector<Pixel> found;
    for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++) {
        const Pixel p{x_pixel(chart, frame, series.x[i]), y_pixel(chart, frame, series.y[i])};
        if (std::isfinite(p.x))
            found.push_back(p);
    }
    return found;
}

std::vector<Pixel> thinned_pixels(const std::vector<Pixel> &all, double width) {
    std::vector<double> x, y;
    for (const Pixel &p : all) {
        x.push_back(p.x);
        y.push_back(p.y);
    }
    std::vector<Pixel> kept;
    for (const size_t i : thinned(x, y, static_cast<size_t>(std::max(1.0, width / kColumnPixels))))
        kept.push_back(all[i]);
    return kept;
}

// A line through the points, interrupted at gaps; a point between two gaps is a dot.
std::string polyline(const std::vector<Pixel> &points) {
    std::string d;
    bool drawing = false;
    for (size_t i = 0; i < points.size(); i++) {
        if (!std::isfinite(points[i].y)) {
            drawing = false;
            continue;
        }
        const bool ends = i + 1 == points.size() || !std::isfinite(points[i + 1].y);
        d += (drawing ? "L" : "M") + at(points[i]) + (!drawing && ends ? "h0" : "");
        drawing = true;
    }
    return d;
}

// The points that get a marker: all of them where there is room, else about one per `kApart` pixels, each style at
// places of its own.
std::vector<Pixel> marked(const std::vector<Pixel> &points, size_t style) {
    constexpr double kRoom = 14, kApart = 90;
    std::vector<Pixel> finite;
    std::copy_if(points.begin(), points.end(), std::back_inserter(finite), [](Pixel p) { return std::isfinite(p.y); });
    if (finite.size() < 2 || finite.back().x - finite.front().x >= kRoom * static_cast<double>(finite.size() - 1))
        return finite;
    std::vector<Pixel> found;
    double next = finite.front().x + kApart * (static_cast<double>(style) + 0.5) / kSeriesStyles;
    for (const Pixel &p : finite) {
        if (p.x < next)
            continue;
        found.push_back(p);
        next += kApart * std::ceil((p.x - next) / kApart + 1e-9);
    }
    return found;
}

std::string draw_series(const Chart &chart, const Frame &frame, size_t index, bool with_markers) {
    const Series &series = chart.series[index];
    const size_t style = style_of(chart, index);
    const bool scatter = chart.kind == Chart::Kind::scatter;
    std::vector<Pixel> points = pixels_of(chart, frame, series);
    if (!scatter)
        points = thinned_pixels(points, frame.width);
    const std::string d = polyline(points);
    if (d.empty())
        return "";
    std::string markers;
    if (with_markers && !series.faint)
        for (const Pixel &p : marked(points, style))
            markers += marker(style, p);
    const std::string content = path("line", d) + (markers.empty() ? "" : path("mark", markers));
    return element("g", {{"class", style_class(style, series.faint)}}, content);
}

std::string draw_axes(const Chart &chart, const Frame &frame) {
    std::string grid, out;
    const double label_x = frame.left - 8, label_y = frame.bottom() + 16, baseline = kFontPixels / 3;
    for (const Tick &tick : frame.y_ticks) {
        const double y = y_pixel(chart, frame, tick.value);
        grid += line({frame.left, y}, {frame.right(), y});
        out += text("tick end", {label_x, y + baseline}, tick.label);
    }
    std::string marks = line({frame.left, frame.bottom()}, {frame.right(), frame.bottom()});
    for (const Tick &tick : frame.x_ticks) {
        const double x = x_pixel(chart, frame, tick.value);
        const double half = text_pixels(tick.label) / 2;
        marks += line({x, frame.bottom()}, {x, frame.bottom() + 4});
        out += text("tick middle", {std::min(x, frame.size.width - half), label_y}, tick.label);
    }
    if (!chart.y.title.empty())
        out += text("axis", {0, frame.top - 12}, chart.y.title);
    if (!chart.x.title.empty())
        out += text("axis end", {frame.right(), frame.size.height - 4.0}, chart.x.title);
    return (grid.empty() ? "" : path("grid", grid)) + path("base", marks) + out;
}

std::string draw_legend(const Chart &chart, const Legend &legend) {
    std::string out;
    for (const LegendEntry &entry : legend.entries) {
        const Series &series = chart.series[entry.series];
        const size_t style = style_of(chart, entry.series);
        std::string sample = path("line", line({entry.x, entry.y}, {entry.x + kLegendLine, entry.y}));
        if (!series.faint)
            sample += path("mark", marker(style, {entry.x + kLegendLine / 2, entry.y}));
        out += element("g", {{"class", style_class(style, series.faint)}}, sample);
        out += text("name", {entry.x + kLegendLine + 6, entry.y + kFontPixels / 3}, series.name);
    }
    return out;
}

std::string draw_references(const Chart &chart, const Frame &frame) {
    std::string out;
    for (const Reference &reference : chart.references) {
        const double y = y_pixel(chart, frame, reference.y);
        if (!(y >= frame.top && y <= frame.bottom()))
            continue;
        const bool above = y - frame.top > 1.5 * kFontPixels;
        out += path("reference", line({frame.left, y}, {frame.right(), y}));
        out += text("note end", {frame.right() - 2, above ? y - 5 : y + kFontPixels + 2},
                    reference.name + " " + readable(reference.y, 4));
    }
    return out;
}

std::string value_text(const Axis &axis, double value) {
    return axis.title.empty() ? readable(value) : axis.title + " " + readable(value);
}

// ---- Hovering over curves: one strip per few pixels tells all series' values there.

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
        title += "\n" + (name.empty() ? chart.y.title : name) + ": " + readable(reading.y);
    }
    return element("title", {}, escaped(title));
}

std::string draw_probes(const Chart &chart, const Frame &frame) {
    const std::vector<Probe> probes = probes_of(chart, frame);
    std::string out;
    for (size_t i = 0; i < probes.size(); i++) {
        const double centre = probes[i].centre;
        const double left = i == 0 ? frame.left : (probes[i - 1].centre + centre) / 2;
        const double right = i + 1 == probes.size() ? frame.right() : (centre + probes[i + 1].centre) / 2;
        std::string content = probe_title(chart, probes[i]);
        content += leaf("rect", {{"x", pixels(left)}, {"y", pixels(frame.top)}, {"width", pixels(right - left)}, {"height", pixels(frame.height)}});
        content += path("guide", line({centre, frame.top}, {centre, frame.bottom()}));
        for (const Reading &reading : probes[i].readings) {
            const size_t style = style_of(chart, reading.series);
            content += path(("mark " + style_class(style)).c_str(), marker(style, reading.pixel));
        }
        out += element("g", {{"class", "probe"}}, content);
    }
    return out;
}

// ---- Scatter: a title and, on request, a label per point.

bool overlap(const Box &a, const Box &b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

Box around(Pixel p) {
    const double r = kMarkerRadius + 1;
    return {p.x - r, p.y - r, p.x + r, p.y + r};
}

// The first of the places above, below, right and left of the point that covers nothing; above if there is none.
Box label_box(const std::string &label, Pixel p, const Frame &frame, const std::vector<Box> &taken) {
    const double width = text_pixels(label), height = kFontPixels, away = kMarkerRadius + 4;
    const Box places[] = {
        {p.x - width / 2, p.y - away - height, p.x + width / 2, p.y - away},
        {p.x - width / 2, p.y + away, p.x + width / 2, p.y + away + height},
        {p.x + away, p.y - height / 2, p.x + away + width, p.y + height / 2},
        {p.x - away - width, p.y - height / 2, p.x - away, p.y + height / 2},
    };
    for (const Box &box : places) {
        const bool inside = box.left >= frame.left && box.right <= frame.right() && box.top >= frame.top && box.bottom <= frame.bottom();
        if (inside && std::none_of(taken.begin(), taken.end(), [&](const Box &other) { return overlap(box, other); }))
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
            if (!std::isfinite(p.x) || !std::isfinite(p.y))
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

}  // namespace

std::string svg(const Chart &chart, ChartSize size) {
    const Legend legend = legend_of(chart, size);
    const Frame frame = frame_of(chart, size, legend);
    const bool scatter = chart.kind == Chart::Kind::scatter;
    const auto is_clear = [](const Series &series) { return !series.faint; };
    const bool several = std::count_if(chart.series.begin(), chart.series.end(), is_clear) > 1;

    std::string curves;
    for (size_t i = 0; i < chart.series.size(); i++)
        curves += draw_series(chart, frame, i, scatter || several);
    // An inner <svg> cuts off what lies beyond the plot, but for half a marker at its sides.
    const double slack = kMarkerRadius + 2;
    const std::string x = pixels(frame.left - slack), y = pixels(frame.top);
    const std::string width = pixels(frame.width + 2 * slack), height = pixels(frame.height + 1);
    const std::string plot = element("svg", {{"x", x}, {"y", y}, {"width", width}, {"height", height}, {"viewBox", x + " " + y + " " + width + " " + height}}, curves);

    std::string content = element("title", {}, escaped(chart.title));
    if (!chart.description.empty())
        content += element("desc", {}, escaped(chart.description));
    content += draw_axes(chart, frame) + draw_legend(chart, legend) + plot + draw_references(chart, frame);
    if (!frame.has_points)
        content += text("empty middle", {frame.left + frame.width / 2, frame.top + frame.height / 2}, "no values yet");
    content += scatter ? draw_points(chart, frame) : draw_probes(chart, frame);
    const std::string view = "0 0 " + std::to_string(size.width) + " " + std::to_string(size.height);
    return element("svg", {{"class", "chart"}, {"viewBox", view}, {"role", "img"}}, content);
}

}  // namespace slimscale::reports
