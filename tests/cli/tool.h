// Runs the command-line tool as a user would.
#pragma once

#include <string>

#include "tests/scratch.h"

namespace slimscale::cli {

struct Outcome {
    int exit_code;
    std::string out, err;
};

// `arguments` go through the shell. The cache folder is <scratch>/cache.
Outcome run_tool(const Scratch &scratch, const std::string &arguments);

// Both streams of the tool on a terminal.
std::string run_on_terminal(const Scratch &scratch, const std::string &arguments);

size_t lines(const std::string &text);

}  // namespace slimscale::cli
