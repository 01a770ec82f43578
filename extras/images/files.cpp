#include "extras/images/files.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slimscale::images {
namespace {

std::string system_error(const char *what) {
    return std::string(what) + ": " + std::strerror(errno);
}

class FileDescriptor {
public:
    explicit FileDescriptor(int fd)
        : fd_(fd) {}
    ~FileDescriptor() { close(); }
    FileDescriptor(const FileDescriptor &) = delete;
    FileDescriptor &operator=(const FileDescriptor &) = delete;
    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }
    bool close() {  // false if data may be lost
        const int fd = fd_;
        fd_ = -1;
        return fd < 0 || ::close(fd) == 0;
    }

private:
    int fd_;
};

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ, SIGXCPU};

// The unfinished file, for the signal handler.
char partial_path[PATH_MAX];
volatile std::sig_atomic_t partial_exists = 0;

extern "C" void remove_partial_and_die(int signal_number) {
    if (partial_exists)
        unlink(partial_path);
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

// While it lives, a signal that would end the process removes the unfinished file first. Signals that somebody handles
// or ignores (nohup) are left to them.
class SignalGuard {
public:
    SignalGuard() {
        struct sigaction ours = {};
        ours.sa_handler = remove_partial_and_die;
        for (size_t i = 0; i < std::size(kEndingSignals); i++) {
            sigaction(kEndingSignals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler == SIG_DFL)
                sigaction(kEndingSignals[i], &ours, nullptr);
        }
    }
    ~SignalGuard() {
        for (size_t i = 0; i < std::size(kEndingSignals); i++)
            sigaction(kEndingSignals[i], &before_[i], nullptr);
    }
    SignalGuard(const SignalGuard &) = delete;
    SignalGuard &operator=(const SignalGuard &) = delete;

private:
    struct sigaction before_[std::size(kEndingSignals)];
};

// No signal comes between the file and the note that it exists.
int create_noted(char *pattern) {
    sigset_t ending, before;
    sigemptyset(&ending);
    for (int signal_number : kEndingSignals)
        sigaddset(&ending, signal_number);
    pthread_sigmask(SIG_BLOCK, &ending, &before);
    const int fd = mkostemp(pattern, O_CLOEXEC);
    partial_exists = fd >= 0;
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return fd;
}

// Removes the temporary file unless it was renamed.
class PartialFile {
public:
    PartialFile() = default;
    ~PartialFile() {
        if (partial_exists)
            unlink(partial_path);
        partial_exists = 0;
    }
    PartialFile(const PartialFile &) = delete;
    PartialFile &operator=(const PartialFile &) = delete;

    // Makes "<folder>/.<name>.XXXXXX"; returns its descriptor, or -1 with errno.
    int create(const std::string &path) {
        const size_t slash = path.rfind('/');
        const size_t name = slash == std::string::npos ? 0 : slash + 1;
        // A name near the file system's limit must not make the temporary one too long.
        const std::string pattern = path.substr(0, name) + "." + path.substr(name, 200) + ".XXXXXX";
        if (pattern.size() >= sizeof partial_path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        std::memcpy(partial_path, pattern.c_str(), pattern.size() + 1);
        return create_noted(partial_path);
    }
    bool rename_to(const std::string &path) {
        if (std::rename(partial_path, path.c_str()) != 0)
            return false;
        partial_exists = 0;
        return true;
    }

private:
    SignalGuard guard_;
};

bool write_all(int fd, const void *data, size_t size) {
    const char *at = static_cast<const char *>(data);
    while (size > 0) {
        const ssize_t written = ::write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        size -= static_cast<size_t>(written);
    }
    return true;
}

// mkostemp makes files private; the output gets what any new file would have, or what the file it replaces had.
mode_t wanted_mode(const std::string &path) {
    struct stat existing = {};
    if (stat(path.c_str(), &existing) == 0)
        return existing.st_mode & 0777;
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

}  // namespace

std::string read_file(const std::string &path, std::vector<uint8_t> &bytes) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid())
        return system_error("cannot open it");
    struct stat status = {};
    if (fstat(file.get(), &status) != 0)
        return system_error("cannot read it");
    if (S_ISDIR(status.st_mode))
        return "it is a folder, a file was expected";
    if (static_cast<uint64_t>(status.st_size) > kMaxFileBytes)
        return "larger than 2 GiB: not an image for this tool";
    bytes.clear();
    // The size is a hint: pipes have none. One byte more shows the end without another growth.
    size_t used = 0, room = static_cast<size_t>(status.st_size) + 1;
    for (;;) {
        if (used > kMaxFileBytes)
            return "larger than 2 GiB: not an image for this tool";
        bytes.resize(used + room);
        const ssize_t got = ::read(file.get(), bytes.data() + used, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_error("cannot read it");
        used += static_cast<size_t>(got);
        if (got == 0)
            break;
        room = std::max<size_t>(bytes.size() - used, size_t{64} << 10);
    }
    bytes.resize(used);
    return "";
}

std::string write_file(const std::string &path, const void *data, size_t size) {
    PartialFile partial;
    const mode_t mode = wanted_mode(path);
    FileDescriptor file(partial.create(path));
    if (!file.valid())
        return system_error("cannot write into its folder");
    if (!write_all(file.get(), data, size) || fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0 || !file.close())
        return system_error("cannot write it");
    if (!partial.rename_to(path))
        return system_error("cannot put it in place");
    return "";
}

bool same_file(const std::string &a, const std::string &b) {
    struct stat first = {}, second = {};
    return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

}  // namespace slimscale::images
