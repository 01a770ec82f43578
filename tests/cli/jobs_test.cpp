#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "runtime/cli/jobs.h"
#include "tests/catch.h"
#include "tests/cli/scratch.h"

using namespace slimscale::cli;

namespace fs = std::filesystem;

namespace {

// A folder with empty files, which may lie in folders of it.
void make_files(const Scratch &scratch, const std::vector<std::string> &names) {
    for (const std::string &name : names) {
        fs::create_directories(fs::path(scratch / name).parent_path());
        std::ofstream(scratch / name).flush();
    }
}

// Root may list every folder.
class Nobody {
public:
    Nobody() { changed_ = geteuid() == 0 && seteuid(65534) == 0; }
    ~Nobody() {
        if (changed_ && seteuid(0) != 0)
            std::abort();
    }

private:
    bool changed_;
};

}  // namespace

TEST_CASE("a folder gives its images, and those of its folders if asked for") {
    Scratch scratch;
    make_files(scratch, {"in/b.jpg", "in/a.png", "in/notes.txt", "in/.c.png", "in/sub/d.jpeg", "in/.git/e.png"});
    fs::create_directory_symlink(scratch / "in", scratch / "in/circle");
    std::vector<Job> flat, deep;
    REQUIRE(list_jobs(scratch / "in", "out", /*recursive=*/false, flat) == "");
    REQUIRE(flat.size() == 2);
    CHECK(flat[0].input == scratch / "in/a.png");
    CHECK(flat[0].output == "out/a.png");
    REQUIRE(list_jobs(scratch / "in", "out", /*recursive=*/true, deep) == "");
    REQUIRE(deep.size() == 3);
    CHECK(deep[2].output == "out/sub/d.jpeg");
}

TEST_CASE("results in a folder of the input are not upscaled again") {
    Scratch scratch;
    make_files(scratch, {"a.png", "out/a.png", "out/sub/b.png", "other/out/c.png"});
    std::vector<Job> jobs;
    REQUIRE(list_jobs(scratch.folder(), scratch / "other/../out/", /*recursive=*/true, jobs) == "");
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[1].input == scratch / "other/out/c.png");
}

TEST_CASE("a folder that cannot be listed is an error that names it") {
    Scratch scratch;
    make_files(scratch, {"a.png", "sub/b.png", "z/c.png"});
    fs::permissions(scratch.folder(), fs::perms(0755));
    fs::permissions(scratch / "sub", fs::perms(0));
    std::string deep_error, flat_error;
    {
        const Nobody nobody;
        std::vector<Job> jobs;
        deep_error = list_jobs(scratch.folder(), "out", /*recursive=*/true, jobs);
        flat_error = list_jobs(scratch / "sub", "out", /*recursive=*/false, jobs);
    }
    fs::permissions(scratch / "sub", fs::perms(0755));
    CHECK(deep_error.find("sub: cannot list the folder") != std::string::npos);
    CHECK(flat_error.find("sub: cannot list the folder") != std::string::npos);
}

TEST_CASE("one file goes where the output's name says, in a format that is written") {
    Scratch scratch;
    make_files(scratch, {"a.png", "folder/"});
    std::vector<Job> jobs;
    REQUIRE(list_jobs(scratch / "a.png", scratch / "folder", false, jobs) == "");
    REQUIRE(list_jobs(scratch / "a.png", "new/", false, jobs) == "");
    REQUIRE(list_jobs(scratch / "a.png", "b.jpg", false, jobs) == "");
    CHECK(jobs[0].output == scratch / "folder/a.png");
    CHECK(jobs[1].output == "new/a.png");
    CHECK(jobs[2].output == "b.jpg");
    CHECK(list_jobs(scratch / "a.png", "b.webp", false, jobs).find("must end in .png") != std::string::npos);
    CHECK(list_jobs(scratch / "missing.png", "b.png", false, jobs).find("no such file") != std::string::npos);
}
