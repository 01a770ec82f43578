// Runs the command-line tool as a user would.
#pragma once

#include <string>
#include <vector>

#include "tests/scratch.h"

namespace slimscale::cli {

struct Outcome {
    int exit_code;
    std::string out, err;
};

// Runs the tool in the scratch folder; `arguments` go through the shell. The cache folder is <scratch>/cache.
Outcome run_tool(const Scratch &scratch, const std::string &arguments);

// Runs the tool on a terminal, and returns what it printed on both streams.
std::string run_on_terminal(const Scratch &scratch, const std::string &arguments);

// A weights file for fake_x2, whose compiled widths are 16, 32 and 64.
void save_trained(const std::string &path, const std::vector<int> &widths);

size_t lines(const std::string &text);

}  // namespace slimscale::cli
