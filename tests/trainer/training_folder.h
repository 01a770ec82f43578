// A folder of small pictures to train on, and short runs over it.
#pragma once

#include <string>

#include "tests/scratch.h"
#include "trainer/config.h"

namespace slimscale::trainer_tests {

// `count` pictures of smooth colored waves, so that there is something to learn.
void write_pictures(const std::string &folder, int count, int width, int height);

// Two blocks of 16 channels, widths 8 and 16, batches of 4 patches of 16 pixels, 6 steps in one thread. Data are in
// scratch/images, which is written if it is missing, and results in scratch/<out>.
trainer::Config tiny_config(const Scratch &scratch, const std::string &out);

std::string read_text(const std::string &path);

inline bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace slimscale::trainer_tests
