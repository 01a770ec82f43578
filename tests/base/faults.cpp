#include "tests/base/faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>

namespace slimscale::faults {

bool chmod_is_refused = false;
bool no_unnamed_files = false;
bool rename_fails = false;
bool notes_syncs = false;
std::vector<std::string> synced;

namespace {

void reset() {
    chmod_is_refused = no_unnamed_files = rename_fails = notes_syncs = false;
    synced.clear();
}

int refuse(int error) {
    errno = error;
    return -1;
}

}  // namespace

Reset::Reset() {
    reset();
}

Reset::~Reset() {
    reset();
}

}  // namespace slimscale::faults

using namespace slimscale;

extern "C" int fchmod(int fd, mode_t mode) noexcept {
    if (faults::chmod_is_refused)
        return faults::refuse(EPERM);
    return static_cast<int>(syscall(SYS_fchmod, fd, mode));
}

extern "C" int open(const char *path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    const mode_t mode = makes ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (faults::no_unnamed_files && (flags & O_TMPFILE) == O_TMPFILE)
        return faults::refuse(EOPNOTSUPP);
    return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

extern "C" int rename(const char *from, const char *to) noexcept {
    if (faults::rename_fails)
        return faults::refuse(EIO);
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int fsync(int fd) {
    if (faults::notes_syncs) {
        char name[PATH_MAX];
        const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), name, sizeof name);
        faults::synced.emplace_back(name, length < 0 ? 0 : static_cast<size_t>(length));
    }
    return static_cast<int>(syscall(SYS_fsync, fd));
}
