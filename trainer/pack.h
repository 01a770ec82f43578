// Training pictures for a machine with little room: crops with much detail of a folder's pictures, as PNG files that
// --data reads like any others.
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
    double megabytes = 25;                   // the most that all files take together; 1e6 bytes each
    uint64_t seed = 1;
    std::string out;  // folder, made if it is missing; files of the same names are replaced
};

void declare(CLI::App &app, PackConfig *config);

// Cuts pictures into squares without overlap, leaves out the flatter half of all squares, since little is learnt from
// sky, and draws the others at random until they fill the megabytes.
Outcome run_pack(const PackConfig &config);

}  // namespace slimscale::trainer
