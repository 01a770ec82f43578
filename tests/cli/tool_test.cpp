// The tool from end to end, over the models of fake_library.cpp: fake_x2 (16, 32 and 64 channels, trained at 16 and
// 64), fake_x4, raw_x2 (untrained) and fake_luma_x2 (gray). They repeat pixels and take 1 microsecond per pixel and
// channel.
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/text.h"
#include "extras/images/metadata.h"
#include "tests/catch.h"
#include "tests/cli/tool.h"
#include "tests/extras/images/make_images.h"
#include "tests/extras/reports/markup.h"

using namespace slimscale;
using namespace slimscale::cli;
using namespace slimscale::images;

namespace {

void save(const std::string &path, const Image &image) {
    REQUIRE(write_image(path, image, {}).error() == "");
}

void save_bytes(const std::string &path, const Bytes &bytes) {
    REQUIRE(base::write_file(path, bytes).error() == "");
}

Image load(const std::string &path) {
    Image image;
    REQUIRE(read_image(path, image).error() == "");
    return image;
}

bool exists(const std::string &path) {
    return std::filesystem::exists(path);
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

Image repeated(const Image &image, int scale) {
    Image result{image.width * scale, image.height * scale, image.channels, image.bits, {}, {}};
    result.allocate();
    const size_t bytes = static_cast<size_t>(image.channels) * (image.bits / 8);
    for (int y = 0; y < result.height; y++)
        for (int x = 0; x < result.width; x++)
            std::copy_n(&image.samples[(static_cast<size_t>(y / scale) * image.width + x / scale) * bytes], bytes,
                        &result.samples[(static_cast<size_t>(y) * result.width + x) * bytes]);
    return result;
}

Bytes truncated_png() {
    Bytes bytes = make_png({}).bytes;
    bytes.resize(bytes.size() - 20);
    return bytes;
}

double luma_psnr(const nlohmann::json &image) {
    return image["subjects"][0]["plain"]["y"]["psnr"];
}

std::string text_of(const std::string &path) {
    auto text = base::read_text(path);
    REQUIRE(text.error() == "");
    return *std::move(text);
}

}  // namespace

TEST_CASE("an image is upscaled by the widest trained x2 network, and said so in one line") {
    Scratch scratch;
    const Image image = noise_image(20, 15, 3, 8);
    save(scratch / "a.png", image);
    const Outcome outcome = run_tool(scratch, "upscale a.png b.png");
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err == "");
    CHECK(lines(outcome.out) == 1);
    for (const char *part : {"a.png -> b.png", "20x15 to 40x30", "fake_x2", "64 channels", "fast", " ms"})
        CHECK(contains(outcome.out, part));
    CHECK(load(scratch / "b.png").samples == repeated(image, 2).samples);
    CHECK(entries(scratch.folder()) == 2);
    CHECK(run_tool(scratch, "upscale a.png c.png --scale 4 --quiet").out == "");
    CHECK(load(scratch / "c.png").width == 80);
}

TEST_CASE("gray, alpha and 16 bits stay what they are") {
    for (int channels : {1, 2, 3, 4}) {
        for (int bits : {8, 16}) {
            CAPTURE(channels, bits);
            Scratch scratch;
            Image image = noise_image(9, 7, channels, bits);
            for (size_t i = 0; image.has_alpha() && i < image.samples.size(); i++)
                image.samples[i] |= 1;  // nothing is fully transparent: no bleeding
            save(scratch / "a.png", image);
            REQUIRE(run_tool(scratch, "upscale a.png b.png").exit_code == 0);
            const Image result = load(scratch / "b.png");
            CHECK(result.channels == channels);
            CHECK(result.bits == bits);
            CHECK(result.samples == repeated(image, 2).samples);
        }
    }
}

TEST_CASE("luma networks take gray images as they are and color ones too, and are no default") {
    for (int channels : {1, 2}) {
        for (int bits : {8, 16}) {
            CAPTURE(channels, bits);
            Scratch scratch;
            Image image = noise_image(9, 7, channels, bits);
            for (uint8_t &sample : image.samples)
                sample |= 1;  // nothing is fully transparent: no bleeding
            save(scratch / "a.png", image);
            REQUIRE(run_tool(scratch, "upscale a.png b.png --model fake_luma_x2").exit_code == 0);
            const Image result = load(scratch / "b.png");
            CHECK(result.channels == channels);
            CHECK(result.samples == repeated(image, 2).samples);
        }
    }
    Scratch scratch;
    save(scratch / "color.png", noise_image(9, 7, 3, 8));
    REQUIRE(run_tool(scratch, "upscale color.png b.png --model fake_luma_x2").exit_code == 0);
    CHECK(load(scratch / "b.png").channels == 3);
    CHECK(contains(run_tool(scratch, "upscale color.png c.png --model fake").out, "fake_x2"));
    save_trained(scratch / "mine.v2.safetensors", {16, 32});
    CHECK(
        contains(run_tool(scratch, "upscale color.png d.png --model mine.v2.safetensors").out, "mine.v2, 32 channels"));
    CHECK(run_tool(scratch, "profile --model fake_luma_x2").exit_code == 0);
}

TEST_CASE("hidden colors do not reach the visible edge, and opaque stays opaque") {
    Scratch scratch;
    Image image{2, 1, 4, 8, {200, 100, 50, 255, 0, 0, 0, 0}, {}};
    save(scratch / "a.png", image);
    REQUIRE(run_tool(scratch, "upscale a.png b.png").exit_code == 0);
    const Image result = load(scratch / "b.png");
    CHECK(Bytes(result.samples.begin() + 12, result.samples.begin() + 16) == Bytes{200, 100, 50, 0});

    image.samples[7] = 255;
    save(scratch / "a.png", image);
    REQUIRE(run_tool(scratch, "upscale a.png b.png --overwrite").exit_code == 0);
    CHECK(load(scratch / "b.png").samples == repeated(image, 2).samples);
}

