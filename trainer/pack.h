// Training pictures for a machine that takes only so much: the crops of a folder's pictures that show most, as PNG
// files that --data reads like any others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/run.h"

namespace CLI {
class App;
}

namespace slimscale::trainer {

struct PackConfig {
    std::vector<std::string> data, exclude;  // as Config's
    int side = 256;                          // pixels of a crop, a multiple of 4
    double megabytes = 25;                   // of all files together, at most; 1e6 bytes each
    uint64_t seed = 1;
    std::string out;  // folder, made if it is missing; files of the same names are replaced
};

void declare(CLI::App &app, PackConfig *config);

// Pictures are cut into squares without overlap. The flatter half of all squares is left out (little is learnt from
// sky), the others are drawn at random until they fill the megabytes.
Outcome run_pack(const PackConfig &config);

}  // namespace slimscale::trainer
