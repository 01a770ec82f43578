#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

#include "extras/images/listing.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::images;

namespace fs = std::filesystem;

namespace {

// Gives up root's rights while it exists, since root may list every folder.
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

TEST_CASE("folders give their images by name, files are taken as they are") {
    Scratch scratch;
    make_files(scratch, {"in/b.jpg", "in/a.png", "in/notes.txt", "in/.c.png", "in/sub/d.jpeg", "empty/notes.txt"});
    std::vector<std::string> files;
    REQUIRE(list_images({scratch / "in/notes.txt", scratch / "in"}, files).error() == "");
    CHECK(files == std::vector<std::string>{scratch / "in/notes.txt", scratch / "in/a.png", scratch / "in/b.jpg"});
    CHECK(list_images({scratch / "missing"}, files).error().find("no such file or folder") != std::string::npos);
    CHECK(list_images({scratch / "empty"}, files).error().find("no image in this folder") != std::string::npos);
}

TEST_CASE("a folder's images are known by name or by content, and the rest is counted") {
    Scratch scratch;
    make_files(scratch, {"a.JPG", "b.jpe", "c.jfif", "d.png", "notes.txt", "e.mp4", "none", ".hidden", "sub/x.txt"});
    const std::string png("\x89PNG\r\n\x1a\n", 8), jpeg("\xff\xd8\xff\xe0", 4);
    for (const auto &[name, content] : std::map<std::string, std::string>{
             {"IMG_0001", jpeg}, {"photo", png}, {"picture.webp", png}, {".secret", png}, {"short", "\xff\xd8"}})
        std::ofstream(scratch / name, std::ios::binary) << content;
    std::vector<std::string> files, names;
    size_t others = 5;
    REQUIRE(list_folder(scratch.folder(), {}, files, &others).error() == "");
    for (const std::string &file : files)
        names.push_back(fs::path(file).filename().native());
    CHECK(names == std::vector<std::string>{"IMG_0001", "a.JPG", "b.jpe", "c.jfif", "d.png", "photo", "picture.webp"});
    CHECK(others == 5 + 4);  // notes.txt, e.mp4, none, short
    others = 0;
    files.clear();
    REQUIRE(list_folder(scratch.folder(), {/*recursive=*/true, ""}, files, &others).error() == "");
    CHECK(others == 5);
}

TEST_CASE("links in a folder are images by what they lead to, and without that by their names") {
    Scratch scratch;
    make_files(scratch, {"in/a.png", "in/sub/b.png", "elsewhere/c.png"});
    for (const auto &[link, target] : std::map<std::string, std::string>{{"in/b.png", "a.png"},
                                                                         {"in/lost.png", "nothing.png"},
                                                                         {"in/lost.txt", "nothing.txt"},
                                                                         {"in/round.jpg", "round.jpg"},
                                                                         {"in/folder", "../elsewhere"}})
        fs::create_symlink(target, scratch / link);
    REQUIRE(mkfifo((scratch / "in/pipe.png").c_str(), 0600) == 0);
    for (const bool recursive : {false, true}) {
        std::vector<std::string> files, names;
        size_t others = 0;
        REQUIRE(list_folder(scratch / "in", {recursive, ""}, files, &others).error() == "");
        for (const std::string &file : files)
            names.push_back(fs::path(file).lexically_relative(scratch / "in").native());
        std::vector<std::string> expected{"a.png", "b.png", "lost.png", "round.jpg"};
        if (recursive)
            expected.emplace_back("sub/b.png");
        CHECK(names == expected);
        CHECK(others == (recursive ? 3 : 2));  // lost.txt, pipe.png, and the folder that nobody goes into
    }
}

TEST_CASE("a folder that cannot be listed is an error that names it") {
    Scratch scratch;
    make_files(scratch, {"a.png", "sub/b.png", "z/c.png"});
    fs::permissions(scratch.folder(), fs::perms(0755));
    fs::permissions(scratch / "sub", fs::perms(0));
    std::string deep_error, flat_error;
    {
        const Nobody nobody;
        std::vector<std::string> files;
        deep_error = list_folder(scratch.folder(), {/*recursive=*/true, ""}, files).error();
        flat_error = list_folder(scratch / "sub", {}, files).error();
    }
    fs::permissions(scratch / "sub", fs::perms(0755));
    CHECK(deep_error.find("sub: cannot list the folder") != std::string::npos);
    CHECK(flat_error.find("sub: cannot list the folder") != std::string::npos);
}