TEST_CASE("what accompanies the pixels comes along, at the printed size") {
    Scratch scratch;
    Image image = noise_image(9, 7, 3, 8);
    add_chunk(image.metadata, "tEXt", {'A', 0, 'b'});
    add_density(image.metadata, {1000, 1000, true});
    add_icc_profile(image.metadata, Bytes(300, 9));
    save(scratch / "a.png", image);
    REQUIRE(run_tool(scratch, "upscale a.png b.png && " SLIMSCALE_TOOL " upscale b.png c.jpg").exit_code == 0);
    const Image png = load(scratch / "b.png"), jpeg = load(scratch / "c.jpg");
    CHECK(find_chunk(png.metadata, "tEXt"));
    CHECK(density(png.metadata).x == 2000);
    CHECK(density(jpeg.metadata).x == Approx(4000).margin(20));  // whole dots per inch
    CHECK(icc_profile(jpeg.metadata) == Bytes(300, 9));
}

TEST_CASE("a folder keeps names, a failing image is named and the others go on") {
    Scratch scratch;
    std::filesystem::create_directories(scratch / "in/sub");
    save(scratch / "in/a.png", noise_image(8, 8, 3, 8));
    save(scratch / "in/c.jpg", smooth_image(8, 8, 3));
    save(scratch / "in/sub/d.png", noise_image(8, 8, 3, 8));
    save(scratch / "in/.hidden.png", noise_image(8, 8, 3, 8));
    save_bytes(scratch / "in/notes.txt", {'x'});
    save_bytes(scratch / "in/b.png", truncated_png());
    const Outcome outcome = run_tool(scratch, "upscale in out/deep");
    CHECK(outcome.exit_code == 1);
    CHECK(lines(outcome.out) == 2);
    CHECK(contains(outcome.err, "slimscale: in/b.png: damaged or truncated PNG"));
    CHECK(contains(outcome.err, "1 of 3 images failed"));
    CHECK(contains(outcome.err, "1 file is no image and left out"));
    CHECK(lines(outcome.err) == 3);
    CHECK_FALSE(contains(outcome.out + outcome.err, "\r"));
    CHECK(entries(scratch / "out/deep") == 2);
    CHECK(load(scratch / "out/deep/c.jpg").width == 16);

    std::filesystem::remove(scratch / "in/b.png");
    CHECK(run_tool(scratch, "upscale in out/deep").exit_code == 1);  // the outputs exist now
    const Outcome more = run_tool(scratch, "upscale in out/deep --skip-existing -r");
    CHECK(more.exit_code == 0);
    CHECK(lines(more.out) == 1);
    CHECK(exists(scratch / "out/deep/sub/d.png"));
    CHECK(run_tool(scratch, "upscale in out/deep --overwrite").exit_code == 0);
}

TEST_CASE("several images, standard streams and one format for all") {
    Scratch scratch;
    const Image image = noise_image(8, 8, 3, 8);
    save(scratch / "a.png", image);
    save(scratch / "b.png", noise_image(8, 8, 3, 8, 2));
    save_bytes(scratch / "c.png", truncated_png());
    const Outcome several = run_tool(scratch, "upscale a.png c.png b.png out --format jpeg");
    CHECK(several.exit_code == 1);
    CHECK(lines(several.out) == 2);
    CHECK(contains(several.err, "c.png: damaged"));
    CHECK(load(scratch / "out/a.jpg").width == 16);
    CHECK(entries(scratch / "out") == 2);

    const Outcome piped = run_tool(scratch, "upscale - - < a.png");
    CHECK(piped.exit_code == 0);
    CHECK(contains(piped.err, "- -> -: 8x8 to 16x16"));
    save_bytes(scratch / "piped", Bytes(piped.out.begin(), piped.out.end()));
    CHECK(load(scratch / "piped").samples == repeated(image, 2).samples);
    const Outcome jpeg = run_tool(scratch, "upscale - - --format jpeg < a.png");
    CHECK(jpeg.out.compare(0, 3, "\xff\xd8\xff") == 0);
    CHECK(run_tool(scratch, "upscale - from_pipe.png < a.png").exit_code == 0);
    CHECK(load(scratch / "from_pipe.png").samples == repeated(image, 2).samples);
    const Outcome bad = run_tool(scratch, "upscale - x.png < c.png");
    CHECK(bad.exit_code == 1);
    CHECK(contains(bad.err, "slimscale: standard input: damaged"));
    CHECK(run_tool(scratch, "upscale a.png").exit_code == 2);
    CHECK(run_tool(scratch, "upscale a.png b.png --format gif").exit_code == 2);
    CHECK(run_tool(scratch, "upscale a.png b.png c.png").exit_code == 2);
}

TEST_CASE("what the network sees beyond the edges is cut off again") {
    for (const auto &[width, height] : {std::pair{1, 1}, {2, 9}, {9, 2}, {8, 8}})
        for (const char *border : {"", "--border replicate", "--border zeros", "--border auto"}) {
            CAPTURE(width, height, border);
            Scratch scratch;
            const Image image = noise_image(width, height, 3, 8);
            save(scratch / "a.png", image);
            const Outcome outcome = run_tool(scratch, std::string("upscale a.png b.png ") + border);
            CHECK(outcome.exit_code == 0);
            CHECK(contains(outcome.out,
                           base::size_text(width, height) + " to " + base::size_text(2 * width, 2 * height)));
            CHECK(load(scratch / "b.png").samples == repeated(image, 2).samples);
        }
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    CHECK(run_tool(scratch, "upscale a.png b.png --border mirror").exit_code == 2);
}

