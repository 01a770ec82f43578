#include "base/files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "tests/base/faults.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::base;

namespace {

std::string write_text(const std::string &path, const std::string &text) {
    return write_file(path, text).error();
}

std::string text_of(const std::string &path) {
    const Result<std::string> text = read_text(path);
    return text ? *text : "error: " + text.error();
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

mode_t permissions(const std::string &path) {
    struct stat status = {};
    stat(path.c_str(), &status);
    return status.st_mode & 0777;
}

// Runs `work` in a child process and returns waitpid's status.
template <typename Work>
int in_child(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGTERM, SIG_DFL);  // else the test framework's handler would run
        const rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        work();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

void limit_file_size(rlim_t bytes) {
    const rlimit limit = {bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
}

// Runs a test with both ways to write: without a name, and under a hidden one.
void with_and_without_unnamed_files(void (*test)(const Scratch &)) {
    for (bool refused : {false, true}) {
        CAPTURE(refused);
        const faults::Reset reset;
        faults::no_unnamed_files = refused;
        const Scratch scratch;
        test(scratch);
    }
}

}  // namespace

TEST_CASE("a file is written whole, replaced whole, and nothing else is left") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        REQUIRE(write_text(scratch / "a", "one") == "");
        REQUIRE(write_text(scratch / "a", "three") == "");
        CHECK(text_of(scratch / "a") == "three");
        REQUIRE(write_text(scratch / "a", "") == "");
        CHECK(text_of(scratch / "a") == "");
        CHECK(entries(scratch.folder()) == 1);
    });
}

TEST_CASE("a name without a folder is in the current one") {
    const Scratch scratch;
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(scratch.folder());
    const std::string error = write_text("a", "x");
    std::filesystem::current_path(before);
    CHECK(error == "");
    CHECK(text_of(scratch / "a") == "x");
}

TEST_CASE("permissions are those of a new file, or of the replaced one") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        const mode_t mask = umask(027);
        CHECK(write_text(scratch / "a", "") == "");
        CHECK(permissions(scratch / "a") == 0640);
        chmod((scratch / "a").c_str(), 0604);
        CHECK(write_text(scratch / "a", "x") == "");
        umask(mask);
        CHECK(permissions(scratch / "a") == 0604);
    });
}

TEST_CASE("where permissions cannot be set the file is written, with no more than the old one had") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        REQUIRE(write_text(scratch / "a", "old") == "");
        chmod((scratch / "a").c_str(), 0604);
        faults::chmod_is_refused = true;
        const mode_t mask = umask(077);
        CHECK(write_text(scratch / "a", "new") == "");
        umask(mask);
        CHECK(text_of(scratch / "a") == "new");
        CHECK(permissions(scratch / "a") == 0600);
    });
}

TEST_CASE("a symbolic link stays and its target is replaced") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        std::filesystem::create_directory(scratch / "there");
        REQUIRE(write_text(scratch / "there/target", "old") == "");
        std::filesystem::create_symlink("there/target", scratch / "link");
        std::filesystem::create_symlink("link", scratch / "second");
        REQUIRE(write_text(scratch / "second", "new") == "");
        CHECK(std::filesystem::is_symlink(scratch / "second"));
        CHECK(std::filesystem::is_symlink(scratch / "link"));
        CHECK_FALSE(std::filesystem::is_symlink(scratch / "there/target"));
        CHECK(text_of(scratch / "there/target") == "new");
        CHECK(entries(scratch.folder()) == 3);
        CHECK(entries(scratch / "there") == 1);
    });
}

TEST_CASE("a symbolic link to nothing gets its target, one in a circle is an error") {
    const Scratch scratch;
    std::filesystem::create_symlink(scratch / "target", scratch / "link");
    REQUIRE(write_text(scratch / "link", "x") == "");
    CHECK(std::filesystem::is_symlink(scratch / "link"));
    CHECK(text_of(scratch / "target") == "x");
    std::filesystem::create_symlink("b", scratch / "a");
    std::filesystem::create_symlink("a", scratch / "b");
    CHECK(contains(write_text(scratch / "a", "x"), "symbolic links"));
    CHECK(entries(scratch.folder()) == 4);
}

