#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extras/images/files.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::images;

namespace {

std::string write_text(const std::string &path, const std::string &text) {
    return write_file(path, text.data(), text.size());
}

std::string text_of(const std::string &path) {
    Bytes bytes;
    const std::string error = read_file(path, bytes);
    return error.empty() ? std::string(bytes.begin(), bytes.end()) : "error: " + error;
}

}  // namespace

TEST_CASE("a file is written whole, replaced whole, and nothing else is left") {
    Scratch scratch;
    REQUIRE(write_text(scratch / "a", "one") == "");
    REQUIRE(write_text(scratch / "a", "three") == "");
    CHECK(text_of(scratch / "a") == "three");
    CHECK(entries(scratch.folder()) == 1);
}

TEST_CASE("permissions are those of a new file, or of the replaced one") {
    Scratch scratch;
    const mode_t mask = umask(027);
    REQUIRE(write_text(scratch / "a", "") == "");
    umask(mask);
    struct stat status = {};
    stat((scratch / "a").c_str(), &status);
    CHECK((status.st_mode & 0777) == 0640);
    chmod((scratch / "a").c_str(), 0604);
    REQUIRE(write_text(scratch / "a", "x") == "");
    stat((scratch / "a").c_str(), &status);
    CHECK((status.st_mode & 0777) == 0604);
}

TEST_CASE("what cannot be written leaves nothing behind") {
    Scratch scratch;
    CHECK(write_text(scratch / "missing/a", "x") != "");
    std::filesystem::create_directory(scratch / "folder");
    std::filesystem::create_directory(scratch / "folder/in_it");
    CHECK(write_text(scratch / "folder", "x") != "");  // renaming over a folder fails last of all
    CHECK(entries(scratch.folder()) == 1);
    const std::string long_name(250, 'n');
    CHECK(write_text(scratch / long_name, "x") == "");
    CHECK(text_of(scratch / long_name) == "x");
}

TEST_CASE("what cannot be read is a sentence") {
    Scratch scratch;
    CHECK(text_of(scratch / "missing").find("cannot open it") != std::string::npos);
    CHECK(text_of(scratch.folder()).find("folder") != std::string::npos);
    REQUIRE(write_text(scratch / "empty", "") == "");
    CHECK(text_of(scratch / "empty") == "");
    const std::string long_text(300000, 'x');
    REQUIRE(write_text(scratch / "long", long_text) == "");
    CHECK(text_of(scratch / "long") == long_text);
}

TEST_CASE("one file under two names is known") {
    Scratch scratch;
    REQUIRE(write_text(scratch / "a", "x") == "");
    std::filesystem::create_symlink(scratch / "a", scratch / "b");
    CHECK(same_file(scratch / "a", scratch / "b"));
    CHECK_FALSE(same_file(scratch / "a", scratch / "missing"));
}

TEST_CASE("a file beyond the size limit leaves no partial file") {
    Scratch scratch;
    const pid_t child = fork();
    if (child == 0) {
        const rlimit none = {0, 0}, little = {1000, 1000};
        setrlimit(RLIMIT_CORE, &none);
        setrlimit(RLIMIT_FSIZE, &little);
        write_text(scratch / "out", std::string(5000, 'x'));
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(entries(scratch.folder()) == 0);
}

TEST_CASE("a signal in the middle of writing leaves no partial file") {
    Scratch scratch;
    const std::string target = scratch / "out";
    const std::string content(64 << 20, 'x');
    for (int delay_us : {0, 2000, 10000}) {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGTERM, SIG_DFL);  // the test framework's handler would be left in charge
            for (;;)
                write_text(target, content);
        }
        // Wait until the child is at it.
        for (int i = 0; i < 1000 && entries(scratch.folder()) == 0; i++)
            usleep(1000);
        usleep(static_cast<useconds_t>(delay_us));
        kill(child, SIGTERM);
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        for (const auto &entry : std::filesystem::directory_iterator(scratch.folder()))
            CHECK(entry.path().native() == target);
    }
}
