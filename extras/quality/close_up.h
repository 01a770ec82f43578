// Where to look: the region of an image in which the widest network gains most over bicubic.
#pragma once

#include <vector>

#include "extras/quality/evaluation.h"
#include "extras/quality/pictures.h"

namespace slimscale::quality {

constexpr size_t kCloseUps = 3;  // that an evaluation keeps

// Precondition: a result per subject, at least one.
CloseUp close_up(const std::string &image, const Pictures &pictures, const std::vector<SubjectName> &subjects);

// Keeps the largest gains, in their order.
void keep_close_up(CloseUp close_up, std::vector<CloseUp> &kept);

}  // namespace slimscale::quality
