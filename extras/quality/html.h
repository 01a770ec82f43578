// An evaluation as one HTML file: tables, PSNR over channels, close-ups.
#pragma once

#include <string>

#include "extras/quality/evaluation.h"

namespace slimscale::quality {

std::string to_html(const Evaluation &evaluation);

}  // namespace slimscale::quality
