// Reads and writes whole files, within a limit and without half-written results. Every error begins with the file's
// name as it was given, and ": ".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

struct stat;

namespace slimscale::base {

// The most that is read at once. The largest network of the papers (EDSR x3, 43.7 M parameters) is 175 MB.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 32;

// Reads a regular file whole, or a pipe or device up to its end. A folder, or more than kMaxFileBytes, is an error.
Result<std::vector<uint8_t>> read_file(const std::string &path);
Result<std::string> read_text(const std::string &path);

// A file that appears whole or not at all: `path` holds what it held before until commit() puts the new contents in its
// place, and they are on the disk by then (the file and its folder are synced). The contents have no name while they
// are written, so that nothing is left of them however the process ends; file systems that cannot do that (NFS) hold a
// hidden file beside the target meanwhile, which a kill leaves behind.
//
// A symbolic link stays and its target is replaced. The replaced file's permissions are kept, and its owner where the
// process may; where the file system refuses to set them the new file has at most what the old one had. A new file has
// those that the process' umask gives. Other hard links to the replaced file keep the old contents. A path that is no
// regular file (a pipe, a terminal, /dev/stdout) is written to directly. Threads and processes may write one path at
// the same time: the last commit() wins. No signal handler is installed and no state of the process is changed.
class FileWriter {
public:
    static Result<FileWriter> open(const std::string &path);

    FileWriter(FileWriter &&other) noexcept;
    FileWriter &operator=(FileWriter &&other) = delete;
    ~FileWriter();  // without commit() nothing remains

    Status write(const void *data, size_t size);
    Status commit();

private:
    FileWriter(const std::string &path, const std::string &target);
    Status open_direct();
    Status open_beside(const struct stat *existing);
    Error failed(const char *what) const;

    std::string path_;       // as the caller gave it, for messages
    std::string target_;     // what it leads to through symbolic links; "": written to directly
    std::string temporary_;  // "" while the contents have no name
    int fd_ = -1;
};

// Writes a whole file with a FileWriter.
Status write_file(const std::string &path, const void *data, size_t size);
Status write_file(const std::string &path, const std::vector<uint8_t> &bytes);
Status write_file(const std::string &path, std::string_view text);

// True if both names exist and are one file.
bool same_file(const std::string &a, const std::string &b);

// A new folder, which the destructor removes with its contents.
class WorkFolder {
public:
    static Result<WorkFolder> make(const std::string &parent);  // "<parent>/work-XXXXXX"
    WorkFolder(WorkFolder &&other) noexcept;
    WorkFolder &operator=(WorkFolder &&other) = delete;
    ~WorkFolder();
    const std::string &path() const { return path_; }

private:
    explicit WorkFolder(std::string path);
    std::string path_;
};

}  // namespace slimscale::base
