#include "bench/widths/resident.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/widths/measure.h"

namespace slimscale::bench {
namespace {

// The kernel's high-water mark of this program alone. wait4's figure would include the parent's memory, which the child
// had before it became another program.
size_t own_peak_bytes() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        unsigned long long kib = 0;
        if (std::sscanf(line.c_str(), "VmHWM: %llu kB", &kib) == 1)
            return static_cast<size_t>(kib) * 1024;
    }
    return 0;
}

std::string read_all(int fd) {
    std::string text;
    char part[256];
    for (ssize_t got = 0; (got = read(fd, part, sizeof part)) > 0;)
        text.append(part, static_cast<size_t>(got));
    return text;
}

// Runs this program with `arguments` and collects its output. Returns its exit code, or -1 if a signal ended it.
int run_self(std::vector<std::string> arguments, std::string &output) {
    std::vector<char *> argv(arguments.size() + 1);  // the last stays null
    std::transform(arguments.begin(), arguments.end(), argv.begin(), [](auto &argument) { return argument.data(); });
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    pid_t child = 0;
    const bool started = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output = started ? read_all(ends[0]) : "";
    close(ends[0]);
    int status = 0;
    const bool ended = started && waitpid(child, &status, 0) == child && WIFEXITED(status);
    return ended ? WEXITSTATUS(status) : -1;
}

}  // namespace

Status measure_resident(const std::string &model, const std::string &format, const Row &row, size_t &bytes) {
    std::vector<std::string> command{"bench_widths",
                                     "--model",
                                     model,
                                     "--targets",
                                     row.target,
                                     "--sizes",
                                     row.input,
                                     "--threads",
                                     std::to_string(row.threads),
                                     "--resident-child",
                                     std::to_string(row.channels)};
    if (!format.empty())
        command.insert(command.end(), {"--format", format});
    std::string output;
    const int code = run_self(command, output);
    if (code != 0)
        return Error{"the process that measures resident memory failed"};
    bytes = std::strtoull(output.c_str(), nullptr, 10);
    return Status();
}

int run_resident_child(const Options &options) {
    host::Model model;
    Status status = host::choose_model(host::compiled_models(), options.models.front(), 0, true, model);
    FirstCall call;
    const Result<slimscale_format> format = format_of(model, options);
    if (status)
        status = format.status();
    if (status)
        status = first_call(model, options.targets.front(), options.resident_child_channels, options.sizes.front(),
                            *format, options.threads, call);
    if (!status) {
        std::fprintf(stderr, "bench_widths: %s\n", status.error().c_str());
        return 1;
    }
    std::printf("%zu\n", own_peak_bytes());
    return 0;
}

}  // namespace slimscale::bench
