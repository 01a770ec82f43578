#include "compiler/archive.h"

#include <set>
#include <sstream>

#include "base/files.h"
#include "compiler/files.h"

namespace slimscale::generators {
namespace {

// Lines "old new" for objcopy, sorted and distinct, so that the archive does not depend on the symbol table's order.
std::string renaming(const std::string &symbols) {
    std::set<std::string> names;
    std::istringstream lines(symbols);
    for (std::string name, rest; lines >> name && std::getline(lines, rest);)
        if (name.rfind("halide_", 0) == 0)
            names.insert(name);
    std::string list;
    for (const std::string &name : names)
        list += name + " slimscale_" + name + "\n";
    return list;
}

}  // namespace

Status write_archive(const ArchiveRecipe &recipe, const Toolchain &tools, const std::string &folder,
                     const std::string &archive) {
    // Groups (inline C++ functions) are dissolved; else the user's linker would discard symbols that are local by then.
    std::vector<std::string> link{"-r", "--force-group-allocation", "-o", "merged.o"};
    link.insert(link.end(), recipe.objects.begin(), recipe.objects.end());
    std::string symbols;
    SLIMSCALE_RETURN_IF_ERROR(tools.run("ld", link, folder));
    SLIMSCALE_RETURN_IF_ERROR(tools.run("nm", {"--format=posix", "merged.o"}, folder, &symbols));
    SLIMSCALE_RETURN_IF_ERROR(base::write_file(folder + "/renaming", renaming(symbols)));

    std::vector<std::string> copy{"--redefine-syms=renaming", "--wildcard"};
    for (const std::string &symbol : recipe.keep)
        copy.push_back("--keep-global-symbol=" + symbol);
    copy.insert(copy.end(), {"merged.o", recipe.member});
    SLIMSCALE_RETURN_IF_ERROR(tools.run("objcopy", copy, folder));
    // D leaves out times, owners and modes.
    SLIMSCALE_RETURN_IF_ERROR(tools.run("ar", {"rcsD", "archive.a", recipe.member}, folder));
    return copy_file(folder + "/archive.a", archive);
}

}  // namespace slimscale::generators
