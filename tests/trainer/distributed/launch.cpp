#include "tests/trainer/distributed/launch.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/trainer/training_folder.h"

namespace slimscale::trainer_tests {
namespace {

constexpr std::chrono::milliseconds kPoll{20};
constexpr int kCannotStart = 127;

// The program's arguments: the options as a file, and those that such a file does not have.
std::vector<std::string> arguments(const trainer::Config &config, const std::string &options_file) {
    std::ofstream(options_file) << trainer::options_text(config);
    std::vector<std::string> arguments{SLIMSCALE_BINARY_DIR "/bin/slimscale_train", "--config", options_file};
    if (config.resume)
        arguments.emplace_back("--resume");
    if (config.quiet)
        arguments.emplace_back("--quiet");
    return arguments;
}

// Becomes the program, by calls that are safe after fork() only.
[[noreturn]] void become(char **argv, char **environment, const char *log) {
    const int file = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDERR_FILENO);
    execve(argv[0], argv, environment);
    _exit(kCannotStart);
}

bool is_of_launchers(const std::string &variable) {
    for (const char *name : {"RANK=", "WORLD_SIZE=", "LOCAL_RANK=", "MASTER_", "TORCHELASTIC_"})
        if (variable.rfind(name, 0) == 0)
            return true;
    return false;
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
    std::vector<char *> result;
    result.reserve(strings.size() + 1);
    for (std::string &string : strings)
        result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

}  // namespace

Process::Process(const trainer::Config &config, const std::vector<std::string> &variables, const std::string &log)
    : log_(log) {
    std::vector<std::string> command = arguments(config, log + ".options"), environment = variables;
    for (char **variable = environ; *variable != nullptr; variable++)
        if (!is_of_launchers(*variable))
            environment.emplace_back(*variable);
    const std::vector<char *> argv = pointers(command), envp = pointers(environment);
    pid_ = fork();
    if (pid_ == 0)
        become(const_cast<char **>(argv.data()), const_cast<char **>(envp.data()), log_.c_str());
    if (pid_ < 0)
        throw std::runtime_error("no process");
}

Process::~Process() {
    if (status_)
        return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
    kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    int status = 0;
    while (!status_ && std::chrono::steady_clock::now() < end)
        if (waitpid(pid_, &status, WNOHANG) == pid_)
            status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else
            std::this_thread::sleep_for(kPoll);
    return status_;
}

std::string Process::said() const {
    return read_text(log_);
}

std::vector<std::string> variables(int rank, int size, int port) {
    return {"RANK=" + std::to_string(rank), "WORLD_SIZE=" + std::to_string(size), "MASTER_ADDR=127.0.0.1",
            "MASTER_PORT=" + std::to_string(port)};
}

int free_port() {
    const int file = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = bind(file, reinterpret_cast<sockaddr *>(&address), size) == 0 &&
                       getsockname(file, reinterpret_cast<sockaddr *>(&address), &size) == 0;
    close(file);
    if (!bound)
        throw std::runtime_error("no port is free");
    return ntohs(address.sin_port);
}

}  // namespace slimscale::trainer_tests
