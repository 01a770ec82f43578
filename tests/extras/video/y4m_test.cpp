// Header lines as FFmpeg writes them, and wrong ones.
#include "extras/video/y4m.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::video;

namespace {

Y4mHeader parsed(const std::string &line) {
    Result<Y4mHeader> header = parse_header(line);
    CAPTURE(line, header.error());
    REQUIRE(header.ok());
    return *header;
}

std::string refusal(const std::string &line) {
    return parse_header(line).error();
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what FFmpeg says of frames is understood") {
    const Y4mHeader plain = parsed("YUV4MPEG2 W33 H17 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED");
    CHECK(plain.width == 33);
    CHECK(plain.height == 17);
    CHECK(plain.sampling == Sampling::s420);
    CHECK(plain.bits == 8);
    CHECK(plain.siting == Siting::center);
    CHECK(plain.range == Range::limited);

    const Y4mHeader deep = parsed("YUV4MPEG2 W33 H17 F25:1 Ip A1:1 C420p10 XYSCSS=420P10 XCOLORRANGE=FULL");
    CHECK(deep.bits == 10);
    CHECK(deep.siting == Siting::unsaid);
    CHECK(deep.range == Range::full);

    CHECK(parsed("YUV4MPEG2 W2 H2 C420mpeg2").siting == Siting::left);
    CHECK(parsed("YUV4MPEG2 W2 H2 C420paldv").siting == Siting::top_left);
    CHECK(parsed("YUV4MPEG2 W2 H2 C420").siting == Siting::center);
    CHECK(parsed("YUV4MPEG2 W2 H2").siting == Siting::center);
    CHECK(parsed("YUV4MPEG2 W2 H2").range == Range::unsaid);
    CHECK(parsed("YUV4MPEG2 W2 H2 C422p12").sampling == Sampling::s422);
    CHECK(parsed("YUV4MPEG2 W2 H2 C444p16").bits == 16);
    CHECK(parsed("YUV4MPEG2 W2 H2 Cmono").sampling == Sampling::mono);
    CHECK(parsed("YUV4MPEG2 W2 H2 Cmono12").bits == 12);
}

TEST_CASE("a header for the output keeps what it does not change, in order") {
    const Y4mHeader header =
        parsed("YUV4MPEG2 H360 W640 F30000:1001 Ip A4:3 Z9 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=FULL XMINE=a");
    CHECK(header_line(header, 1280, 720) ==
          "YUV4MPEG2 H720 W1280 F30000:1001 Ip A4:3 Z9 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=FULL XMINE=a");
}

TEST_CASE("no header for the output is longer than FFmpeg reads, as long as something can be left out") {
    const std::string frame = "YUV4MPEG2 W9999 H9999 F30000:1001 Ip A40:33 C420mpeg2";
    const Y4mHeader header = parsed(frame + " XYSCSS=420MPEG2 XCOLORRANGE=LIMITED XNOTE=12345678");
    const std::string line = header_line(header, 19998, 19998);
    CHECK(line == "YUV4MPEG2 W19998 H19998 F30000:1001 Ip A40:33 C420mpeg2 XCOLORRANGE=LIMITED XNOTE=12345678");
    const Y4mHeader noted = parsed(frame + " XCOLORRANGE=LIMITED XNOTE=" + std::string(40, 'x'));
    CHECK(header_line(noted, 19998, 19998) ==
          "YUV4MPEG2 W19998 H19998 F30000:1001 Ip A40:33 C420mpeg2 XCOLORRANGE=LIMITED");
}

TEST_CASE("headers of what cannot be upscaled say why") {
    CHECK(contains(refusal("YUV4MPEG2 W2 H2 It"), "interlaced"));
    CHECK(contains(refusal("YUV4MPEG2 W2 H2 Ib"), "interlaced"));
    CHECK(parse_header("YUV4MPEG2 W2 H2 Im").ok());
    CHECK(parse_header("YUV4MPEG2 W2 H2 I?").ok());
    for (const char *chroma : {"C411", "C444alpha", "C420p9", "C420p14", "Cmono9", "C", "C420jpegs"})
        CHECK(contains(refusal(std::string("YUV4MPEG2 W2 H2 ") + chroma), "4:2:0, 4:2:2, 4:4:4 and mono"));
}

TEST_CASE("hostile headers are refused with one sentence") {
    for (const char *line : {"",
                             " ",
                             "YUV4MPEG",
                             "YUV4MPEG22 W2 H2",
                             " YUV4MPEG2 W2 H2",
                             "RIFF",
                             "YUV4MPEG2",
                             "YUV4MPEG2 W2",
                             "YUV4MPEG2 H2",
                             "YUV4MPEG2 W H2",
                             "YUV4MPEG2 W0 H2",
                             "YUV4MPEG2 W-2 H2",
                             "YUV4MPEG2 W+2 H2",
                             "YUV4MPEG2 W2x H2",
                             "YUV4MPEG2 W65537 H2",
                             "YUV4MPEG2 W99999999999999999999 H2",
                             "YUV4MPEG2 W2 H4294967298",
                             "YUV4MPEG2 W2 H2 XCOLORRANGE=",
                             "YUV4MPEG2 W2 H2 XCOLORRANGE=full",
                             "YUV4MPEG2 W2 H2 C\033[31m\xff"}) {
        CAPTURE(line);
        const std::string sentence = refusal(line);
        CHECK(!sentence.empty());
        CHECK(sentence.find_first_of("\n\033") == std::string::npos);
    }
    CHECK(refusal(std::string("YUV4MPEG2 W2 H2 C\0420", 20)) != "");
    CHECK(parse_header("YUV4MPEG2   W2  H2 ").ok());
    CHECK(parse_header("YUV4MPEG2 W65536 H65536 Qunknown X X=").ok());
}

TEST_CASE("a frame's line gives its parameters, and refuses what is no frame") {
    CHECK(*parse_frame_line("FRAME") == "");
    CHECK(*parse_frame_line("FRAME Ipp XTIME=3") == " Ipp XTIME=3");
    CHECK(*parse_frame_line("FRAME I1pp") == " I1pp");
    CHECK(*parse_frame_line("FRAME I") == " I");
    for (const char *line : {"FRAME Itip", "FRAME Ibii", "FRAME XA Itpi"})
        CHECK(contains(parse_frame_line(line).error(), "interlaced"));
    for (const char *line : {"", "FRAM", "FRAMES", "frame", "YUV4MPEG2 W2 H2", "\x10\x20"})
        CHECK(contains(parse_frame_line(line).error(), "where a frame should begin"));
}
