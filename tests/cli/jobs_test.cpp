#include <filesystem>

#include "cli/jobs.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::cli;

namespace fs = std::filesystem;

TEST_CASE("a folder gives its images, and those of its folders if asked for") {
    Scratch scratch;
    make_files(scratch, {"in/b.jpg", "in/a.png", "in/notes.txt", "in/.c.png", "in/sub/d.jpeg", "in/.git/e.png"});
    fs::create_directory_symlink(scratch / "in", scratch / "in/circle");
    std::vector<Job> flat, deep;
    REQUIRE(list_jobs(scratch / "in", "out", /*recursive=*/false, flat).error() == "");
    REQUIRE(flat.size() == 2);
    CHECK(flat[0].input == scratch / "in/a.png");
    CHECK(flat[0].output == "out/a.png");
    REQUIRE(list_jobs(scratch / "in", "out", /*recursive=*/true, deep).error() == "");
    REQUIRE(deep.size() == 3);
    CHECK(deep[2].output == "out/sub/d.jpeg");
}

TEST_CASE("results in a folder of the input are not upscaled again") {
    Scratch scratch;
    make_files(scratch, {"a.png", "out/a.png", "out/sub/b.png", "other/out/c.png"});
    std::vector<Job> jobs;
    REQUIRE(list_jobs(scratch.folder(), scratch / "other/../out/", /*recursive=*/true, jobs).error() == "");
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[1].input == scratch / "other/out/c.png");
}

TEST_CASE("one file goes where the output's name says, in a format that is written") {
    Scratch scratch;
    make_files(scratch, {"a.png", "folder/"});
    std::vector<Job> jobs;
    REQUIRE(list_jobs(scratch / "a.png", scratch / "folder", false, jobs).error() == "");
    REQUIRE(list_jobs(scratch / "a.png", "new/", false, jobs).error() == "");
    REQUIRE(list_jobs(scratch / "a.png", "b.jpg", false, jobs).error() == "");
    CHECK(jobs[0].output == scratch / "folder/a.png");
    CHECK(jobs[1].output == "new/a.png");
    CHECK(jobs[2].output == "b.jpg");
    CHECK(list_jobs(scratch / "a.png", "b.webp", false, jobs).error().find("must end in .png") != std::string::npos);
    CHECK(list_jobs(scratch / "missing.png", "b.png", false, jobs).error().find("no such file") != std::string::npos);
}
