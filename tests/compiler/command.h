// Programs run by the tests, with what they wrote.
#pragma once

#include <string>

namespace slimscale::test {

struct Finished {
    int status;          // the exit status; -1 if it was stopped
    std::string output;  // both streams
};
Finished run(const std::string &command);  // as a shell reads it

std::string file_bytes(const std::string &path);  // "" if unreadable
std::string unpadded(const std::string &text);    // of several spaces in a row one

// A folder of our own under the system's temporary one, removed at the end.
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
