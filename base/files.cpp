#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace slimscale::base {
namespace {

constexpr mode_t kPermissions = 0777;

Error system_error(const std::string &path, const char *what) {
    return Error{path + ": " + what + ": " + std::strerror(errno)};
}

Error too_large(const std::string &path) {
    return Error{path + ": larger than 4 GiB, the most that is read at once"};
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }

private:
    int fd_;
};

// The size is a hint: pipes and /proc have none. One byte more shows the end without another growth.
template <typename Bytes>
Result<Bytes> read_all(const std::string &path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid())
        return system_error(path, "cannot open it");
    struct stat status = {};
    if (fstat(file.get(), &status) != 0)
        return system_error(path, "cannot read it");
    if (S_ISDIR(status.st_mode))
        return Error{path + ": it is a folder, a file was expected"};
    if (static_cast<uint64_t>(status.st_size) > kMaxFileBytes)
        return too_large(path);
    Bytes bytes;
    size_t used = 0, room = static_cast<size_t>(status.st_size) + 1;
    for (;;) {
        bytes.resize(used + room);
        const ssize_t got = ::read(file.get(), bytes.data() + used, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_error(path, "cannot read it");
        used += static_cast<size_t>(got);
        if (used > kMaxFileBytes)
            return too_large(path);
        if (got == 0)
            break;
        room = std::max<size_t>(bytes.size() - used, size_t{64} << 10);
    }
    bytes.resize(used);
    return bytes;
}

// With the slash: "a/b" is in "a/", "b" in "".
std::string folder_prefix(const std::string &path) {
    return path.substr(0, path.rfind('/') + 1);
}

// A new name in the folder of `target` with each call. It has at most 200 bytes of the target's name, so that it stays
// within the file system's limit.
std::string name_beside(const std::string &target) {
    static std::atomic<unsigned> calls{0};
    const std::string folder = folder_prefix(target);
    return folder + "." + target.substr(folder.size(), 200) + "." + std::to_string(getpid()) + "-" +
           std::to_string(calls++);
}

// The descriptors of a process look like symbolic links, but what is behind them may have no name or belong to a shell.
bool is_descriptor(const std::string &path) {
    return path.compare(0, 6, "/proc/") == 0 || path.compare(0, 8, "/dev/fd/") == 0;
}

// What `path` leads to through symbolic links; "" if that is a descriptor. A path that does not exist is its own
// target.
Result<std::string> behind_links(const std::string &path) {
    constexpr int kMostLinks = 40;  // Linux' own limit
    std::string target = path;
    for (int i = 0; i < kMostLinks; i++) {
        char link[PATH_MAX];
        const ssize_t length = readlink(target.c_str(), link, sizeof link);
        if (length < 0)
            return target;
        if (is_descriptor(target))
            return std::string();
        const std::string to(link, static_cast<size_t>(length));
        target = to[0] == '/' ? to : folder_prefix(target) + to;
    }
    errno = ELOOP;
    return system_error(path, "cannot write it");
}

// Syncs the folder of `target`, so that a new name in it survives a power cut. Returns false on an I/O error only: some
// file systems cannot sync folders, and a folder without read permission cannot be opened, but the file is whole then.
bool sync_folder(const std::string &target) {
    const std::string folder = folder_prefix(target);
    const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return !opened.valid() || fsync(opened.get()) == 0 || errno != EIO;
}

// Gives the file the owner and permissions of `wanted`. Where that is refused, the file keeps those that it was created
// with, whose permissions are no wider.
void set_owner_and_permissions(int file, const struct stat &wanted) {
    struct stat made = {};
    if (fstat(file, &made) != 0)
        return;
    const bool owned = (made.st_uid == wanted.st_uid && made.st_gid == wanted.st_gid) ||
                       fchown(file, wanted.st_uid, wanted.st_gid) == 0;
    const bool permitted = (made.st_mode & kPermissions) == (wanted.st_mode & kPermissions) ||
                           fchmod(file, wanted.st_mode & kPermissions) == 0;
    static_cast<void>(owned && permitted);
}

// The name by which linkat() finds a file that has no other.
std::string descriptor_path(int fd) {
    return "/proc/self/fd/" + std::to_string(fd);
}

// A file without a name in the folder of `target`; -1 where the file system or a missing /proc does not allow it.
int open_unnamed(const std::string &target, mode_t mode) {
    const std::string folder = folder_prefix(target);
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (fd < 0 || access(descriptor_path(fd).c_str(), F_OK) == 0)
        return fd;
    ::close(fd);
    return -1;
}

