#include "base/processors.h"

#include <sched.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstring>

namespace slimscale::base {

namespace {

constexpr size_t kMostPath = PATH_MAX;

// The lines of a file of /proc, each cut at a length that no relevant line has. A missing file has no lines.
class Lines {
public:
    explicit Lines(const char *path) : file_(std::fopen(path, "r")) {}
    ~Lines() {
        if (file_)
            std::fclose(file_);
    }
    Lines(const Lines &) = delete;
    Lines &operator=(const Lines &) = delete;

    char *next() {
        if (!file_ || !std::fgets(line_, sizeof line_, file_))
            return nullptr;
        const size_t length = std::strcspn(line_, "\n");
        for (int c = line_[length]; c != '\n' && c != EOF;)  // the rest of a longer one
            c = std::fgetc(file_);
        line_[length] = '\0';
        return line_;
    }

private:
    std::FILE *file_;
    char line_[2 * kMostPath];
};

// Whether `name` is among the names that commas separate.
bool lists(const char *names, const char *name) {
    const size_t length = std::strlen(name);
    for (const char *at = names;; at++) {
        const size_t end = std::strcspn(at, ",");
        if (end == length && std::strncmp(at, name, length) == 0)
            return true;
        at += end;
        if (!*at)
            return false;
    }
}

// The names that differ between the two versions of control groups.
struct Version {
    const char *file_system;  // in /proc/self/mountinfo
    const char *controller;   // in mountinfo's options and /proc/self/cgroup; "" where one hierarchy has all
};
constexpr Version kVersions[] = {{"cgroup2", ""}, {"cgroup", "cpu"}};

// The process's group in this version's hierarchy, from the hierarchy's root on; "" if there is none.
void find_group(const char *root, const Version &version, char (&group)[kMostPath]) {
    group[0] = '\0';
    char path[kMostPath];
    std::snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    Lines lines(path);
    while (char *line = lines.next()) {  // "4:cpu,cpuacct:/a/b", "0::/a/b"
        char *controllers = std::strchr(line, ':');
        char *name = controllers ? std::strchr(controllers + 1, ':') : nullptr;
        if (!name)
            continue;
        *name++ = '\0';
        controllers++;
        const bool ours = version.controller[0] ? lists(controllers, version.controller) : !controllers[0];
        if (ours)
            std::snprintf(group, sizeof group, "%s", name);
    }
}

// A mount of a hierarchy: its mount point, and the group that is the mount's root.
struct Mount {
    char root[kMostPath], point[kMostPath];
};

bool find_mount(const char *root, const Version &version, Mount &mount) {
    char path[kMostPath];
    std::snprintf(path, sizeof path, "%s/proc/self/mountinfo", root);
    Lines lines(path);
    while (char *line = lines.next()) {  // "31 24 0:27 /root /point rw,... ... - cgroup source rw,cpu"
        char *separator = std::strstr(line, " - ");
        char system[32] = "", options[256] = "";
        if (!separator || std::sscanf(separator, " - %31s %*s %255s", system, options) < 1)
            continue;
        if (std::strcmp(system, version.file_system) != 0 ||
            (version.controller[0] && !lists(options, version.controller)))
            continue;
        *separator = '\0';
        static_assert(kMostPath > 4095, "the widths below");
        if (std::sscanf(line, "%*s %*s %*s %4095s %4095s", mount.root, mount.point) == 2)
            return true;
    }
    return false;
}

// Reads up to two numbers at the beginning of a file; returns how many there are.
int read_numbers(const char *folder, const char *name, long &first, long &second) {
    char path[2 * kMostPath + 32];  // a folder that smallest_quota() made, and a name
    std::snprintf(path, sizeof path, "%s/%s", folder, name);
    std::FILE *file = std::fopen(path, "r");
    if (!file)
        return 0;
    const int count = std::fscanf(file, "%ld %ld", &first, &second);  // "max 100000" has none
    std::fclose(file);
    return count;
}

// A group's own quota in whole processors, or 0: none.
int quota_of(const char *folder, const Version &version) {
    long quota = 0, period = 0, unused = 0;
    if (version.controller[0]) {
        if (read_numbers(folder, "cpu.cfs_quota_us", quota, unused) < 1 ||
            read_numbers(folder, "cpu.cfs_period_us", period, unused) < 1)
            return 0;
    } else if (read_numbers(folder, "cpu.max", quota, period) < 2) {
        return 0;
    }
    if (quota <= 0 || period <= 0)  // -1: unlimited
        return 0;
    return static_cast<int>(std::min<long>((quota - 1) / period + 1, INT_MAX));
}

// The path of `group` below the mount's root; "" for a group outside of it, which the mount does not show.
const char *below_mount(const char *group, const char *mount_root) {
    const size_t length = std::strcmp(mount_root, "/") == 0 ? 0 : std::strlen(mount_root);
    const bool inside = std::strncmp(group, mount_root, length) == 0 && (group[length] == '/' || !group[length]);
    return inside && !std::strstr(group, "/..") ? group + length : "";
}

// The smallest quota of the process's group and of all groups around it that the mount shows.
int smallest_quota(const char *root, const Version &version) {
    char group[kMostPath], folder[2 * kMostPath];
    Mount mount;
    find_group(root, version, group);
    if (!group[0] || !find_mount(root, version, mount))
        return 0;
    const int top = std::snprintf(folder, sizeof folder, "%s%s", root, mount.point);
    std::snprintf(folder + top, sizeof folder - static_cast<size_t>(top), "%s", below_mount(group, mount.root));
    int smallest = 0;
    for (;;) {
        const int quota = quota_of(folder, version);
        if (quota > 0 && (smallest == 0 || quota < smallest))
            smallest = quota;
        char *last = std::strrchr(folder, '/');
        if (!last || last < folder + top)
            return smallest;
        *last = '\0';
    }
}

}  // namespace

int quota_processors(const char *root) {
    int smallest = 0;
    for (const Version &version : kVersions) {
        const int quota = smallest_quota(root, version);
        if (quota > 0 && (smallest == 0 || quota < smallest))
            smallest = quota;
    }
    return smallest;
}

int usable_processors() {
    cpu_set_t sets[kCpuSets];
    int count = 1;
    if (sched_getaffinity(0, sizeof sets, sets) == 0)
        count = std::max(1, CPU_COUNT_S(sizeof sets, sets));
    const int quota = quota_processors("");
    return quota > 0 ? std::min(count, quota) : count;
}

}  // namespace slimscale::base
