// An evaluation as tables of text, which Markdown and HTML then draw.
#pragma once

#include <string>
#include <vector>

#include "extras/quality/evaluation.h"

namespace slimscale::quality {

struct Table {
    std::string title;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    size_t text_columns = 1;  // these come first; the others hold figures
};

// "carn_m_x2, x2, 5 images"
std::string title(const Evaluation &evaluation);

// How the figures were made, in a few sentences: borders, roundings, what "+" means.
std::string method(const Evaluation &evaluation);

// "64 channels", with the engine where there are two, and with the network where there are two.
std::string label(const Evaluation &evaluation, size_t subject);

// Bicubic and every subject, a row each, in means over the images. Precondition: there is an image.
Table means_table(const Evaluation &evaluation);

// A row per image and a column per subject; one table per measure, and one of times.
std::vector<Table> image_tables(const Evaluation &evaluation);

}  // namespace slimscale::quality
