// Runs slimscale_train in processes, as a launcher would start them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "trainer/config.h"

namespace slimscale::trainer_tests {

class Process {
public:
    // variables: NAME=value, added to the test's environment without a launcher's variables. The output goes into
    // `log`.
    Process(const trainer::Config &config, const std::vector<std::string> &variables, const std::string &log);
    ~Process();  // kills it if it still runs
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    void signal(int number) const;
    // The exit status, or 128 + the signal that ended it; nothing if it still runs after `limit`.
    std::optional<int> wait(std::chrono::seconds limit);
    std::string said() const;

private:
    pid_t pid_;
    std::string log_;
    std::optional<int> status_;
};

// The variables of a launcher on the loopback, and a port that is free now.
std::vector<std::string> variables(int rank, int size, int port);
int free_port();

}  // namespace slimscale::trainer_tests