TEST_CASE("upscale --compare writes a page with each result beside bicubic's") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(20, 15, 3, 8));
    const Outcome one = run_tool(scratch, "upscale a.png b.png --compare new/page.html --threads 2");
    CHECK(one.exit_code == 0);
    CHECK(one.err == "");
    CHECK(lines(one.out) == 1);
    const reports::Markup page(text_of(scratch / "new/page.html"));
    REQUIRE(page.error() == "");
    using Texts = std::vector<std::string>;
    CHECK(page.texts("//h1") == Texts{"a.png, bicubic and slimscale"});
    CHECK(page.count("//h3") == 0);
    CHECK(page.texts("//dd") == Texts{"fake_x2", "\u00d72", "2", "Fake CPU (R) @ 1 GHz", "0.1.0"});
    CHECK(page.texts("//div[@class='stage']//img/@alt") == Texts{"bicubic", "fake_x2, 64 channels"});
    CHECK(page.texts("//div[@class='stage']//img/@width") == Texts{"40", "40"});
    CHECK(page.texts("//figure[@class='compare']/figcaption") ==
          Texts{"20x15 to 40x30 pixels, fast, 19.2 ms. Shown is all of it, 8 times enlarged, lossless."});

    std::filesystem::create_directory(scratch / "in");
    save(scratch / "in/<i>&.png", noise_image(20, 15, 2, 16));
    save(scratch / "in/large.png", noise_image(900, 800, 3, 8));
    save_bytes(scratch / "in/broken.png", truncated_png());
    CHECK(run_tool(scratch, "upscale in out --compare page.html").exit_code == 1);
    const reports::Markup several(text_of(scratch / "page.html"));
    REQUIRE(several.error() == "");
    CHECK(several.texts("//h1") == Texts{"2 images, bicubic and slimscale"});
    CHECK(several.texts("//h3") == Texts{"<i>&.png", "large.png"});
    const Texts captions = several.texts("//figure[@class='compare']/figcaption");
    REQUIRE(captions.size() == 2);
    CHECK(contains(captions[1], "Shown is the middle, 1536x1152 pixels, as JPEG of quality 95."));
    CHECK(contains(several.texts("//img/@src").at(2), "data:image/jpeg;"));

    const Outcome piped = run_tool(scratch, "upscale - - --compare piped.html < a.png");
    CHECK(piped.exit_code == 0);
    CHECK(reports::Markup(text_of(scratch / "piped.html")).texts("//h1") ==
          Texts{"standard input, bicubic and slimscale"});
}

TEST_CASE("a page takes no other file's place") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    std::filesystem::copy(scratch / "a.png", scratch / "a.html");
    save_bytes(scratch / "old.html", {'x'});
    for (const auto &[arguments, sentence] :
         {std::pair{"a.png b.png --compare page.txt", "must end in .html"},
          {"a.png b.png --compare -", "must end in .html"},
          {"a.png b.png --compare old.html", "old.html exists; --overwrite replaces it"},
          {"a.html b.png --compare ./a.html --overwrite", "an image has that name"},
          {"a.png b.html --format png --compare ./b.html", "an image has that name"},
          {"a.png b.png --compare page.html --skip-existing", "--skip-existing"},
          {"a.png b.png --compare a.png/page.html", "the folder cannot be made"}}) {
        const Outcome outcome = run_tool(scratch, std::string("upscale ") + arguments);
        CAPTURE(arguments, outcome.err);
        CHECK(outcome.exit_code == 2);
        CHECK(lines(outcome.err) == 1);
        CHECK(contains(outcome.err, sentence));
    }
    CHECK(entries(scratch.folder()) == 3);
    CHECK(run_tool(scratch, "upscale a.png b.png --compare old.html --overwrite").exit_code == 0);
    CHECK(text_of(scratch / "old.html").size() > 1000);
    save_bytes(scratch / "cut.png", truncated_png());
    CHECK(run_tool(scratch, "upscale cut.png c.png --compare none.html").exit_code == 1);
    CHECK_FALSE(exists(scratch / "none.html"));  // nothing to show
}

TEST_CASE("a folder that cannot be made is named") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    const Outcome outcome = run_tool(scratch, "upscale a.png a.png/b.png");
    CHECK(outcome.exit_code == 1);
    CHECK(lines(outcome.err) == 1);
    CHECK(contains(outcome.err, "a.png: the folder cannot be made"));
}

TEST_CASE("what the output lacks is said") {
    Scratch scratch;
    Image image = noise_image(8, 8, 3, 8);
    add_chunk(image.metadata, "cICP", {12, 13, 0, 1});
    save(scratch / "p3.png", image);
    CHECK(run_tool(scratch, "upscale p3.png out.png").err == "");
    const Outcome jpeg = run_tool(scratch, "upscale p3.png out.jpg");
    CHECK(jpeg.exit_code == 0);
    CHECK(lines(jpeg.err) == 1);
    CHECK(contains(jpeg.err, "p3.png: a .jpg has no place for the colors that the PNG's cICP describes"));
    add_chunk(image.metadata, "acTL", {0, 0, 0, 2, 0, 0, 0, 0});
    save(scratch / "moving.png", image);
    CHECK(contains(run_tool(scratch, "upscale moving.png still.png").err, "moving.png: it is an animation"));
}

