// SVG's shapes as charts use them, and points in pixels. Within extras/reports/ only.
#pragma once

#include <string>
#include <vector>

#include "extras/reports/chart_frame.h"

namespace slimscale::reports {

struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
};

struct Pixel {
    double x = 0, y = 0;  // y is NaN in a gap
};

// The series' points that have a place on the x axis.
std::vector<Pixel> pixels_of(const Chart &chart, const Frame &frame, const Series &series);

std::string pixels(double value);  // tenths of a pixel, without trailing zeros

// Path data.
std::string line(Pixel from, Pixel to);
std::string marker(size_t style, Pixel p);
std::string polyline(const std::vector<Pixel> &points);  // interrupted at gaps; a point between two gaps is a dot

// Elements of a class of the style sheet.
std::string style_class(size_t style, bool faint = false);
std::string path(const std::string &kind, const std::string &d);
std::string text(const std::string &kind, Pixel p, const std::string &content);

}  // namespace slimscale::reports
