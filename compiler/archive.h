// Objects merged into one that hides what it contains, in an archive: every halide_* symbol becomes slimscale_halide_*,
// so that any number of our archives share one runtime and live beside a host's own Halide, and all but the kept
// symbols become local. The runtime library is made by the same recipe as the models.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/toolchain.h"

namespace slimscale::generators {

struct ArchiveRecipe {
    std::vector<std::string> objects;  // absolute paths
    std::vector<std::string> keep;     // symbols that stay global; '*' matches any part
    std::string member;                // the merged object's name: "slimscale_model_carn_m_x2.o"
};

// Writes `archive`, using `folder` (absolute) for its steps. Equal objects give an equal archive.
Status write_archive(const ArchiveRecipe &recipe, const Toolchain &tools, const std::string &folder,
                     const std::string &archive);

}  // namespace slimscale::generators
