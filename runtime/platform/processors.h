// How many processors this process may use: of those that its affinity mask names no more than control groups allow, so
// that a container with a quota of two does not start a thread per core of its host.
#pragma once

namespace slimscale::runtime {

// Of 1024 processors each: what a mask takes, for the kernel refuses one that is smaller than its own.
constexpr int kCpuSets = 16;

// At least 1.
int usable_processors();

// The smallest CPU quota among the process's control groups and those around them, versions 1 and 2 alike, in whole
// processors, rounded up; 0: none. `root` stands before every file name: "", or in tests the folder of a made-up
// system.
int quota_processors(const char *root);

}  // namespace slimscale::runtime
