#include "host/jobs.h"

#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::host;

namespace fs = std::filesystem;
using images::FileFormat;

namespace {

Status list(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs) {
    const Result<Jobs> listed = list_jobs({{input}, output, recursive});
    if (listed)
        jobs.insert(jobs.end(), listed->jobs.begin(), listed->jobs.end());
    return listed.status();
}

std::vector<std::string> outputs(const Jobs &jobs) {
    std::vector<std::string> names;
    names.reserve(jobs.jobs.size());
    for (const Job &job : jobs.jobs)
        names.push_back(job.output);
    return names;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("formats of files by name") {
    FileFormat format = FileFormat::tiff;
    for (const auto &[text, expected] :
         {std::pair{"jpeg", FileFormat::jpeg}, {"jxl", FileFormat::jxl}, {"PNG", FileFormat::png}}) {
        REQUIRE(parse_format(text, format).ok());
        CHECK(format == expected);
    }
    for (const char *text : {"", "heic", "gif", "png "}) {
        CHECK(contains(parse_format(text, format).error(), "is no format that is written"));
        CHECK(format == FileFormat::png);
    }
}

TEST_CASE("a file that exists is replaced only if that is wanted, and what is no file is left to the writer") {
    const Scratch scratch;
    REQUIRE(base::write_file(scratch / "old.png", std::string_view("x")).ok());
    CHECK(contains(check_absent(scratch / "old.png", false).error(), "old.png exists; --overwrite replaces it"));
    CHECK(check_absent(scratch / "old.png", true).ok());
    CHECK(check_absent(scratch / "new.png", false).ok());
    CHECK(check_absent("/dev/null", false).ok());
    CHECK(contains(prepare_output(scratch / "old.png", false).error(), "exists"));
    CHECK(contains(prepare_output(scratch / "old.png/deep/new.png", false).error(), "the folder cannot be made"));
    REQUIRE(prepare_output(scratch / "deep/er/new.png", false).ok());
    CHECK(fs::is_directory(scratch / "deep/er"));
}

TEST_CASE("a folder gives its images, and those of its folders if asked for") {
    Scratch scratch;
    make_files(scratch, {"in/b.jpg", "in/a.png", "in/notes.txt", "in/.c.png", "in/sub/d.jpeg", "in/.git/e.png"});
    fs::create_directory_symlink(scratch / "in", scratch / "in/circle");
    std::vector<Job> flat, deep;
    REQUIRE(list(scratch / "in", "out", /*recursive=*/false, flat).error() == "");
    REQUIRE(flat.size() == 2);
    CHECK(flat[0].input == scratch / "in/a.png");
    CHECK(flat[0].output == "out/a.png");
    REQUIRE(list(scratch / "in", "out", /*recursive=*/true, deep).error() == "");
    REQUIRE(deep.size() == 3);
    CHECK(deep[2].output == "out/sub/d.jpeg");
}

TEST_CASE("results in a folder of the input are not upscaled again") {
    Scratch scratch;
    make_files(scratch, {"a.png", "out/a.png", "out/sub/b.png", "other/out/c.png"});
    std::vector<Job> jobs;
    REQUIRE(list(scratch.folder(), scratch / "other/../out/", /*recursive=*/true, jobs).error() == "");
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[1].input == scratch / "other/out/c.png");
}

TEST_CASE("one file goes where the output's name says, in a format that is written") {
    Scratch scratch;
    make_files(scratch, {"a.png", "folder/"});
    std::vector<Job> jobs;
    REQUIRE(list(scratch / "a.png", scratch / "folder", false, jobs).error() == "");
    REQUIRE(list(scratch / "a.png", "new/", false, jobs).error() == "");
    REQUIRE(list(scratch / "a.png", "b.jpg", false, jobs).error() == "");
    CHECK(jobs[0].output == scratch / "folder/a.png");
    CHECK(jobs[1].output == "new/a.png");
    CHECK(jobs[2].output == "b.jpg");
    CHECK(list(scratch / "a.png", "b.gif", false, jobs).error().find("must end in .png, .jpg, .webp, .tif,") !=
          std::string::npos);
    CHECK(list(scratch / "missing.png", "b.png", false, jobs).error().find("no such file") != std::string::npos);
}

TEST_CASE("several files and folders go into one folder, and their names stay apart") {
    Scratch scratch;
    make_files(scratch, {"a.png", "b.jpg", "in/c.png", "in/sub/d.png", "other/c.png", "other/notes.txt", "file"});
    Result<Jobs> jobs = list_jobs({{scratch / "a.png", scratch / "b.jpg", scratch / "in"}, "out", /*recursive=*/true});
    REQUIRE(jobs.error() == "");
    CHECK(outputs(*jobs) == std::vector<std::string>{"out/a.png", "out/b.jpg", "out/c.png", "out/sub/d.png"});
    CHECK(jobs->others == 0);
    CHECK(list_jobs({{scratch / "in", scratch / "other"}, "out"}).error().find("would both be out/c.png") ==
          std::string::npos);
    jobs = list_jobs({{scratch / "in", scratch / "other"}, "out"});
    REQUIRE(jobs.error() == "");
    CHECK(outputs(*jobs) == std::vector<std::string>{"out/c.png", "out/c.png.png"});
    CHECK(jobs->others == 1);
    CHECK(list_jobs({{scratch / "a.png", scratch / "a.png", scratch / "a.png"}, "out"}).error().find("would both be") !=
          std::string::npos);
    CHECK(list_jobs({{scratch / "a.png", scratch / "b.jpg"}, scratch / "file"}).error().find("must be a folder") !=
          std::string::npos);
    CHECK(list_jobs({{scratch / "a.png", scratch / "none"}, "out"}).error().find("none: no such file") !=
          std::string::npos);
}

TEST_CASE("a format for all outputs, and names that tell none") {
    Scratch scratch;
    make_files(scratch, {"in/a.png", "in/a.jpg", "in/b.JPEG", "in/notes.txt"});
    std::ofstream(scratch / "in/c", std::ios::binary) << "\xff\xd8\xff";
    std::ofstream(scratch / "in/d.bin", std::ios::binary) << "\x89PNG\r\n\x1a\n";
    Result<Jobs> jobs = list_jobs({{scratch / "in"}, "out"});
    REQUIRE(jobs.error() == "");
    CHECK(outputs(*jobs) ==
          std::vector<std::string>{"out/a.jpg", "out/a.png", "out/b.JPEG", "out/c.jpg", "out/d.bin.png"});
    CHECK(jobs->jobs[3].format == FileFormat::jpeg);
    jobs = list_jobs({{scratch / "in"}, "out", false, FileFormat::png});
    CHECK(outputs(*jobs) ==
          std::vector<std::string>{"out/a.png", "out/a.png.png", "out/b.png", "out/c.png", "out/d.bin.png"});
    jobs = list_jobs({{scratch / "in/a.png"}, "result", false, FileFormat::jpeg});
    CHECK(outputs(*jobs) == std::vector<std::string>{"result"});
    CHECK(jobs->jobs[0].format == FileFormat::jpeg);
}

TEST_CASE("what is read and not written becomes a PNG") {
    Scratch scratch;
    make_files(scratch, {"in/a.heic", "in/b.webp"});
    CHECK(outputs(*list_jobs({{scratch / "in"}, "out"})) == std::vector<std::string>{"out/a.png", "out/b.webp"});
}

TEST_CASE("a folder without images is an error unless it may be empty") {
    Scratch scratch;
    make_files(scratch, {"clips/a.mp4", "in/b.png"});
    JobOptions options{{scratch / "clips", scratch / "in"}, "out"};
    CHECK(list_jobs(options).error().find("clips: no image in this folder") != std::string::npos);
    options.folders_may_be_empty = true;
    const Result<Jobs> jobs = list_jobs(options);
    REQUIRE(jobs.error() == "");
    CHECK(outputs(*jobs) == std::vector<std::string>{"out/b.png"});
    CHECK(jobs->others == 1);
}

TEST_CASE("standard input and output are one image each") {
    Scratch scratch;
    make_files(scratch, {"a.png", "in/b.png"});
    Result<Jobs> jobs = list_jobs({{"-"}, "-"});
    REQUIRE(jobs.error() == "");
    CHECK(jobs->jobs[0].format == FileFormat::png);
    CHECK(list_jobs({{"-"}, "b.jpg"})->jobs[0].format == FileFormat::jpeg);
    CHECK(list_jobs({{scratch / "a.png"}, "-", false, FileFormat::jpeg})->jobs[0].format == FileFormat::jpeg);
    for (const JobOptions &refused :
         {JobOptions{{"-", scratch / "a.png"}, "out"}, JobOptions{{"-"}, "out/"}, JobOptions{{"-"}, scratch / "in"}})
        CHECK(list_jobs(refused).error().find("standard input is one image") != std::string::npos);
    for (const JobOptions &refused :
         {JobOptions{{scratch / "in"}, "-"}, JobOptions{{scratch / "a.png", scratch / "in"}, "-"}})
        CHECK(list_jobs(refused).error().find("standard output takes the result of one") != std::string::npos);
    CHECK(list_jobs({{"-"}, "name"}).error().find("must end in") != std::string::npos);
}
