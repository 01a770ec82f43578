// Runs programs for tests and collects their output.
#pragma once

#include <string>

namespace slimscale::test {

struct Finished {
    int status;          // the exit status; -1 if a signal ended it
    std::string output;  // of both streams
};
Finished run(const std::string &command);  // a command of the shell

std::string file_bytes(const std::string &path);  // "" if unreadable
std::string unpadded(const std::string &text);    // with one space in place of several

// A new folder in the system's temporary folder, which the destructor removes.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

}  // namespace slimscale::test
