// A new folder for a test, which the destructor removes.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace slimscale {

class Scratch {
public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "slimscale-test-XXXXXX").native();
        folder_ = mkdtemp(pattern.data());
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    std::string operator/(const std::string &name) const { return folder_ + "/" + name; }
    const std::string &folder() const { return folder_; }

private:
    std::string folder_;
};

// Makes files of these names, and the folders that they lie in.
inline void make_files(const Scratch &scratch, const std::vector<std::string> &names) {
    for (const std::string &name : names) {
        std::filesystem::create_directories(std::filesystem::path(scratch / name).parent_path());
        std::ofstream(scratch / name).flush();
    }
}

inline size_t entries(const std::string &folder) {
    size_t count = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
        count += !entry.path().empty();
    return count;
}

}  // namespace slimscale
