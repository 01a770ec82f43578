#include "compiler/registration.h"

#include <fstream>
#include <sstream>

#include "compiler/files.h"

namespace slimscale::generators {

std::string register_model(const std::string &list, const std::string &name, const std::string &archive) {
    std::string before, after;
    if (std::ifstream(list))
        if (const std::string error = read_file(list, before); !error.empty())
            return error;
    std::istringstream lines(before);
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(name + " ", 0) != 0)
            after += line + "\n";
    // Written also where nothing changes: its time makes the build look for the archive again.
    after += name + " " + archive + "\n";
    return write_file(list, after);
}

}  // namespace slimscale::generators