// Calls make(name) with names beside `target` until one is not taken, and returns that name; "", with errno set, if
// making fails.
template <typename Make>
std::string make_beside(const std::string &target, Make make) {
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; i++) {
        const std::string name = name_beside(target);
        if (make(name.c_str()))
            return name;
        if (errno != EEXIST)
            break;
    }
    return "";
}

}  // namespace

Result<std::vector<uint8_t>> read_file(const std::string &path) {
    return read_all<std::vector<uint8_t>>(path);
}

Result<std::string> read_text(const std::string &path) {
    return read_all<std::string>(path);
}

FileWriter::FileWriter(const std::string &path, const std::string &target) : path_(path), target_(target) {}

FileWriter::FileWriter(FileWriter &&other) noexcept
    : path_(std::move(other.path_)), target_(std::move(other.target_)), temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {
    other.temporary_.clear();
}

FileWriter::~FileWriter() {
    if (fd_ >= 0)
        ::close(fd_);
    if (!temporary_.empty())
        ::unlink(temporary_.c_str());
}

Error FileWriter::failed(const char *what) const {
    return system_error(path_, what);
}

Result<FileWriter> FileWriter::open(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string target, behind_links(path));
    struct stat existing = {};
    const bool exists = stat(path.c_str(), &existing) == 0;
    if (exists && S_ISDIR(existing.st_mode))
        return Error{path + ": cannot write it: it is a folder, name a file"};
    const bool direct = target.empty() || (exists && !S_ISREG(existing.st_mode));
    FileWriter writer(path, direct ? "" : target);
    SLIMSCALE_RETURN_IF_ERROR(direct ? writer.open_direct() : writer.open_beside(exists ? &existing : nullptr));
    return writer;
}

Status FileWriter::open_direct() {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    return fd_ >= 0 ? Status() : failed("cannot open it");
}

// At no time has the file wider permissions than the one that it replaces.
Status FileWriter::open_beside(const struct stat *existing) {
    const mode_t mode = existing ? existing->st_mode & kPermissions : 0666;
    fd_ = open_unnamed(target_, mode);
    if (fd_ < 0)
        temporary_ = make_beside(target_, [&](const char *name) {
            fd_ = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
            return fd_ >= 0;
        });
    if (fd_ < 0)
        return failed("cannot write into its folder");
    if (existing)
        set_owner_and_permissions(fd_, *existing);
    return Status();
}

Status FileWriter::write(const void *data, size_t size) {
    const char *at = static_cast<const char *>(data);
    while (size > 0) {
        const ssize_t written = ::write(fd_, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failed("cannot write it");
        at += written;
        size -= static_cast<size_t>(written);
    }
    return Status();
}

Status FileWriter::commit() {
    if (!target_.empty() && fsync(fd_) != 0)
        return failed("cannot write it");
    // linkat() cannot replace a file, so the unnamed file first gets a hidden name, which rename() moves in place.
    if (!target_.empty() && temporary_.empty())
        temporary_ = make_beside(target_, [&](const char *name) {
            return linkat(AT_FDCWD, descriptor_path(fd_).c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
        });
    if (!target_.empty() && temporary_.empty())
        return failed("cannot put it in place");
    if (::close(std::exchange(fd_, -1)) != 0)
        return failed("cannot write it");
    if (target_.empty())
        return Status();
    if (std::rename(temporary_.c_str(), target_.c_str()) != 0)
        return failed("cannot put it in place");
    temporary_.clear();
    return sync_folder(target_) ? Status() : failed("cannot write its folder");
}

Status write_file(const std::string &path, const void *data, size_t size) {
    SLIMSCALE_ASSIGN_OR_RETURN(FileWriter writer, FileWriter::open(path));
    SLIMSCALE_RETURN_IF_ERROR(writer.write(data, size));
    return writer.commit();
}

Status write_file(const std::string &path, const std::vector<uint8_t> &bytes) {
    return write_file(path, bytes.data(), bytes.size());
}

Status write_file(const std::string &path, std::string_view text) {
    return write_file(path, text.data(), text.size());
}

bool same_file(const std::string &a, const std::string &b) {
    struct stat first = {}, second = {};
    return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

Result<WorkFolder> WorkFolder::make(const std::string &parent) {
    std::string name = parent + "/work-XXXXXX";
    if (mkdtemp(name.data()) == nullptr)
        return system_error(parent, "cannot make a folder in it");
    return WorkFolder(std::move(name));
}

WorkFolder::WorkFolder(std::string path) : path_(std::move(path)) {}

WorkFolder::WorkFolder(WorkFolder &&other) noexcept : path_(std::exchange(other.path_, "")) {}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty())
        std::filesystem::remove_all(path_, ignored);
}

}  // namespace slimscale::base
