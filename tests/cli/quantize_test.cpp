// The command that measures ranges, over fake_library.cpp, whose convolutions have the range (brightest sample of the
// first color, 0 to 1) times width.
#include "base/files.h"
#include "cli/commands.h"
#include "networks/program.h"
#include "tests/catch.h"
#include "tests/cli/tool.h"
#include "tests/extras/images/make_images.h"
#include "tests/networks/lowered.h"
#include "weights/model_file.h"

using namespace slimscale;
using namespace slimscale::cli;

namespace {

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

std::vector<uint8_t> bytes_of(const std::string &path) {
    auto bytes = base::read_file(path);
    REQUIRE(bytes.error() == "");
    return *std::move(bytes);
}

weights::ModelFile load(const std::string &path) {
    auto model = weights::load_model(path);
    REQUIRE(model.error() == "");
    return std::move(*model);
}

// Saves an image of one color, which shrinking does not change.
void save_flat(const std::string &path, uint8_t level, int channels = 3) {
    images::Image image{12, 8, channels, 8, {}, {}};
    image.allocate();
    std::fill(image.samples.begin(), image.samples.end(), level);
    for (size_t i = 3; channels == 4 && i < image.samples.size(); i += 4)
        image.samples[i] = 255;
    REQUIRE(images::write_image(path, image, {}).error() == "");
}

// A model, two folders of images: one with levels 100 and 51, one with 102 and 204.
struct Folder : Scratch {
    Folder() {
        save_trained(*this / "m.safetensors", {16, 32});
        for (const char *folder : {"photos", "others"})
            std::filesystem::create_directory(*this / folder);
        save_flat(*this / "photos/a.png", 100);
        save_flat(*this / "photos/b.png", 51, /*channels=*/1);
        save_flat(*this / "others/c.png", 102, /*channels=*/4);
        save_flat(*this / "others/d.png", 204);
    }
    Outcome quantize(const std::string &arguments) const {
        return run_tool(*this, "quantize --model m.safetensors " + arguments);
    }
};

}  // namespace

TEST_CASE("the stand-in's filters are those of the test's network") {
    Folder folder;
    const weights::ModelFile model = load(folder / "m.safetensors");
    const networks::Program program = networks::lowered(model.network, 64);
    CHECK(program.filters.size() == 6);
    for (const networks::Step &step : program.steps)
        CHECK((step.kind == networks::StepKind::conv3x3) == (step.filter >= 1 && step.filter < 4));
}

TEST_CASE("ranges are measured at every trained width, with headroom, tested, and written beside the weights") {
    Folder folder;
    const std::vector<uint8_t> before = bytes_of(folder / "m.safetensors");
    const Outcome outcome = folder.quantize("--images photos --test others --out out.safetensors");
    CHECK(outcome.err == "");
    REQUIRE(outcome.exit_code == 0);
    CHECK(bytes_of(folder / "m.safetensors") == before);

    const weights::ModelFile from = load(folder / "m.safetensors"), to = load(folder / "out.safetensors");
    REQUIRE(to.tensors.size() == from.tensors.size());
    for (const auto &[name, tensor] : from.tensors)
        CHECK(to.tensors.at(name).data == tensor.data);
    CHECK(to.trained_widths == from.trained_widths);
    REQUIRE(to.q16.size() == 2);
    for (const int channels : {16, 32}) {
        const weights::Q16Width &width = to.q16.at(channels);
        CHECK(width.images == 2);
        CHECK(width.test_images == 2);
        CHECK(width.headroom == kHeadroom);
        CHECK(contains(width.tool, "slimscale 0."));
        CHECK(width.saturation == 0.5);  // of levels 102 and 204, the first is within 2 times 100
        REQUIRE(width.ranges.size() == 3);
        for (const auto &[name, ranges] : width.ranges)
            for (const float range : ranges)
                CHECK(range == Approx(100 / 255.0 * kHeadroom * channels));
    }
    REQUIRE(to.int8.size() == 2);
    for (const int channels : {16, 32}) {
        const weights::Int8Width &width = to.int8.at(channels);
        CHECK(width.images == 2);
        CHECK(contains(width.tool, "slimscale 0."));
        REQUIRE(width.ranges.size() == 3);
        for (const auto &[name, range] : width.ranges) {
            CHECK(range.least == 0);
            CHECK(range.largest >= 100 / 255.f * static_cast<float>(channels));
            CHECK(range.largest <= 104 / 255.f * static_cast<float>(channels));
        }
    }
    CHECK(lines(outcome.out) == 5);
    for (const char *part : {"out.safetensors: measured on 2 images, as they are and shrunk by 2", "2.00 times",
                             "0.5 of the values, 2 images", " 16 ", " 32 "})
        CHECK(contains(outcome.out, part));
}

