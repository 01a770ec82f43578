#include "compiler/registration.h"

#include <sstream>

#include "base/files.h"
#include "compiler/files.h"

namespace slimscale::generators {

Status register_model(const std::string &list, const std::string &name, const std::string &archive) {
    std::string before, after;
    if (file_exists(list)) {
        SLIMSCALE_ASSIGN_OR_RETURN(before, base::read_text(list));
    }
    std::istringstream lines(before);
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(name + " ", 0) != 0)
            after += line + "\n";
    after += name + " " + archive + "\n";
    return base::write_file(list, after);
}

}  // namespace slimscale::generators