TEST_CASE("damaged files, by content and whatever their name, leave nothing behind") {
    Scratch scratch;
    save_bytes(scratch / "empty.png", {});
    save_bytes(scratch / "text.png", {'h', 'e', 'l', 'l', 'o'});
    save_bytes(scratch / "cut.png", truncated_png());
    Bytes jpeg = make_jpeg(smooth_image(30, 30, 3), {});
    jpeg.resize(jpeg.size() / 2);
    save_bytes(scratch / "cut.jpg", jpeg);
    for (const char *name : {"empty.png", "text.png", "cut.png", "cut.jpg"}) {
        const Outcome outcome = run_tool(scratch, std::string("upscale ") + name + " out.png");
        CAPTURE(outcome.err);
        CHECK(outcome.exit_code == 1);
        CHECK(outcome.out == "");
        CHECK(lines(outcome.err) == 1);
        CHECK(contains(outcome.err, std::string("slimscale: ") + name + ": "));
    }
    CHECK(entries(scratch.folder()) == 4);

    save_bytes(scratch / "really_jpeg.png", make_jpeg(smooth_image(8, 8, 3), {}));
    CHECK(run_tool(scratch, "upscale really_jpeg.png out.png").exit_code == 0);
}

TEST_CASE("nothing is overwritten unasked, the input never") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    save(scratch / "b.png", noise_image(3, 3, 3, 8));
    CHECK(run_tool(scratch, "upscale a.png b.png").exit_code == 1);
    CHECK(load(scratch / "b.png").width == 3);
    CHECK(run_tool(scratch, "upscale a.png b.png --overwrite").exit_code == 0);
    CHECK(load(scratch / "b.png").width == 16);
    const Outcome onto_itself = run_tool(scratch, "upscale a.png ./a.png --overwrite");
    CHECK(onto_itself.exit_code == 1);
    CHECK(contains(onto_itself.err, "input itself"));
    CHECK(run_tool(scratch, "upscale . . --overwrite").exit_code == 2);
    CHECK(load(scratch / "a.png").width == 8);
}

TEST_CASE("outputs that cannot be are refused in one line") {
    Scratch scratch;
    Image image = noise_image(8, 8, 4, 8);
    save(scratch / "a.png", image);
    for (const auto &[output, exit_code] : {std::pair{"b.bmp", 2}, {"b", 2}, {"b.jpg", 1}, {"a.png/b.png", 1}}) {
        const Outcome outcome = run_tool(scratch, std::string("upscale a.png ") + output);
        CAPTURE(output, outcome.err);
        CHECK(outcome.exit_code == exit_code);
        CHECK(lines(outcome.err) == 1);
    }
    // The output's name is checked before the model.
    CHECK(run_tool(scratch, "upscale a.png b.bmp --model nothing").exit_code == 2);
    CHECK(entries(scratch.folder()) == 1);
    save(scratch / "cap.png", noise_image(13, 8, 3, 8));  // the stand-in's cap
    CHECK(contains(run_tool(scratch, "upscale cap.png b.png --memory 1M").err, "memory cap is too small"));
}

TEST_CASE("widths are channels or shares, untrained ones only if asked for") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    CHECK(contains(run_tool(scratch, "upscale a.png b.png --width 16").out, " 16 channels"));
    CHECK(contains(run_tool(scratch, "upscale a.png b.png --overwrite --width 0.25").out, " 16 channels"));
    const Outcome untrained = run_tool(scratch, "upscale a.png c.png --width 0.5");
    CHECK(untrained.exit_code == 3);
    CHECK(contains(untrained.err, "--allow-untrained"));
    CHECK(contains(run_tool(scratch, "upscale a.png c.png --width 0.5 --allow-untrained").out, " 32 channels"));
    CHECK(contains(run_tool(scratch, "upscale a.png d.png --width 48").err, "it has 16, 32, 64"));
    CHECK_FALSE(exists(scratch / "d.png"));
}

TEST_CASE("a speed picks the width, measuring the machine once, and says why") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(100, 10, 3, 8));  // 64 ms with 64 channels, 16 ms with 16
    const Outcome first = run_tool(scratch, "upscale a.png b.png --speed 50fps");
    CHECK(first.exit_code == 0);
    CHECK(contains(first.err, "measuring fake_x2"));
    for (const char *part : {", 16 channels", "64 channels would take 64.0 ms", "16.0 ms predicted", "16.0 ms measured",
                             "20.0 ms asked for"})
        CHECK(contains(first.out, part));
    const Outcome second = run_tool(scratch, "upscale a.png c.png --speed 100ms");
    CHECK(second.err == "");
    CHECK(contains(second.out, ", 64 channels"));
    CHECK(contains(run_tool(scratch, "upscale a.png d.png --speed 1ms").out, "narrow"));
    CHECK(contains(run_tool(scratch, "upscale a.png e.png --speed best").out, ", 64 channels"));
    CHECK(contains(run_tool(scratch, "upscale a.png f.png --speed 1s --threads 3").err, "measuring"));  // another table
}

TEST_CASE("with one trained width a speed has nothing to choose, and nothing is measured") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    const Outcome outcome = run_tool(scratch, "upscale a.png b.png --model fake_x4 --speed 1ms");
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.err, "fake_x4 has one trained width, 64 channels"));
    CHECK(lines(outcome.err) == 1);
    CHECK(lines(outcome.out) == 1);
    CHECK_FALSE(exists(scratch / "cache"));
}

TEST_CASE("results that cannot be written are a failure") {
    Scratch scratch;
    CHECK(run_tool(scratch, "info >/dev/full 2>message; exit $?").exit_code == 1);
    CHECK(contains(text_of(scratch / "message"), "standard output cannot be written"));
}

