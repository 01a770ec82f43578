// An evaluation as tables, for Markdown and HTML.
#pragma once

#include <string>
#include <vector>

#include "base/table.h"
#include "extras/quality/evaluation.h"

namespace slimscale::quality {

// "carn_m_x2, x2, 5 images"
std::string title(const Evaluation &evaluation);

// Says in a few sentences how the figures were made: borders, roundings, the meaning of "+".
std::string method(const Evaluation &evaluation);

// "64 channels", with the engine if there are several, and with the network if there are several.
std::string label(const Evaluation &evaluation, size_t subject);

// Means over the images, with a row for bicubic and for every subject. Precondition: there is an image.
base::Table means_table(const Evaluation &evaluation);

// One table per measure, and one of times, with a row per image and a column per subject.
std::vector<base::Table> image_tables(const Evaluation &evaluation);

}  // namespace slimscale::quality
