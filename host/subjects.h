// An opened model as the subjects of an evaluation: each program names and runs them alike, so that their figures are
// the same.
#pragma once

#include <string>
#include <vector>

#include "extras/quality/evaluate.h"
#include "host/models.h"
#include "host/upscaler.h"

namespace slimscale::host {

// What an evaluation calls `model`, chosen as `wanted` (choose_model). Weights of a user's own are called as their
// file, whatever compiled network runs them.
std::string name_for_evaluation(const Model &model, const std::string &wanted);

// One per opened width, narrowest first. They use the upscaler, which must outlive them.
std::vector<quality::Subject> subjects_of(Upscaler &upscaler, const std::string &name);

}  // namespace slimscale::host