TEST_CASE("profile keeps a table that info shows and speed uses") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    const Outcome outcome = run_tool(scratch, "profile --threads 2");
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, "cache/slimscale/fake_x2-Fake-CPU-R-1-GHz-2.profile"));
    CHECK(run_tool(scratch, "upscale a.png b.png --speed 1s --threads 2").err == "");
    save_bytes(scratch / "cache/slimscale/fake_x2-Fake-CPU-R-1-GHz-2.profile", {'x'});
    CHECK(contains(run_tool(scratch, "upscale a.png c.png --speed 1s --threads 2").err, "measuring"));
    CHECK(contains(run_tool(scratch, "calibrate --threads 3").out, "-3.profile"));  // the command's earlier name
}

TEST_CASE("profile measures all targets, and auto takes each width's fastest one") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    const auto target_of = [&](const std::string &options) {
        const Outcome outcome = run_tool(scratch, "upscale a.png b.png --overwrite " + options);
        CHECK(outcome.exit_code == 0);
        return contains(outcome.out, ", baseline, ") ? "baseline" : contains(outcome.out, ", fast, ") ? "fast" : "";
    };
    CHECK(target_of("--width 16") == std::string("fast"));
    const Outcome measured = run_tool(scratch, "profile");
    REQUIRE(measured.exit_code == 0);
    CHECK(contains(measured.out, "\nfast "));
    CHECK(contains(measured.out, "\nbaseline "));
    CHECK(!contains(measured.out, "elsewhere"));
    for (const char *again : {"", "profile --target fast", "profile --target baseline"}) {  // rows of others stay
        if (*again)
            REQUIRE(run_tool(scratch, again).exit_code == 0);
        CHECK(target_of("--width 16") == std::string("baseline"));
        CHECK(target_of("--width 64") == std::string("fast"));
        CHECK(target_of("--width 16 --target fast") == std::string("fast"));
        CHECK(target_of("--width 16 --threads 2") == std::string("fast"));  // not measured
        CHECK(target_of("--width 64 --loss 0") == std::string("baseline"));
        CHECK(target_of("--width 64 --loss 0.004") == std::string("fast"));
        CHECK(target_of("--speed 1ms") == std::string("baseline"));
    }
    CHECK(run_tool(scratch, "upscale a.png c.png --loss -1").exit_code == 2);
    const Outcome info = run_tool(scratch, "info");
    for (const char *part : {"auto        16 channels on baseline (the fastest); 64 channels on fast (the first)",
                             "profile     for a frame of 640x360 at 16 / 64 channels, 5 threads\n",
                             "fast        loses at most 0.004 dB, 3686.4 / 14745.6 ms\n",
                             "baseline    loses at most 0 dB, 1843.2 / 29491.2 ms\n"})
        CHECK(contains(info.out, part));
    const auto json = nlohmann::json::parse(run_tool(scratch, "info --json").out)["models"][3];
    CHECK(json["auto"][0] == nlohmann::json{{"channels", 16}, {"target", "baseline"}, {"reason", "the fastest"}});
    CHECK(json["auto"][1]["target"] == "fast");
    CHECK(json["targets"][0]["loss_db"] == 0.004);
    CHECK(json["profile"]["costs"].size() == 4);
}

TEST_CASE("the library says how many threads there are where the command line does not") {
    Scratch scratch;
    CHECK(contains(run_tool(scratch, "info").out, "Fake CPU (R) @ 1 GHz, 5 threads"));
    CHECK(contains(run_tool(scratch, "profile").out, "fake_x2-Fake-CPU-R-1-GHz-5.profile"));
}

TEST_CASE("info lists machine, models and widths, for people and for programs") {
    Scratch scratch;
    const Outcome text = run_tool(scratch, "info");
    CHECK(text.exit_code == 0);
    for (const char *part : {"Fake CPU", "fake_x2", "16 trained", "32 untrained", "not on this machine",
                             "elsewhere   this machine has no such thing", "3.0 MiB", "profile --model fake_x2",
                             "profile --model fake_x4", "auto        16, 64 channels on fast (the first)",
                             "q16 ranges  uncalibrated; slimscale quantize", "q16 ranges  64 calibrated"})
        CHECK(contains(text.out, part));
    const Outcome json = run_tool(scratch, "info --json");
    const auto parsed = nlohmann::json::parse(json.out);
    CHECK(parsed["models"].size() == 4);
    CHECK(parsed["models"][3]["name"] == "fake_x2");
    CHECK(parsed["models"][3]["widths"][1]["trained"] == false);
    CHECK(parsed["models"][3]["widths"][2]["q16_ranges"] == false);
    CHECK(parsed["models"][1]["name"] == "fake_x4");
    CHECK(parsed["models"][1]["widths"][2]["q16_ranges"] == true);
    CHECK(parsed["models"][3]["profile"].is_null());
}

TEST_CASE("info tests the targets where it is asked to, and says which fails") {
    Scratch scratch;
    CHECK(!contains(run_tool(scratch, "info").out, "self-test"));
    const Outcome sound = run_tool(scratch, "info --self-test");
    CHECK(sound.exit_code == 0);
    CHECK(contains(sound.out, "self-test   fast        passed"));
    setenv("SLIMSCALE_FAKE_FAULT", "1", 1);
    const Outcome faulty = run_tool(scratch, "info --self-test"), json = run_tool(scratch, "info --self-test --json");
    unsetenv("SLIMSCALE_FAKE_FAULT");
    CHECK(faulty.exit_code == 3);
    CHECK(contains(faulty.out, "baseline    baseline computes wrongly"));
    CHECK(json.exit_code == 3);
    const auto tests = nlohmann::json::parse(json.out)["models"][1]["self_test"];
    CHECK(tests[0]["result"] == "passed");
    CHECK(tests[1]["result"] == "failed");
    setenv("SLIMSCALE_FAKE_FAULT", "refused", 1);
    const Outcome refused = run_tool(scratch, "info --self-test"),
                  refused_json = run_tool(scratch, "info --self-test --json");
    unsetenv("SLIMSCALE_FAKE_FAULT");
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.out, "self-test   fast        a general sentence"));
    CHECK(refused_json.exit_code == 3);
    const auto none = nlohmann::json::parse(refused_json.out)["models"][1]["self_test"];
    CHECK(none.size() == 3);
    for (const auto &test : none)
        CHECK(test["result"] == "failed");
}

