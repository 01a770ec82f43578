// An evaluation as one HTML file: tables, PSNR over width, close-ups.
#pragma once

#include <string>

#include "quality/evaluation.h"

namespace slimscale::quality {

std::string to_html(const Evaluation &evaluation);

}  // namespace slimscale::quality
