// The number of processors that this process may use, by its affinity mask and the quotas of control groups, so that a
// container with a quota of two does not start a thread per core of its host. The shipped runtime compiles this file
// too: it uses nothing else of base/, allocates no memory and throws nothing.
#pragma once

namespace slimscale::base {

// The sets of 1024 processors in a mask; the kernel refuses a mask that is smaller than its own.
constexpr int kCpuSets = 16;

// At least 1.
int usable_processors();

// The smallest CPU quota among the process's control groups and those around them, versions 1 and 2 alike, in whole
// processors, rounded up; 0: none. `root` stands before every file name: "", or in tests the folder of a made-up
// system.
int quota_processors(const char *root);

}  // namespace slimscale::base
