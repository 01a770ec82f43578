// What the subcommands share that write pictures made of training pictures (pack.h, shrink.h).
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "trainer/pictures.h"

namespace CLI {
class App;
}

namespace slimscale::trainer {

// Declares --data and --exclude, as Config has them.
void declare_source(CLI::App &app, std::vector<std::string> *data, std::vector<std::string> *exclude);

// Loads all pictures, in at most 64 GB. The files that cannot be read are named on standard error.
Result<Pictures> load_source(PictureOptions options);

// Makes the folder, and those above it, if it is missing.
Status make_folder(const std::string &path);

}  // namespace slimscale::trainer
