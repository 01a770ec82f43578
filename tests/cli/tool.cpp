#include "tests/cli/tool.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "networks/walkers.h"
#include "tests/catch.h"
#include "weights/model_file.h"

namespace slimscale::cli {
namespace {

std::string slurp(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string command(const Scratch &scratch, const std::string &arguments) {
    return "cd " + scratch.folder() + " && XDG_CACHE_HOME=" + (scratch / "cache") + " " SLIMSCALE_TOOL " " + arguments;
}

}  // namespace

Outcome run_tool(const Scratch &scratch, const std::string &arguments) {
    // The streams' files lie outside the folder, so that tests can count what is in it.
    Scratch streams;
    const int status =
        std::system((command(scratch, arguments) + " >" + (streams / "out") + " 2>" + (streams / "err")).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(streams / "out"), slurp(streams / "err")};
}

std::string run_on_terminal(const Scratch &scratch, const std::string &arguments) {
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        execl("/bin/sh", "sh", "-c", command(scratch, arguments).c_str(), nullptr);
        _exit(127);
    }
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = read(terminal, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<size_t>(got));
    waitpid(child, nullptr, 0);
    close(terminal);
    return text;
}

void save_trained(const std::string &path, const std::vector<int> &widths) {
    weights::ModelFile model;
    model.network.name = "fake";
    model.network.blocks = 1;
    model.trained_widths = widths;
    const networks::Graph graph = networks::build(model.network, model.network.channels);
    for (const networks::TensorShape &shape : networks::tensors(graph)) {
        weights::Tensor &tensor = model.tensors[shape.name];
        tensor.shape.assign(shape.shape.begin(), shape.shape.end());
        size_t count = 1;
        for (const uint64_t dimension : tensor.shape)
            count *= dimension;
        tensor.data.assign(count, 0.01f);
    }
    REQUIRE(weights::save_model(path, model).error() == "");
}

size_t lines(const std::string &text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace slimscale::cli
