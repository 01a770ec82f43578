#include "trainer/console.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "base/numbers.h"
#include "base/text.h"

namespace slimscale::trainer {
namespace {

using base::decimal;
using std::chrono::duration;

constexpr duration<double> kTerminalPause{0.2}, kFilePause{30};
constexpr int kBarCells = 20;

std::string bar(double share) {
    std::string cells;
    for (int i = 0; i < kBarCells; i++)
        cells += i < share * kBarCells ? '=' : ' ';
    return "[" + cells + "]";
}

std::string loss_text(const Losses &losses) {
    std::string text = "L1";
    for (const auto &[width, value] : losses.l1)
        text += " " + std::to_string(width) + ":" + decimal(value, 3);
    if (!losses.contrast.empty())
        text += "  contrast";
    for (const auto &[width, value] : losses.contrast)
        text += " " + std::to_string(width) + ":" + decimal(value, 4);
    return text;
}

}  // namespace

Console::Console(bool quiet, int64_t first_step, int64_t steps)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0), first_step_(first_step), steps_(steps),
      start_(Clock::now()), last_(start_ - std::chrono::hours(1)) {}

Console::~Console() {
    if (drawn_)
        std::fputc('\n', stderr);
}

void Console::step(int64_t step, const Losses &losses, double images_per_second) {
    const auto now = Clock::now();
    if (quiet_ || (now - last_ < (terminal_ ? kTerminalPause : kFilePause) && step != steps_))
        return;
    last_ = now;
    const double elapsed = duration<double>(now - start_).count();
    const double left = elapsed / static_cast<double>(step - first_step_) * static_cast<double>(steps_ - step);
    const double share = static_cast<double>(step) / static_cast<double>(steps_);
    const std::string line = bar(share) + " " + std::to_string(step) + "/" + std::to_string(steps_) + "  " +
                             loss_text(losses) + "  " + decimal(images_per_second, 1) + " images/s  ETA " +
                             base::clock(left);
    std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
    drawn_ = terminal_;
}

void Console::say(const std::string &line) {
    if (quiet_)
        return;
    clear();
    std::fprintf(stderr, "%s\n", line.c_str());
}

void Console::clear() {
    if (drawn_)
        std::fputs("\r\033[K", stderr);
    drawn_ = false;
}

}  // namespace slimscale::trainer
