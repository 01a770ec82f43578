// System calls that fail when a test says so. The test program's functions take the place of the C library's.
#pragma once

#include <string>
#include <vector>

namespace slimscale::faults {

extern bool chmod_is_refused;  // by fchmod: EPERM, as on file systems without permissions
extern bool no_unnamed_files;  // open(O_TMPFILE): EOPNOTSUPP, as on NFS
extern bool rename_fails;      // EIO

// What fsync was called with, by name, while it is noted (by one thread); files without a name end in " (deleted)".
extern bool notes_syncs;
extern std::vector<std::string> synced;

// Restores all of the above when a test ends.
struct Reset {
    Reset();
    ~Reset();
};

}  // namespace slimscale::faults
