#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "extras/images/listing.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::images;

namespace fs = std::filesystem;

namespace {

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

TEST_CASE("folders give their images by name, files are taken as they are") {
    Scratch scratch;
    make_files(scratch, {"in/b.jpg", "in/a.png", "in/notes.txt", "in/.c.png", "in/sub/d.jpeg", "empty/notes.txt"});
    std::vector<std::string> files;
    REQUIRE(list_images({scratch / "in/notes.txt", scratch / "in"}, files).error() == "");
    CHECK(files == std::vector<std::string>{scratch / "in/notes.txt", scratch / "in/a.png", scratch / "in/b.jpg"});
    CHECK(list_images({scratch / "missing"}, files).error().find("no such file or folder") != std::string::npos);
    CHECK(list_images({scratch / "empty"}, files).error().find("no .png, .jpg or .jpeg") != std::string::npos);
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
