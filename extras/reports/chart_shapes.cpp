#include "extras/reports/chart_shapes.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "extras/reports/html.h"

namespace slimscale::reports {
namespace {

using base::shortest;

std::string at(Pixel p) {
    return pixels(p.x) + " " + pixels(p.y);
}

}  // namespace

std::vector<Pixel> pixels_of(const Chart &chart, const Frame &frame, const Series &series) {
    std::vector<Pixel> found;
    for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++) {
        const Pixel p{x_pixel(chart, frame, series.x[i]), y_pixel(chart, frame, series.y[i])};
        if (std::isfinite(p.x))
            found.push_back(p);
    }
    return found;
}

std::string pixels(double value) {
    return shortest(std::round(value * 10) / 10);
}

std::string line(Pixel from, Pixel to) {
    return "M" + at(from) + "L" + at(to);
}

std::string style_class(size_t style, bool faint) {
    return "s" + std::to_string(style) + (faint ? " faint" : "");
}

std::string path(const std::string &kind, const std::string &d) {
    return leaf("path", {{"class", kind}, {"d", d}});
}

std::string text(const std::string &kind, Pixel p, const std::string &content) {
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
    const double k = 0.4, e = 1.2;  // half the width of the cross' arms, and where they end
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
        return polygon({{-k, -e}, {k, -e}, {k, -k}, {e, -k}, {e, k}, {k, k},  //
                        {k, e},
                        {-k, e},
                        {-k, k},
                        {-e, k},
                        {-e, -k},
                        {-k, -k}});
    default:
        const std::string arc = "A" + at({r, r}) + " 0 1 1 ";
        return "M" + move(-r, 0) + arc + move(r, 0) + arc + move(-r, 0) + "Z";
    }
}

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

}  // namespace slimscale::reports
