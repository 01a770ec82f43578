// The low-resolution sides of training pictures as files, for a teacher network of any make to enlarge.
#pragma once

#include <string>
#include <vector>

#include "trainer/run.h"

namespace CLI {
class App;
}

namespace slimscale::trainer {

struct ShrinkConfig {
    std::vector<std::string> data, exclude;  // as Config's
    int scale = 2;
    int colors = 3;
    std::string out;  // folder, made if it is missing; files of the same names are replaced
};

void declare(CLI::App &app, ShrinkConfig *config);

// Writes, for each picture, the low-resolution side that a run of the same scale and colors trains on, as PNG under the
// picture's name. Two pictures of one name are an error, and then nothing is written.
Outcome run_shrink(const ShrinkConfig &config);

}  // namespace slimscale::trainer
