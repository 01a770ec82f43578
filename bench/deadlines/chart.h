// Frames of a camera over time, as an SVG picture: one panel for each way of running them.
#pragma once

#include <string>
#include <vector>

namespace slimscale::bench {

struct TimedFrame {
    double at_s;  // from the run's start
    double ms;
    int channels;
};

struct Panel {
    std::string title;
    std::vector<TimedFrame> frames;
};

struct DeadlineChart {
    double budget_ms, load_from_s, load_to_s, end_s;
    std::string caption;  // machine, model, size
    std::vector<Panel> panels;
};

std::string svg_of(const DeadlineChart &chart);

}  // namespace slimscale::bench