TEST_CASE("a pipe is written to and read from as it is") {
    const Scratch scratch;
    const std::string pipe = scratch / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const std::string content(300000, 'x');
    std::string error = "not run";
    std::thread writer([&] { error = write_text(pipe, content); });
    CHECK(text_of(pipe) == content);
    writer.join();
    CHECK(error == "");
    struct stat status = {};
    stat(pipe.c_str(), &status);
    CHECK(S_ISFIFO(status.st_mode));
    CHECK(entries(scratch.folder()) == 1);
}

TEST_CASE("a process' own descriptor is written to as it is, behind what it holds") {
    const Scratch scratch;
    REQUIRE(write_text(scratch / "log", "first ") == "");
    const int fd = open((scratch / "log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    REQUIRE(fd >= 0);
    struct stat before = {}, after = {};
    stat((scratch / "log").c_str(), &before);
    const std::string name = "/proc/self/fd/" + std::to_string(fd);
    std::filesystem::create_symlink(name, scratch / "stdout");
    CHECK(write_text(name, "second ") == "");
    CHECK(write_text(scratch / "stdout", "third") == "");
    close(fd);
    stat((scratch / "log").c_str(), &after);
    CHECK(before.st_ino == after.st_ino);
    CHECK(text_of(scratch / "log") == "first second third");
}

TEST_CASE("what cannot be written is named and leaves nothing behind") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        CHECK(contains(write_text(scratch / "missing/a", "x"), (scratch / "missing/a") + ": cannot write into"));
        std::filesystem::create_directory(scratch / "folder");
        CHECK(contains(write_text(scratch / "folder", "x"), "folder"));
        CHECK(write_text(scratch / "none/", "x") != "");
        CHECK(write_text("", "x") != "");
        REQUIRE(write_text(scratch / "a", "old") == "");
        faults::rename_fails = true;
        CHECK(contains(write_text(scratch / "a", "new"), "cannot put it in place"));
        CHECK(text_of(scratch / "a") == "old");
        CHECK(entries(scratch.folder()) == 2);
    });
}

TEST_CASE("names up to the file system's limit") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        const std::string long_name(250, 'n');
        CHECK(write_text(scratch / long_name, "x") == "");
        CHECK(text_of(scratch / long_name) == "x");
        CHECK(write_text(scratch / std::string(300, 'n'), "x") != "");
        CHECK(entries(scratch.folder()) == 1);
    });
}

TEST_CASE("in a folder that may not be written the old file stays") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        REQUIRE(write_text(scratch / "a", "old") == "");
        chmod((scratch / "a").c_str(), 0666);
        chmod(scratch.folder().c_str(), 0555);
        const int status = in_child([&] {
            // Permissions do not bind root.
            if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
                _exit(2);
            _exit(contains(write_text(scratch / "a", "new"), "cannot write into its folder") ? 0 : 1);
        });
        chmod(scratch.folder().c_str(), 0755);
        CHECK(status == 0);
        CHECK(text_of(scratch / "a") == "old");
        CHECK(entries(scratch.folder()) == 1);
    });
}

TEST_CASE("without room the old file stays and nothing else") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        REQUIRE(write_text(scratch / "a", "old") == "");
        const int status = in_child([&] {
            std::signal(SIGXFSZ, SIG_IGN);
            limit_file_size(1000);
            _exit(contains(write_text(scratch / "a", std::string(5000, 'x')), "cannot write it: ") ? 0 : 1);
        });
        CHECK(status == 0);
        CHECK(text_of(scratch / "a") == "old");
        CHECK(entries(scratch.folder()) == 1);
    });
}

TEST_CASE("a process that is killed in the middle leaves the old file and nothing else") {
    const Scratch scratch;
    REQUIRE(write_text(scratch / "a", "old") == "");
    for (int signal : {SIGKILL, SIGTERM}) {
        const int status = in_child([&] {
            Result<FileWriter> writer = FileWriter::open(scratch / "a");
            if (writer && writer->write("half", 4).ok())
                raise(signal);
        });
        REQUIRE(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == signal);
    }
    const int status = in_child([&] {
        limit_file_size(1000);
        _exit(write_text(scratch / "a", std::string(5000, 'x')).empty() ? 0 : 1);
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGXFSZ);
    CHECK(text_of(scratch / "a") == "old");
    CHECK(entries(scratch.folder()) == 1);
}

TEST_CASE("a killed process that had to use a hidden name leaves the old file") {
    const faults::Reset reset;
    faults::no_unnamed_files = true;
    const Scratch scratch;
    REQUIRE(write_text(scratch / "a", "old") == "");
    const int status = in_child([&] {
        Result<FileWriter> writer = FileWriter::open(scratch / "a");
        if (writer && writer->write("half", 4).ok())
            raise(SIGKILL);
    });
    CHECK(WIFSIGNALED(status));
    CHECK(text_of(scratch / "a") == "old");
    CHECK(write_text(scratch / "a", "new") == "");
    CHECK(text_of(scratch / "a") == "new");
}

TEST_CASE("what is not committed does not appear") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        {
            Result<FileWriter> writer = FileWriter::open(scratch / "a");
            REQUIRE(writer);
            REQUIRE(writer->write("half", 4).ok());
        }
        CHECK(entries(scratch.folder()) == 0);
    });
}

