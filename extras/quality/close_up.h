// Close-ups: the region of an image in which the widest network gains most over bicubic.
#pragma once

#include <vector>

#include "extras/quality/evaluation.h"
#include "extras/quality/pictures.h"

namespace slimscale::quality {

constexpr size_t kCloseUps = 3;  // most close-ups that an evaluation keeps

// Precondition: `pictures` has a result for each subject, and there is at least one.
CloseUp close_up(const std::string &image, const Pictures &pictures, const std::vector<SubjectName> &subjects);

// Adds a close-up if its gain is among the kCloseUps largest, which are kept in descending order.
void keep_close_up(CloseUp close_up, std::vector<CloseUp> &kept);

}  // namespace slimscale::quality
