// An opened model as the subjects of an evaluation. All programs name and run them alike, so that their figures are the
// same.
#pragma once

#include <string>
#include <vector>

#include "extras/quality/evaluate.h"
#include "host/models.h"
#include "host/upscaler.h"

namespace slimscale::host {

// One subject per opened width, narrowest first. They use the upscaler, which must outlive them.
std::vector<quality::Subject> subjects_of(Upscaler &upscaler, const std::string &name);

}  // namespace slimscale::host
