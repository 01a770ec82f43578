// An evaluation as tables, for Markdown and HTML.
#pragma once

#include <string>
#include <vector>

#include "base/table.h"
#include "extras/quality/evaluation.h"

namespace slimscale::quality {

// "carn_m_x2, x2, 5 images"
std::string title(const Evaluation &evaluation);

// How the figures were made, in a few sentences: borders, roundings, what "+" means.
std::string method(const Evaluation &evaluation);

// "64 channels", with the engine where there are two, and with the network where there are two.
std::string label(const Evaluation &evaluation, size_t subject);

// Bicubic and every subject, a row each, in means over the images. Precondition: there is an image.
base::Table means_table(const Evaluation &evaluation);

// A row per image and a column per subject; one table per measure, and one of times.
std::vector<base::Table> image_tables(const Evaluation &evaluation);

}  // namespace slimscale::quality
