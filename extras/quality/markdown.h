// An evaluation as Markdown, with columns that also line up as plain text.
#pragma once

#include <string>

#include "extras/quality/evaluation.h"
#include "extras/quality/tables.h"

namespace slimscale::quality {

std::string to_markdown(const Table &table);  // without its title
std::string to_markdown(const Evaluation &evaluation);

}  // namespace slimscale::quality
