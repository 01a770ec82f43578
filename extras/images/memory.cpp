// The memory that this process can still have, on Linux.
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "base/text.h"
#include "extras/images/image.h"

namespace slimscale::images {
namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// The first number of a file; `otherwise` if it does not begin with one ("max").
uint64_t number_in(const std::string &path, uint64_t otherwise) {
    std::ifstream file(path);
    uint64_t value = 0;
    return file >> value ? value : otherwise;
}

// Reads the line "MemAvailable:   123456 kB".
uint64_t free_of_machine() {
    std::ifstream file("/proc/meminfo");
    std::string word;
    uint64_t kilobytes = 0;
    while (file >> word)
        if (word == "MemAvailable:" && file >> kilobytes)
            return kilobytes << 10;
    return kUnlimited;
}

// The least that is free in the control groups (version 2) around this process: "0::/user.slice/..." below the mount.
// Pages of files, which the kernel can reclaim, count as free.
uint64_t free_of_groups() {
    const std::string root = "/sys/fs/cgroup";
    std::ifstream own("/proc/self/cgroup");
    std::string line, path;
    while (std::getline(own, line))
        if (line.compare(0, 3, "0::") == 0)
            path = line.substr(3);
    uint64_t left = kUnlimited;
    for (;; path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'))) {
        const std::string group = root + path;
        const uint64_t limit = number_in(group + "/memory.max", kUnlimited);
        if (limit != kUnlimited) {
            uint64_t used = number_in(group + "/memory.current", 0), files = 0;
            std::ifstream statistics(group + "/memory.stat");
            std::string word;
            while (statistics >> word)
                if (word == "inactive_file" && statistics >> files)
                    break;
            used -= std::min(used, files);
            left = std::min(left, limit - std::min(limit, used));
        }
        if (path.empty() || path == "/")
            return left;
    }
}

uint64_t free_of_process() {
    rlimit limit = {};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return kUnlimited;
    constexpr uint64_t kPage = 4096;
    const uint64_t used = number_in("/proc/self/statm", 0) * kPage;
    return limit.rlim_cur - std::min<uint64_t>(limit.rlim_cur, used);
}

}  // namespace

Status check_memory(uint64_t bytes, const std::string &what) {
    const uint64_t left = std::min({free_of_machine(), free_of_groups(), free_of_process()});
    if (bytes <= left)
        return Status();
    return Error{what + " needs about " + base::bytes_text(bytes) + " of memory, and " + base::bytes_text(left) +
                 " are free; cut it into parts"};
}

}  // namespace slimscale::images
