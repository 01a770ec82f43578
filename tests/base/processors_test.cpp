// The number of processors under control groups of both versions, for simulated systems in a folder.
#include "base/processors.h"

#include <sched.h>

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::base;

namespace {

class System {
public:
    void put(const std::string &path, const std::string &text) {
        std::filesystem::create_directories(std::filesystem::path(scratch_ / path).parent_path());
        std::ofstream(scratch_ / path) << text;
    }
    int quota() const { return quota_processors(scratch_.folder().c_str()); }

private:
    Scratch scratch_;
};

// Version 2 only, mounted at its usual place.
struct Version2 : System {
    explicit Version2(const std::string &group, const std::string &mount_root = "/") {
        put("proc/self/cgroup", "0::" + group + "\n");
        put("proc/self/mountinfo", "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
                                   "31 22 0:27 " +
                                       mount_root + " /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");
    }
};

struct Version1 : System {
    explicit Version1(const std::string &group, const std::string &mount_root = "/") {
        put("proc/self/cgroup", "12:cpuset:/elsewhere\n4:cpu,cpuacct:" + group + "\n1:name=systemd:/elsewhere\n0::/\n");
        put("proc/self/mountinfo", "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
                                   "33 30 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                                   "36 30 0:31 " +
                                       mount_root +
                                       " /sys/fs/cgroup/cpu,cpuacct rw master:9 - cgroup cgroup rw,cpu,cpuacct\n");
    }
    void limit(const std::string &group, int quota, int period) {
        put("sys/fs/cgroup/cpu,cpuacct" + group + "/cpu.cfs_quota_us", std::to_string(quota) + "\n");
        put("sys/fs/cgroup/cpu,cpuacct" + group + "/cpu.cfs_period_us", std::to_string(period) + "\n");
    }
};

}  // namespace

TEST_CASE("without control groups there is no quota") {
    System system;
    CHECK(system.quota() == 0);
    system.put("proc/self/cgroup", "nonsense\n\n0:\n::\n");
    system.put("proc/self/mountinfo", "nonsense\n - \n - cgroup2\n");
    CHECK(system.quota() == 0);
}

TEST_CASE("version 2: a container of its own namespace") {
    Version2 system("/");
    CHECK(system.quota() == 0);  // the root of a machine has no cpu.max
    system.put("sys/fs/cgroup/cpu.max", "max 100000\n");
    CHECK(system.quota() == 0);
    system.put("sys/fs/cgroup/cpu.max", "200000 100000\n");
    CHECK(system.quota() == 2);
    system.put("sys/fs/cgroup/cpu.max", "250000 100000\n");
    CHECK(system.quota() == 3);
    system.put("sys/fs/cgroup/cpu.max", "1000 100000\n");
    CHECK(system.quota() == 1);
    system.put("sys/fs/cgroup/cpu.max", "200000 0\n");
    CHECK(system.quota() == 0);
}

TEST_CASE("version 2: the smallest quota of the groups around it counts") {
    Version2 system("/slice/pod/box");
    system.put("sys/fs/cgroup/slice/pod/box/cpu.max", "800000 100000\n");
    CHECK(system.quota() == 8);
    system.put("sys/fs/cgroup/slice/pod/cpu.max", "max 100000\n");
    CHECK(system.quota() == 8);
    system.put("sys/fs/cgroup/slice/cpu.max", "300000 100000\n");
    CHECK(system.quota() == 3);
    system.put("sys/fs/cgroup/cpu.max", "50000 100000\n");
    CHECK(system.quota() == 1);
    system.put("sys/fs/cgroup/other/cpu.max", "1 100000\n");  // does not contain the process
    system.put("sys/fs/cgroup/cpu.max", "max 100000\n");
    CHECK(system.quota() == 3);
}

TEST_CASE("groups are found below the mount's own root, and what is not to be seen there is left out") {
    Version2 inside("/docker/abc/inner", "/docker/abc");
    inside.put("sys/fs/cgroup/cpu.max", "400000 100000\n");
    inside.put("sys/fs/cgroup/inner/cpu.max", "200000 100000\n");
    CHECK(inside.quota() == 2);
    Version2 beside("/docker/abcd", "/docker/abc");  // not below it, although the names begin alike
    beside.put("sys/fs/cgroup/cpu.max", "400000 100000\n");
    beside.put("sys/fs/cgroup/d/cpu.max", "100000 100000\n");
    CHECK(beside.quota() == 4);
    Version2 outside("/../../elsewhere");
    outside.put("sys/fs/cgroup/cpu.max", "400000 100000\n");
    CHECK(outside.quota() == 4);
}

TEST_CASE("version 1: cpu beside other controllers, nested") {
    Version1 system("/docker/abc");
    CHECK(system.quota() == 0);
    system.limit("", -1, 100000);
    CHECK(system.quota() == 0);
    system.limit("/docker/abc", 200000, 100000);
    CHECK(system.quota() == 2);
    system.limit("/docker", 150000, 100000);
    CHECK(system.quota() == 2);
    system.limit("/docker", 60000, 100000);
    CHECK(system.quota() == 1);
}

TEST_CASE("version 1: a container sees its own group as the mount's root") {
    Version1 system("/docker/abc", "/docker/abc");
    system.limit("", 300000, 100000);
    CHECK(system.quota() == 3);
}

TEST_CASE("long lines of other mounts are passed over") {
    Version2 system("/");
    const std::string layers(20000, 'x');
    system.put("proc/self/mountinfo", "22 1 0:50 / / rw - overlay overlay rw,lowerdir=" + layers +
                                          "\n31 22 0:27 / /groups rw - cgroup2 cgroup2 rw\n");
    system.put("groups/cpu.max", "600000 100000\n");
    CHECK(system.quota() == 6);
}

TEST_CASE("this process may use at least one processor, and no more than its affinity mask has") {
    CHECK(usable_processors() >= 1);
    cpu_set_t before, one;
    REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
    CHECK(usable_processors() <= CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(usable_processors() == 1);
    REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}
