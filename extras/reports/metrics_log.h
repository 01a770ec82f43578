// A run's measurements: a CSV file that only grows, which any spreadsheet reads. It has a header line and one row per
// measurement; a row leaves fields without a value empty, so that training rows and validation rows share the file.
//
//     step,seconds,images_per_second,learning_rate,loss.total,loss.l1.64,psnr.64,psnr.bicubic
//     100,12.5,128.1,1e-04,0.0312,0.0312,,
//     100,14,,,,,31.07,33.67
//
// A line cut off by a crash is ignored on reading and removed on opening. Nothing is kept open between rows.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::reports {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct MetricsRow {
    int64_t step = 0;
    double seconds = kMissing;  // since training began, without pauses between resumed runs
    double images_per_second = kMissing;
    double learning_rate = kMissing;
    std::map<std::string, double> values;  // by column, "loss.l1.64"; NaN is a value, of a run that diverged
};

struct Metrics {
    std::vector<std::string> columns;  // named columns, in the file's order
    std::vector<MetricsRow> rows;      // in the file's order
};

// Reads complete lines only. Errors name the line.
Result<Metrics> read_metrics(const std::string &path);

class MetricsLog {
public:
    // Makes a new file with its header; an existing one must have exactly these named columns. Names consist of
    // letters, digits and "._-", and are distinct.
    static Result<MetricsLog> open(const std::string &path, const std::vector<std::string> &columns);

    // Appends the whole row or nothing. NaN in the four leading numbers, and columns that the row does not name, are
    // left empty.
    Status append(const MetricsRow &row) const;

    // Drops the rows beyond `step`, as after a resume from there. The file holds the old rows or the new ones, never
    // a part.
    Status truncate_after(int64_t step) const;

private:
    MetricsLog(std::string path, std::vector<std::string> columns);

    std::string path_;
    std::vector<std::string> columns_;
};

}  // namespace slimscale::reports
