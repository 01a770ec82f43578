#include "compiler/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>

#include "base/processors.h"

namespace slimscale::generators {
namespace {

struct CloseFile {
    void operator()(FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

std::string contents(FILE *file) {
    std::string text;
    char buffer[4096];
    std::rewind(file);
    for (size_t read; (read = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
        text.append(buffer, read);
    return text;
}

// The line to show of what a failed program wrote: compilers say "error:" and then show where; other tools put what
// matters last.
std::string error_line(const std::string &text) {
    std::string found;
    bool error = false;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && !error;)
        if (line.find_first_not_of(' ') != std::string::npos) {
            found = line;
            error = line.find("error:") != std::string::npos;
        }
    return found;
}

// Joins the lines of a text, since the errors of Halide may have several.
std::string as_one_line(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

// Success if the child exited with 0, by waitpid's `status`; else an error with a line of what it wrote.
Status ending(int status, const std::string &written) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return Status();
    const std::string line = error_line(written);
    if (WIFSIGNALED(status))
        return Error{std::string("stopped by signal ") + strsignal(WTERMSIG(status)) +
                     (line.empty() ? "" : ": " + line)};
    return Error{line.empty() ? "exited with " + std::to_string(WEXITSTATUS(status)) : line};
}

int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// Does not return, so that the child runs no destructors and exit handlers of the parent.
[[noreturn]] void run_child(const std::function<Status(size_t)> &task, size_t index, FILE *output) {
    dup2(fileno(output), STDOUT_FILENO);
    dup2(fileno(output), STDERR_FILENO);
    const Status status = task(index);
    const std::string line = "\n" + as_one_line(status.error()) + "\n";
    if (!status && write(STDERR_FILENO, line.data(), line.size()) < 0)
        _exit(2);
    _exit(status ? 0 : 1);
}

struct Child {
    size_t index;
    File output;
};

}  // namespace

Status run_command(const std::vector<std::string> &command, const std::string &folder, std::string *output,
                   std::string *messages) {
    std::vector<char *> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string &argument : command)
        arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    const File out(std::tmpfile()), err(std::tmpfile());
    if (!out || !err)
        return Error{"no temporary file can be made: free some space in the temporary folder"};
    const pid_t child = fork();
    if (child < 0)
        return Error{"no process can be started for " + command[0]};
    if (child == 0) {
        dup2(fileno(out.get()), STDOUT_FILENO);
        dup2(fileno(err.get()), STDERR_FILENO);
        if (chdir(folder.c_str()) == 0)
            execvp(arguments[0], arguments.data());
        _exit(127);
    }
    const int status = wait_for(child);
    if (output)
        *output = contents(out.get());
    const std::string said = contents(err.get());
    if (messages)
        *messages = said;
    SLIMSCALE_RETURN_IF_ERROR(ending(status, said), command[0] + ": ");
    return Status();
}

int job_count(int wanted) {
    return wanted > 0 ? wanted : base::usable_processors();
}

Status run_forked(size_t count, int jobs, const std::function<Status(size_t)> &task,
                  const std::function<void(size_t)> &done) {
    std::map<pid_t, Child> running;
    Status first;  // the first failure
    size_t next = 0;
    while (!running.empty() || (next < count && first)) {
        while (next < count && first && running.size() < static_cast<size_t>(jobs)) {
            File output(std::tmpfile());
            const pid_t child = output ? fork() : -1;
            if (child == 0)
                run_child(task, next, output.get());
            if (child < 0)
                first = Error{"no process can be started: too many run already, or the temporary folder is full"};
            else
                running.emplace(child, Child{next++, std::move(output)});
        }
        if (running.empty())
            break;
        int status = 0;
        const auto ended = running.find(waitpid(-1, &status, 0));
        if (ended == running.end())
            continue;
        const Status ended_well = ending(status, contents(ended->second.output.get()));
        if (ended_well)
            done(ended->second.index);
        else if (first)
            first = ended_well;
        running.erase(ended);
    }
    return first;
}

}  // namespace slimscale::generators
