// Merges two evaluations of the same images, such as another engine's into ours.
#pragma once

#include <string>

#include "base/status.h"
#include "extras/quality/evaluation.h"

namespace slimscale::quality {

// Appends the subjects and scores of `other`, then sorts all by channels; ours come first among equals. Scale, colors,
// degradations, images (by file name, in any order), their sizes and bicubic's scores must agree; otherwise it fails
// and `evaluation` stays as it is. Close-ups and images left out stay ours.
Status merge(Evaluation &evaluation, const Evaluation &other);

}  // namespace slimscale::quality
