// An evaluation as one HTML file: tables, PSNR over width, close-ups.
#pragma once

#include <string>

#include "extras/quality/evaluation.h"
#include "extras/quality/tables.h"
#include "extras/reports/page.h"

namespace slimscale::quality {

std::string to_html(const Evaluation &evaluation);

// A table of text as a page's: columns behind the first text_columns hold numbers.
reports::Table drawn(const Table &table);

}  // namespace slimscale::quality
