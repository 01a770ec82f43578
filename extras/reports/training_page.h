// The page of a training run so far, made of the rows of its metrics log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "extras/reports/metrics_log.h"
#include "extras/reports/page.h"

namespace slimscale::reports {

// The state of a run. The page knows these columns of the log, where widths are channel counts:
//     loss.total                what is minimised
//     loss.<part>.<width>       one term of it: one chart per part, one curve per width
//     psnr.<width>              on the validation images, luma, dB
//     psnr.bicubic              the same for bicubic; the last row's counts
struct TrainingState {
    std::string network;  // "EDSR, 16 blocks"
    int scale = 0;
    std::vector<int> widths;  // in the order of the table and the legends
    int64_t step = 0, steps = 0;
    std::vector<MetricsRow> rows;  // training and validation rows, steps ascending
    std::vector<Fact> facts;       // further facts for the summary: data set, device
    std::vector<PictureRow> pictures;
    std::string config;        // the options as text, shown at the end
    int refresh_seconds = 30;  // how often an open page reloads until the last step; 0: never
};

std::string training_page(const TrainingState &state);

// Averages over about `rows` values, whose weights fall with their age; NaN where the value is not finite.
std::vector<double> smoothed(const std::vector<double> &values, double rows);

}  // namespace slimscale::reports