TEST_CASE("evaluate compares with bicubic and saves what it compared") {
    Scratch scratch;
    save(scratch / "a.png", smooth_image(41, 33, 3));
    save(scratch / "g.png", smooth_image(40, 32, 1));
    save(scratch / "tiny.png", smooth_image(8, 8, 3));
    const Outcome outcome = run_tool(scratch, "evaluate a.png g.png --save saved");
    CHECK(outcome.exit_code == 0);
    CHECK(lines(outcome.out) == 5);
    CHECK(contains(outcome.out, "mean"));
    CHECK(entries(scratch / "saved") == 6);
    CHECK(load(scratch / "saved/a_lr.png").width == 20);
    CHECK(load(scratch / "saved/a_fake_x2_64.png").height == 32);
    const Outcome json = run_tool(scratch, "evaluate . --json --model fake_x4");
    CHECK(json.exit_code == 1);  // tiny.png
    CHECK(contains(json.err, "tiny.png: too small"));
    CHECK(nlohmann::json::parse(json.out)["images"].size() == 2);
}

TEST_CASE("evaluate gives a luma network gray images") {
    Scratch scratch;
    save(scratch / "color.png", smooth_image(40, 32, 3));
    save(scratch / "gray.png", smooth_image(40, 32, 1));
    const Outcome outcome = run_tool(scratch, "evaluate color.png gray.png --model fake_luma_x2 --save saved --json");
    CHECK(outcome.exit_code == 0);
    CHECK(load(scratch / "saved/color_fake_luma_x2_64.png").channels == 1);
    const auto images = nlohmann::json::parse(outcome.out)["images"];
    const auto color_network = nlohmann::json::parse(run_tool(scratch, "evaluate gray.png --json").out)["images"];
    CHECK(luma_psnr(images[1]) == Approx(luma_psnr(color_network[0])));
    CHECK(images[1]["bicubic"]["rgb"].is_null());
}

TEST_CASE("evaluate never saves over an original, another image's pictures, or unasked") {
    Scratch scratch;
    std::filesystem::create_directory(scratch / "in");
    save(scratch / "in/a.png", smooth_image(40, 32, 3));
    save(scratch / "a.jpg", smooth_image(40, 32, 3));
    for (const char *arguments : {"in --save in", "in/a.png --save ./in/", "a.jpg --save .", "in a.jpg --save saved"}) {
        const Outcome outcome = run_tool(scratch, std::string("evaluate ") + arguments);
        CAPTURE(arguments, outcome.err);
        CHECK(outcome.exit_code == 2);
        CHECK(lines(outcome.err) == 1);
    }
    CHECK_FALSE(exists(scratch / "saved"));
    CHECK(entries(scratch / "in") == 1);
    CHECK(run_tool(scratch, "evaluate in --save saved").exit_code == 0);
    const Outcome again = run_tool(scratch, "evaluate in --save saved");
    CHECK(again.exit_code == 1);
    CHECK(contains(again.err, "a_lr.png exists; --overwrite replaces it"));
    CHECK(run_tool(scratch, "evaluate in --save saved --overwrite").exit_code == 0);
}

TEST_CASE("evaluate measures several widths and writes what was found") {
    Scratch scratch;
    std::filesystem::create_directory(scratch / "in");
    save(scratch / "in/a.png", smooth_image(120, 100, 3));
    save(scratch / "in/b.png", smooth_image(41, 33, 3));
    save(scratch / "in/tiny.png", smooth_image(8, 8, 3));
    const std::string files = " --json out/r.json --markdown out/r.md --report out/r.html";
    const Outcome outcome = run_tool(scratch, "evaluate in --width all --self-ensemble --save saved" + files);
    CHECK(outcome.exit_code == 1);  // tiny.png
    CHECK(outcome.out == text_of(scratch / "out/r.md"));
    for (const char *part : {"# fake_x2, x2, 2 images", "| compiled (fast, ", "16 channels", "64 channels", "RGB +",
                             "in/tiny.png: too small"})
        CHECK(contains(outcome.out, part));
    CHECK_FALSE(contains(outcome.out, "32 channels"));  // not trained
    CHECK(entries(scratch / "saved") == 12);
    CHECK(load(scratch / "saved/b_fake_x2_16_ensemble.png").samples ==  // repeated pixels in any orientation
          load(scratch / "saved/b_fake_x2_64.png").samples);
    const auto json = nlohmann::json::parse(text_of(scratch / "out/r.json"));
    CHECK(json["subjects"][1]["channels"] == 64);
    CHECK(json["images"].size() == 2);
    CHECK(json["left_out"].size() == 1);
    CHECK(contains(text_of(scratch / "out/r.html"), "Close-ups"));

    const Outcome again = run_tool(scratch, "evaluate in --markdown out/r.md");
    CHECK(again.exit_code == 2);
    CHECK(contains(again.err, "out/r.md exists; --overwrite replaces it"));
    CHECK(run_tool(scratch, "evaluate in/a.png --markdown out/r.md --overwrite").exit_code == 0);
    CHECK(contains(text_of(scratch / "out/r.md"), "1 image"));
}

