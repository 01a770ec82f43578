// Reads the options that completion offers from CLI11's description of the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/completion.h"

namespace slimscale::cli {

// `values`: what is known of an option's values beyond its type, by its long name.
CompletionWords words_of(const CLI::App &app, const std::map<std::string, std::vector<std::string>> &values);

}  // namespace slimscale::cli
