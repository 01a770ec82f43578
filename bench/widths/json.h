// A report as JSON; bench/README.md lists the fields. What is unknown is null.
#pragma once

#include <string>

#include "base/status.h"
#include "bench/widths/report.h"

namespace slimscale::bench {

std::string to_json(const Report &report);  // ends with a line break

// After an error `report` is unchanged. The error names no file.
Status parse_json(const std::string &text, Report &report);

}  // namespace slimscale::bench
