// Streams that end at any place, lines without end, and a reader that another thread stops.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "extras/video/stream.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::video;

namespace {

using Line = ByteSource::Line;

ByteSource opened(const Scratch &scratch, const std::string &contents) {
    REQUIRE(base::write_file(scratch / "in", contents).error() == "");
    Result<ByteSource> source = ByteSource::open(scratch / "in");
    REQUIRE(source.ok());
    return *std::move(source);
}

}  // namespace

TEST_CASE("lines and bytes come one after the other") {
    Scratch scratch;
    const std::string body(200000, 'b');
    ByteSource source = opened(scratch, "head\nFRAME\n" + body + "tail\n\nrest");
    std::string line;
    Line outcome{};
    REQUIRE(source.read_line(100, line, outcome).ok());
    CHECK(line == "head");
    REQUIRE(source.read_line(100, line, outcome).ok());
    CHECK(line == "FRAME");
    std::string got(body.size(), ' ');
    size_t count = 0;
    REQUIRE(source.read(got.data(), got.size(), count).ok());
    CHECK(count == body.size());
    CHECK(got == body);
    REQUIRE(source.read_line(100, line, outcome).ok());
    CHECK(line == "tail");
    REQUIRE(source.read_line(100, line, outcome).ok());
    CHECK((outcome == Line::whole && line.empty()));
    REQUIRE(source.read_line(100, line, outcome).ok());
    CHECK((outcome == Line::cut && line == "rest"));
    REQUIRE(source.read_line(100, line, outcome).ok());
    CHECK(outcome == Line::none);
    REQUIRE(source.read(got.data(), 10, count).ok());
    CHECK(count == 0);
}

TEST_CASE("a read that reaches the end says how much there was") {
    Scratch scratch;
    ByteSource source = opened(scratch, "abc");
    char got[8];
    size_t count = 0;
    REQUIRE(source.read(got, sizeof got, count).ok());
    CHECK(count == 3);
}

TEST_CASE("a line without end is an error, and takes little memory") {
    Scratch scratch;
    for (const size_t length : {size_t{101}, size_t{1} << 16, size_t{1} << 20}) {
        ByteSource source = opened(scratch, std::string(length, 'x'));
        std::string line;
        Line outcome{};
        CHECK(source.read_line(100, line, outcome).error().find("more than 100 characters") != std::string::npos);
        CHECK(line.size() <= size_t{1} << 16);
    }
    ByteSource source = opened(scratch, std::string(100, 'x') + "\n");
    std::string line;
    Line outcome{};
    CHECK(source.read_line(100, line, outcome).ok());
    CHECK(line.size() == 100);
}

TEST_CASE("a wait for data ends when another thread stops the source") {
    Scratch scratch;
    REQUIRE(std::system(("mkfifo " + (scratch / "pipe")).c_str()) == 0);
    const int writer = open((scratch / "pipe").c_str(), O_RDWR);  // that never writes
    REQUIRE(writer >= 0);
    Result<ByteSource> source = ByteSource::open(scratch / "pipe");
    REQUIRE(source.ok());
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        source->stop();
    });
    char got[8];
    size_t count = 1;
    CHECK(source->read(got, sizeof got, count).ok());
    CHECK(count == 0);
    stopper.join();
    close(writer);
}

TEST_CASE("folders and missing files are no sources") {
    Scratch scratch;
    CHECK(ByteSource::open(scratch.folder()).error().find("folder") != std::string::npos);
    CHECK(ByteSource::open(scratch / "missing").error().find("missing") != std::string::npos);
}

TEST_CASE("a file appears at commit") {
    Scratch scratch;
    {
        Result<ByteSink> sink = ByteSink::open(scratch / "out");
        REQUIRE(sink.ok());
        REQUIRE(sink->write("abc", 3).ok());
        CHECK_FALSE(std::filesystem::exists(scratch / "out"));
        REQUIRE(sink->commit().ok());
    }
    CHECK(*base::read_text(scratch / "out") == "abc");
}
