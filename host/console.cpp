#include "host/console.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {
namespace {

constexpr size_t kBarCells = 24;

size_t terminal_columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string version() {
    return std::to_string(SLIMSCALE_VERSION_MAJOR) + "." + std::to_string(SLIMSCALE_VERSION_MINOR) + "." +
           std::to_string(SLIMSCALE_VERSION_PATCH);
}

void complain(const std::string &subject, const std::string &sentence) {
    const std::string line = base::one_line(subject.empty() ? sentence : subject + ": " + sentence);
    std::fprintf(stderr, "slimscale: %s\n", line.c_str());
}

void note(const std::string &sentence) {
    complain("", sentence);
}

Progress::Progress(size_t total) : total_(total) {
    const char *terminal = std::getenv("TERM");
    enabled_ = isatty(STDERR_FILENO) && !(terminal && std::strcmp(terminal, "dumb") == 0);
}

void Progress::show(size_t done, const std::string &current) const {
    if (!enabled_)
        return;
    const size_t filled = total_ == 0 ? kBarCells : kBarCells * done / total_;
    show("[" + std::string(filled, '#') + std::string(kBarCells - filled, ' ') + "] " + std::to_string(done) + "/" +
         std::to_string(total_) + " " + current);
}

void Progress::show(const std::string &text) const {
    if (!enabled_)
        return;
    std::string line = base::one_line(text);
    line.resize(std::min(line.size(), terminal_columns() - 1));
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
}

void Progress::clear() const {
    if (!enabled_)
        return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
}

}  // namespace slimscale::host