TEST_CASE("evaluate takes named widths, each once, narrowest first") {
    Scratch scratch;
    save(scratch / "a.png", smooth_image(40, 32, 3));
    const auto subjects = [&](const std::string &widths) {
        const Outcome outcome = run_tool(scratch, "evaluate a.png --json " + widths);
        CAPTURE(outcome.err);
        REQUIRE(outcome.exit_code == 0);
        const auto json = nlohmann::json::parse(outcome.out);
        std::vector<int> channels;
        for (const auto &subject : json["subjects"])
            channels.push_back(subject["channels"]);
        return channels;
    };
    CHECK(subjects("--widths 64,16,0.25") == std::vector<int>{16, 64});
    CHECK(subjects("--widths 16") == std::vector<int>{16});
    CHECK(subjects("--width 0.25") == std::vector<int>{16});
    CHECK(subjects("") == std::vector<int>{64});
    CHECK(subjects("--width all --allow-untrained") == std::vector<int>{16, 32, 64});
    CHECK(run_tool(scratch, "evaluate a.png --widths 16,32").exit_code == 3);  // 32 is not trained
    CHECK(run_tool(scratch, "evaluate a.png --width all --model raw_x2").exit_code == 3);
}

TEST_CASE("evaluate puts another engine's scores beside its own, of the same images only") {
    Scratch scratch;
    save(scratch / "a.png", smooth_image(40, 32, 3));
    save(scratch / "b.png", smooth_image(60, 32, 3));
    REQUIRE(run_tool(scratch, "evaluate a.png b.png --width 64 --json other.json").exit_code == 0);
    std::string text = text_of(scratch / "other.json");
    text.replace(text.find("compiled"), 8, "libtorch");
    save_bytes(scratch / "other.json", {text.begin(), text.end()});
    const Outcome both = run_tool(scratch, "evaluate b.png a.png --width all --beside other.json");
    CHECK(both.exit_code == 0);
    CHECK(contains(both.out, "64 channels, libtorch"));
    CHECK(contains(both.out, "16 channels, compiled"));
    for (const char *other : {"a.png", "a.png b.png --model fake_x4", "a.png b.png --model fake_luma_x2"}) {
        const Outcome refused = run_tool(scratch, std::string("evaluate --beside other.json ") + other);
        CAPTURE(other, refused.err);
        CHECK(refused.exit_code == 2);
        CHECK(refused.out == "");
        CHECK(contains(refused.err, "other.json cannot stand beside"));
    }
    save_bytes(scratch / "broken.json", {'{'});
    CHECK(run_tool(scratch, "evaluate a.png --beside broken.json").exit_code == 2);
    CHECK(run_tool(scratch, "evaluate a.png --beside missing.json").exit_code == 2);
}

TEST_CASE("usage and models that cannot be had have their exit codes, in one line") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    for (const char *arguments : {"",
                                  "nonsense",
                                  "upscale",
                                  "upscale a.png",
                                  "upscale missing.png b.png",
                                  "upscale a.png b.png --speed 5",
                                  "upscale a.png b.png --width x",
                                  "upscale a.png b.png --scale 5",
                                  "upscale a.png b.png --speed 5ms --width 64",
                                  "upscale a.png b.png --threads 0",
                                  "upscale a.png b.png --quality 0",
                                  "profile --time 30fps",
                                  "evaluate missing.png",
                                  "evaluate a.png --width x",
                                  "evaluate a.png --widths 16,",
                                  "evaluate a.png --width 16 --widths 16",
                                  "quantize",
                                  "quantize --model a.png --images a.png",
                                  "quantize --model a.png --images missing.png --out b.safetensors",
                                  "quantize --model a.png --images a.png --out b.png",
                                  "quantize --model a.png --images a.png --test a.png --out b.safetensors",
                                  "quantize --model a.png --images a.png --out missing/b.safetensors",
                                  "evaluate a.png --report a.png",
                                  "evaluate --json a.png a.png",
                                  "evaluate a.png --markdown /dev/null/x.md"}) {
        const Outcome outcome = run_tool(scratch, arguments);
        CAPTURE(arguments, outcome.err);
        CHECK(outcome.exit_code == 2);
        CHECK(lines(outcome.err) == 1);
        CHECK(outcome.err.rfind("slimscale: ", 0) == 0);
    }
    for (const char *options : {"--model nothing", "--model fake_x2 --scale 4", "--scale 3", "--target elsewhere",
                                "--model raw_x2", "--model a.png"}) {
        const Outcome outcome = run_tool(scratch, std::string("upscale a.png b.png ") + options);
        CAPTURE(options, outcome.err);
        CHECK(outcome.exit_code == 3);
        CHECK(lines(outcome.err) == 1);
    }
    CHECK(contains(run_tool(scratch, "--help").out, "Examples:"));
    CHECK(run_tool(scratch, "upscale --help").exit_code == 0);
    CHECK(contains(run_tool(scratch, "--version").out, "slimscale 0."));
    CHECK_FALSE(exists(scratch / "b.png"));
}

TEST_CASE("the progress bar is for terminals only") {
    Scratch scratch;
    std::filesystem::create_directory(scratch / "in");
    save(scratch / "in/a.png", noise_image(8, 8, 3, 8));
    save(scratch / "in/b.png", noise_image(8, 8, 3, 8));
    const std::string terminal = run_on_terminal(scratch, "upscale in out");
    CHECK(contains(terminal, "\r\033[K[############            ] 1/2 in/b.png"));
    const Outcome pipe = run_tool(scratch, "upscale in out --overwrite");
    CHECK_FALSE(contains(pipe.out + pipe.err, "\r"));
    CHECK_FALSE(contains(pipe.out + pipe.err, "\033"));
}

