// Merges objects into one, in an archive that hides what it contains. Every halide_* symbol becomes slimscale_halide_*,
// so that any number of our archives share one runtime and work beside a host's own Halide. All symbols but the kept
// ones become local. The runtime library and the models are made by the same recipe.
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

// Writes `archive`, with intermediate files in `folder` (absolute). Equal objects give an equal archive.
Status write_archive(const ArchiveRecipe &recipe, const Toolchain &tools, const std::string &folder,
                     const std::string &archive);

}  // namespace slimscale::generators
