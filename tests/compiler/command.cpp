#include "tests/compiler/command.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace slimscale::test {

Finished run(const std::string &command) {
    Finished finished{-1, ""};
    FILE *pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe)
        return finished;
    char buffer[4096];
    for (size_t read; (read = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        finished.output.append(buffer, read);
    const int status = pclose(pipe);
    if (WIFEXITED(status))
        finished.status = WEXITSTATUS(status);
    return finished;
}

std::string file_bytes(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

std::string unpadded(const std::string &text) {
    std::string result;
    for (const char c : text)
        if (c != ' ' || result.empty() || result.back() != ' ')
            result += c;
    return result;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "slimscale-test-XXXXXX").string();
    if (mkdtemp(name.data()))
        path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty())
        std::filesystem::remove_all(path_, error);
}

}  // namespace slimscale::test
