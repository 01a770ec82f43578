// What a run prints while it works: one line that is redrawn on a terminal, and a line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "trainer/step.h"

namespace slimscale::trainer {

class Console {
public:
    Console(bool quiet, int64_t first_step, int64_t steps);
    ~Console();

    // images_per_second counts the images of all processes.
    void step(int64_t step, const Losses &losses, double images_per_second);
    void say(const std::string &line);  // above the progress line

private:
    void clear();

    using Clock = std::chrono::steady_clock;
    const bool quiet_, terminal_;
    const int64_t first_step_, steps_;
    const Clock::time_point start_;
    Clock::time_point last_;
    bool drawn_ = false;
};

}  // namespace slimscale::trainer
