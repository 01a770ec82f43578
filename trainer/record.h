// The files of a run for people to look at: metrics.csv and report.html in its folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "extras/reports/metrics_log.h"
#include "trainer/checkpoint.h"
#include "trainer/config.h"
#include "trainer/step.h"
#include "trainer/validation.h"

namespace slimscale::trainer {

class Record {
public:
    // Opens or begins the log in config.out and drops rows beyond `step`. `config` and `validation` must outlive the
    // record.
    static Result<Record> open(const Config &config, const std::vector<Pair> &validation, int64_t step);

    // Adds the losses of a step; every config.log_every steps the means since the last row become a row. `seconds` are
    // those of this step, `images` its images in all processes together.
    Status step(const TrainingState &state, const Losses &losses, int images, double seconds);
    Status validation(const TrainingState &state, const Validation &result);

    // Rewrites the page, with crops of what the network computes with its present values.
    Status write_page(const TrainingState &state, SlimNetworkImpl &network, const std::vector<int> &widths,
                      torch::Device device) const;

private:
    Record(const Config &config, const std::vector<Pair> &validation, reports::MetricsLog log);
    std::string path(const char *name) const;

    const Config *config_;
    const std::vector<Pair> *validation_;
    reports::MetricsLog log_;
    double bicubic_ = 0;
    // Sums since the last row, by column.
    std::map<std::string, std::pair<double, int>> sums_;
    double seconds_ = 0;
    int64_t images_ = 0;
};

}  // namespace slimscale::trainer
