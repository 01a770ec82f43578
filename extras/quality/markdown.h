// An evaluation as Markdown.
#pragma once

#include <string>

#include "extras/quality/evaluation.h"

namespace slimscale::quality {

std::string to_markdown(const Evaluation &evaluation);

}  // namespace slimscale::quality