TEST_CASE("named widths are measured alone, and others keep the ranges that they have") {
    Folder folder;
    const Outcome first = folder.quantize("--images photos/a.png --widths 32 --out first.safetensors");
    CHECK(first.exit_code == 0);
    CHECK(contains(first.out, "not tested"));
    const weights::ModelFile partly = load(folder / "first.safetensors");
    REQUIRE(partly.q16.size() == 1);
    CHECK(partly.q16.at(32).test_images == 0);

    const Outcome second = run_tool(folder, "quantize --model first.safetensors --images others --test photos "
                                            "--widths 16 --out second.safetensors");
    CHECK(second.exit_code == 0);
    const weights::ModelFile both = load(folder / "second.safetensors");
    REQUIRE(both.q16.size() == 2);
    CHECK(both.q16.at(32).ranges == partly.q16.at(32).ranges);
    CHECK(both.q16.at(32).images == 1);
    CHECK(both.int8.size() == 2);
    CHECK(both.q16.at(16).images == 2);
    CHECK(both.q16.at(16).saturation == 0);
    CHECK(folder.quantize("--images photos --headroom 2 --out wide.safetensors").exit_code == 0);
    CHECK(load(folder / "wide.safetensors").q16.at(16).ranges.begin()->second[0] == Approx(100 / 255.0 * 2 * 16));
    CHECK(folder.quantize("--images photos --headroom 0.9 --out tight.safetensors").exit_code == 2);

    // After a new measurement nothing of the earlier one is left.
    const Outcome third = run_tool(folder, "quantize --model second.safetensors --images photos --widths 0.25 "
                                           "--out third.safetensors");
    CHECK(third.exit_code == 0);
    CHECK(load(folder / "third.safetensors").q16.at(16).test_images == 0);
}

TEST_CASE("widths of the file that are not compiled in are said, and stay uncalibrated") {
    Folder folder;
    save_trained(folder / "more.safetensors", {16, 24});
    const Outcome outcome = run_tool(folder, "quantize --model more.safetensors --images photos --out out.safetensors");
    CHECK(outcome.exit_code == 0);
    CHECK(lines(outcome.err) == 1);
    CHECK(contains(outcome.err, "24 channels are not compiled in and not measured; run: make generate"));
    CHECK(load(folder / "out.safetensors").q16.size() == 1);
}

TEST_CASE("an image that cannot be read is named, the others count, without any nothing is written") {
    Folder folder;
    const std::vector<uint8_t> broken(100, 'x');
    REQUIRE(base::write_file(folder / "photos/c.png", broken).error() == "");
    images::Image dot{1, 1, 3, 8, {1, 2, 3}, {}};
    REQUIRE(images::write_image(folder / "photos/dot.png", dot, {}).error() == "");
    const Outcome outcome = folder.quantize("--images photos --out out.safetensors");
    CHECK(outcome.exit_code == 1);
    CHECK(lines(outcome.err) == 2);
    CHECK(contains(outcome.err, "photos/c.png: "));
    CHECK(contains(outcome.err, "photos/dot.png: it is smaller than one pixel once shrunk"));
    CHECK(load(folder / "out.safetensors").q16.at(16).images == 2);

    const Outcome none = folder.quantize("--images photos/c.png --out none.safetensors");
    CHECK(none.exit_code == 1);
    CHECK(contains(none.err, "nothing is written"));
    CHECK_FALSE(std::filesystem::exists(folder / "none.safetensors"));
}

TEST_CASE("nothing is replaced unasked, and what cannot be done leaves files as they are") {
    Folder folder;
    const std::vector<uint8_t> before = bytes_of(folder / "m.safetensors");
    const Outcome itself = folder.quantize("--images photos --out ./m.safetensors");
    CHECK(itself.exit_code == 2);
    CHECK(contains(itself.err, "is the model's own file; --overwrite"));
    save_trained(folder / "there.safetensors", {16});
    CHECK(folder.quantize("--images photos --out there.safetensors").exit_code == 2);
    CHECK(bytes_of(folder / "m.safetensors") == before);

    // The stand-in cannot plan 13 pixels of width, so this fails after the first image and before anything is written.
    images::Image wide{13, 8, 3, 8, {}, {}};
    wide.allocate();
    REQUIRE(images::write_image(folder / "photos/wide.png", wide, {}).error() == "");
    const Outcome failing = folder.quantize("--images photos --scale 2 --out m.safetensors --overwrite");
    CHECK(failing.exit_code == 0);  // cut to 12 pixels
    save_trained(folder / "m.safetensors", {16, 32});
    images::Image shrunk{26, 8, 3, 8, {}, {}};
    shrunk.allocate();
    REQUIRE(images::write_image(folder / "photos/wide.png", shrunk, {}).error() == "");
    const Outcome refused = folder.quantize("--images photos --out m.safetensors --overwrite");
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, "wide.png: the memory cap is too small"));
    CHECK(bytes_of(folder / "m.safetensors") == before);

    std::filesystem::remove(folder / "photos/wide.png");
    CHECK(folder.quantize("--images photos --out m.safetensors --overwrite").exit_code == 0);
    CHECK(load(folder / "m.safetensors").q16.size() == 2);
}

TEST_CASE("what is no weights file of a compiled network is refused in one line") {
    Folder folder;
    weights::ModelFile model = load(folder / "m.safetensors");
    model.network.name = "another";
    REQUIRE(weights::save_model(folder / "another.safetensors", model).error() == "");
    struct Case {
        const char *file, *fault;
    };
    for (const Case &c :
         {Case{"another.safetensors", "is not compiled in; run: make generate MODEL=another"},
          Case{"fake_x2", "quantize takes a weights file"}, Case{"photos/a.png", "no safetensors file"}}) {
        const Outcome outcome =
            run_tool(folder, std::string("quantize --images photos --out o.safetensors --model ") + c.file);
        INFO(c.file << "\n-> " << outcome.err);
        CHECK(outcome.exit_code == 3);
        CHECK(lines(outcome.err) == 1);
        CHECK(contains(outcome.err, c.fault));
    }
    const Outcome untrained = folder.quantize("--images photos --widths 64 --out o.safetensors");
    CHECK(untrained.exit_code == 3);
    CHECK(contains(untrained.err, "was never trained at 64 channels"));
    CHECK(folder.quantize("--images photos --widths 64 --allow-untrained --out o.safetensors").exit_code == 0);
}