TEST_CASE("a file is written in pieces") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        Result<FileWriter> opened = FileWriter::open(scratch / "a");
        REQUIRE(opened);
        FileWriter writer = *std::move(opened);
        REQUIRE(writer.write("one ", 4).ok());
        REQUIRE(writer.write("two", 3).ok());
        REQUIRE(writer.commit().ok());
        CHECK(text_of(scratch / "a") == "one two");
        CHECK(entries(scratch.folder()) == 1);
    });
}

TEST_CASE("contents and folder are synced") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        faults::notes_syncs = true;
        REQUIRE(write_text(scratch / "a", "x") == "");
        faults::notes_syncs = false;
        REQUIRE(faults::synced.size() == 2);
        CHECK(contains(faults::synced[0], scratch.folder() + "/"));
        CHECK(faults::synced[1] == scratch.folder());
    });
}

TEST_CASE("several writers and readers of one file see whole contents only") {
    with_and_without_unnamed_files([](const Scratch &scratch) {
        constexpr int kRounds = 40;
        constexpr size_t kBytes = 100000;
        const std::string path = scratch / "a";
        REQUIRE(write_text(path, std::string(kBytes, 'a')) == "");
        std::atomic<int> failures{0};
        const auto write_often = [&](char letter) {
            for (int i = 0; i < kRounds; i++)
                failures += !write_file(path, std::string(kBytes, letter)).ok();
        };
        const pid_t child = fork();
        if (child == 0) {
            write_often('b');
            _exit(failures == 0 ? 0 : 1);
        }
        std::thread first(write_often, 'c'), second(write_often, 'd');
        for (int i = 0; i < kRounds; i++) {
            const std::string text = text_of(path);
            failures += text != std::string(kBytes, text[0]);
        }
        first.join();
        second.join();
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(status == 0);
        CHECK(failures == 0);
        CHECK(entries(scratch.folder()) == 1);
    });
}

TEST_CASE("what cannot be read is a sentence that names it") {
    const Scratch scratch;
    CHECK(contains(text_of(scratch / "missing"), (scratch / "missing") + ": cannot open it: No such file"));
    CHECK(contains(text_of(scratch.folder()), "folder"));
    REQUIRE(write_text(scratch / "empty", "") == "");
    CHECK(text_of(scratch / "empty") == "");
    const std::string long_text(300000, 'x');
    REQUIRE(write_text(scratch / "long", long_text) == "");
    CHECK(text_of(scratch / "long") == long_text);
    CHECK(read_file(scratch / "long")->size() == long_text.size());
    CHECK(contains(text_of("/proc/self/status"), "Name:"));
}

TEST_CASE("more than the limit is refused before it is read") {
    const Scratch scratch;
    REQUIRE(write_text(scratch / "big", "") == "");
    std::filesystem::resize_file(scratch / "big", kMaxFileBytes + 1);
    CHECK(contains(text_of(scratch / "big"), "larger than 4 GiB"));
}

TEST_CASE("one file under two names is known") {
    const Scratch scratch;
    REQUIRE(write_text(scratch / "a", "x") == "");
    std::filesystem::create_symlink(scratch / "a", scratch / "b");
    CHECK(same_file(scratch / "a", scratch / "b"));
    CHECK_FALSE(same_file(scratch / "a", scratch / "missing"));
}

TEST_CASE("a work folder is removed with what is in it") {
    const Scratch scratch;
    std::string path;
    {
        Result<WorkFolder> made = WorkFolder::make(scratch.folder());
        REQUIRE(made);
        const WorkFolder folder = *std::move(made);
        path = folder.path();
        REQUIRE(write_text(path + "/a", "x") == "");
        CHECK(entries(scratch.folder()) == 1);
    }
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(contains(WorkFolder::make(scratch / "missing").error(), "missing"));
}
