// System calls that fail when a test asks for it. Functions of the test program replace those of the C library.
#pragma once

#include <string>
#include <vector>

namespace slimscale::faults {

extern bool chmod_is_refused;  // fchmod fails with EPERM, as on file systems without permissions
extern bool no_unnamed_files;  // open(O_TMPFILE) fails with EOPNOTSUPP, as on NFS
extern bool rename_fails;      // rename fails with EIO

// While `notes_syncs` is set, `synced` gets the names of the files that fsync is called for, by one thread. The names
// of unnamed files end in " (deleted)".
extern bool notes_syncs;
extern std::vector<std::string> synced;

// Restores all of the above when a test ends.
struct Reset {
    Reset();
    ~Reset();
};

}  // namespace slimscale::faults