TEST_CASE("a file name cannot write to the terminal") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(8, 8, 3, 8));
    std::filesystem::rename(scratch / "a.png", scratch / "e\033[31m\n.png");
    const Outcome done = run_tool(scratch, "upscale e*.png b.png");
    CHECK(lines(done.out) == 1);
    CHECK_FALSE(contains(done.out, "\033"));
    const Outcome failed = run_tool(scratch, "upscale e*.png b.png");
    CHECK(lines(failed.err) == 1);
    CHECK_FALSE(contains(failed.err, "\033"));

    save(scratch / "e\033[31m\n.png", smooth_image(40, 32, 3));
    const Outcome measured = run_tool(scratch, "evaluate e*.png");
    CHECK(measured.exit_code == 0);
    CHECK(lines(measured.out) == 3);
    CHECK_FALSE(contains(measured.out, "\033"));
}

TEST_CASE("images beyond --memory go in rows, to the same files") {
    Scratch scratch;
    Image image = noise_image(20, 150, 3, 8);
    add_density(image.metadata, {3000, 3000, true});
    save(scratch / "a.png", image);
    save(scratch / "gray.png", noise_image(20, 150, 1, 16));
    save(scratch / "clear.png", noise_image(20, 150, 4, 8));
    JpegSpec spec;
    spec.exif = make_full_exif(1, false, 20, 150);
    save_bytes(scratch / "b.jpg", make_jpeg(smooth_image(20, 150, 3), spec));
    for (const char *files : {"a.png NAME.png", "a.png NAME.jpg", "b.jpg NAME.jpg", "b.jpg NAME.png",
                              "gray.png NAME.png", "gray.png NAME.jpg"}) {
        CAPTURE(files);
        std::string whole = files, rows = files;
        whole.replace(whole.find("NAME"), 4, "whole");
        rows.replace(rows.find("NAME"), 4, "new/rows");
        const Outcome first = run_tool(scratch, "upscale --overwrite " + whole);
        CHECK(first.err == "");
        const Outcome second = run_tool(scratch, "upscale --overwrite --memory 20K " + rows);
        CHECK(second.err == "");
        CHECK(second.exit_code == 0);
        CHECK(contains(second.out, "20x150 to 40x300"));
        const std::string ending = rows.substr(rows.size() - 4);
        CHECK(load(scratch / ("whole" + ending)).samples == load(scratch / ("new/rows" + ending)).samples);
        if (ending == ".png")
            CHECK(text_of(scratch / "whole.png") == text_of(scratch / "new/rows.png"));
        else  // tables made for the picture would have to wait for all of it
            CHECK(text_of(scratch / "whole.jpg").size() < text_of(scratch / "new/rows.jpg").size());
    }
    // What is held as a whole is counted beforehand: 12,000 bytes of color with transparency fit, with 2,000 they do
    // not.
    CHECK(run_tool(scratch, "upscale clear.png clear_x2.png --memory 20K").err == "");
    CHECK(run_tool(scratch, "upscale clear.png clear_whole.png").err == "");
    CHECK(load(scratch / "clear_x2.png").samples == load(scratch / "clear_whole.png").samples);
    PngSpec interlaced;
    interlaced.width = 20;
    interlaced.height = 150;
    interlaced.interlaced = true;
    save_bytes(scratch / "interlaced.png", make_png(interlaced).bytes);
    spec.progressive = true;
    save_bytes(scratch / "progressive.jpg", make_jpeg(smooth_image(20, 150, 3), spec));
    spec = {};
    spec.exif = make_exif(6, false);
    save_bytes(scratch / "sideways.jpg", make_jpeg(smooth_image(20, 150, 3), spec));
    for (const auto &[name, word] : {std::pair{"clear.png", "transparency"},
                                     {"interlaced.png", "interlaced"},
                                     {"progressive.jpg", "several scans"},
                                     {"sideways.jpg", "turned"}}) {
        CAPTURE(name);
        const Outcome outcome = run_tool(scratch, std::string("upscale --memory 2K ") + name + " none.png");
        CHECK(outcome.exit_code == 1);
        CHECK(lines(outcome.err) == 1);
        CHECK(contains(outcome.err, word));
        CHECK(contains(outcome.err, "--memory"));
        CHECK(!exists(scratch / "none.png"));
        CHECK(run_tool(scratch, std::string("upscale --overwrite --memory 30K ") + name + " rows.png").err == "");
        CHECK(run_tool(scratch, std::string("upscale --overwrite ") + name + " whole.png").err == "");
        CHECK(text_of(scratch / "rows.png") == text_of(scratch / "whole.png"));
    }
}

TEST_CASE("a large file that is cut leaves no result") {
    Scratch scratch;
    save(scratch / "a.png", noise_image(20, 150, 3, 8));
    Bytes png = *base::read_file(scratch / "a.png");
    png.resize(png.size() / 2);
    save_bytes(scratch / "a.png", png);
    Bytes jpeg = make_jpeg(smooth_image(20, 150, 3), {});
    jpeg.resize(jpeg.size() * 3 / 4);
    save_bytes(scratch / "b.jpg", jpeg);
    for (const char *name : {"a.png", "b.jpg"}) {
        const Outcome whole = run_tool(scratch, std::string("upscale ") + name + " out.png");
        const Outcome rows = run_tool(scratch, std::string("upscale --memory 2K ") + name + " out.png");
        CHECK(rows.exit_code == 1);
        CHECK(rows.err == whole.err);
        CHECK(contains(rows.err, "damaged or truncated"));
        CHECK(!exists(scratch / "out.png"));
    }
}
