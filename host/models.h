// The models that are compiled into this executable, and weights files for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

struct Model {
    struct Width {
        int channels;
        bool trained;
        bool has_ranges = false;  // for the fixed-point data type q16
    };
    struct Target {
        std::string name;
        bool runnable;      // by this machine
        std::string where;  // on what, or why not
    };
    const slimscale_model *archive = nullptr;
    std::string name, network;  // "carn_m_x2", "carn_m"
    // What lines, pages and scores call it: the name or, with weights from a file, the file's name without its ending.
    std::string title;
    int scale = 0, colors = 0, channels = 0;
    std::vector<Width> widths;     // narrowest first
    std::vector<Target> targets;   // best first
    std::vector<uint8_t> weights;  // packed, from a file; empty: those linked into the archive
    std::vector<int> lacking;      // widths that the file is trained at, but that are not compiled

    bool trained() const;  // at any width
    std::vector<int> usable_widths(bool allow_untrained) const;
};

// A target of a compiled model, with what is known by now of whether this machine runs it.
Model::Target describe_target(const slimscale_model *archive, const std::string &name);

std::vector<Model> compiled_models();

// `wanted`: "" (the first trained model of that scale), a model ("carn_m_x2"), a network ("carn_m"), or a weights file
// (.safetensors, or packed) of a network that is compiled in. `scale` 0: the first of 2, 3, 4 and 1
// that there is. Color networks come before luma networks. Untrained models are chosen by name, or if
// `allow_untrained`.
Status choose_model(const std::vector<Model> &compiled, const std::string &wanted, int scale, bool allow_untrained,
                    Model &model);

}  // namespace slimscale::host
