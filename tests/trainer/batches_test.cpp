#include <fstream>
#include <set>

#include "extras/images/image.h"
#include "extras/quality/imresize.h"
#include "tests/catch.h"
#include "tests/trainer/training_folder.h"
#include "trainer/batches.h"
#include "trainer/pictures.h"

using namespace slimscale;
using trainer::Batch;
using trainer::BatchOptions;
using trainer::Pair;
using trainer_tests::contains;

namespace {

// Red is x, green is y, and blue is the picture's number, so that a patch shows where it comes from.
images::Image coordinates(int width, int height, int number) {
    images::Image image{width, height, 3, 8, {}, {}};
    image.allocate();
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *pixel = image.samples.data() + (static_cast<size_t>(y) * width + x) * 3;
            pixel[0] = static_cast<uint8_t>(x);
            pixel[1] = static_cast<uint8_t>(y);
            pixel[2] = static_cast<uint8_t>(number);
        }
    return image;
}

std::vector<Pair> coordinate_pairs(int scale) {
    std::vector<Pair> pairs;
    for (int i = 0; i < 2; i++) {
        const int width = 20 + 10 * i, height = 16;
        pairs.push_back({"", coordinates(width * scale, height * scale, i), coordinates(width, height, i)});
    }
    return pairs;
}

BatchOptions options_of(int scale) {
    BatchOptions options;
    options.scale = scale;
    options.patch = 8 * scale;
    options.batch = 64;
    options.end_step = 100;
    return options;
}

bool equal(const Batch &a, const Batch &b) {
    return torch::equal(a.low, b.low) && torch::equal(a.high, b.high);
}

}  // namespace

TEST_CASE("low and high patches show the same place, in all eight orientations, of every picture") {
    for (const int scale : {2, 3, 4}) {
        const std::vector<Pair> pairs = coordinate_pairs(scale);
        const Batch batch = trainer::cut_batch(pairs, options_of(scale), 0);
        // A high pixel at (x, y) lies on the low pixel (x / scale, y / scale).
        const torch::Tensor low_again =
            torch::floor(batch.high.index({torch::indexing::Slice(), torch::indexing::Slice(0, 2)}) / scale)
                .index({torch::indexing::Slice(), torch::indexing::Slice(),
                        torch::indexing::Slice(0, torch::indexing::None, scale),
                        torch::indexing::Slice(0, torch::indexing::None, scale)});
        CHECK(torch::equal(low_again, batch.low.index({torch::indexing::Slice(), torch::indexing::Slice(0, 2)})));
        CHECK(torch::equal(batch.high.index({torch::indexing::Slice(), 2, 0, 0}),
                           batch.low.index({torch::indexing::Slice(), 2, 0, 0})));

        std::set<std::vector<double>> orientations;  // told apart by how red and green change to the right
        for (int64_t i = 0; i < batch.low.size(0); i++) {
            const torch::Tensor step = batch.low[i].index({torch::indexing::Slice(0, 2), 0, 1}) -
                                       batch.low[i].index({torch::indexing::Slice(0, 2), 0, 0});
            const torch::Tensor down = batch.low[i].index({torch::indexing::Slice(0, 2), 1, 0}) -
                                       batch.low[i].index({torch::indexing::Slice(0, 2), 0, 0});
            orientations.insert(
                {step[0].item<double>(), step[1].item<double>(), down[0].item<double>(), down[1].item<double>()});
        }
        CHECK(orientations.size() == 8);
        const torch::Tensor numbers = batch.low.index({torch::indexing::Slice(), 2, 0, 0});
        CHECK(numbers.min().item<double>() == 0);
        CHECK(numbers.max().item<double>() == 1);
    }
}

TEST_CASE("two processes cut what one does with the doubled batch") {
    const std::vector<Pair> pairs = coordinate_pairs(2);
    BatchOptions options = options_of(2);
    const Batch whole = trainer::cut_batch(pairs, options, 7);
    options.batch = 32;
    options.processes = 2;
    const Batch first = trainer::cut_batch(pairs, options, 7);
    options.rank = 1;
    const Batch second = trainer::cut_batch(pairs, options, 7);
    CHECK(torch::equal(torch::cat({first.low, second.low}), whole.low));
    CHECK(torch::equal(torch::cat({first.high, second.high}), whole.high));
}

TEST_CASE("the teacher's patch shows the place of the original's, in the same orientation") {
    std::vector<Pair> pairs = coordinate_pairs(2);
    CHECK(!trainer::cut_batch(pairs, options_of(2), 0).teacher.defined());
    for (Pair &pair : pairs) {
        pair.teacher = pair.high;
        for (uint8_t &sample : pair.teacher.samples)
            sample = static_cast<uint8_t>(sample + 1);
    }
    const Batch batch = trainer::cut_batch(pairs, options_of(2), 0);
    CHECK(torch::equal(batch.teacher, batch.high + 1));
}

TEST_CASE("threads hand out the batches in order, from any step on") {
    const std::vector<Pair> pairs = coordinate_pairs(2);
    BatchOptions options = options_of(2);
    options.threads = 3;
    options.first_step = 5;
    options.end_step = 40;
    trainer::Batches batches(pairs, options);
    for (int64_t step = 5; step < 40; step++)
        CHECK(equal(batches.next(), trainer::cut_batch(pairs, options, step)));
}

TEST_CASE("batches differ between steps and seeds") {
    const std::vector<Pair> pairs = coordinate_pairs(2);
    BatchOptions options = options_of(2);
    const Batch batch = trainer::cut_batch(pairs, options, 1);
    CHECK(!equal(batch, trainer::cut_batch(pairs, options, 2)));
    options.seed = 2;
    CHECK(!equal(batch, trainer::cut_batch(pairs, options, 1)));
}

TEST_CASE("pictures are cropped to the scale and shrunk as MATLAB does") {
    const Scratch scratch;
    trainer_tests::write_pictures((scratch / "in"), 2, 25, 23);
    trainer::PictureOptions options;
    options.paths = {scratch / "in"};
    options.scale = 3;
    const auto pictures = trainer::load_pictures(options);
    REQUIRE(pictures.ok());
    REQUIRE(pictures->pairs.size() == 2);
    const Pair &pair = pictures->pairs[0];
    CHECK(pair.high.width == 24);
    CHECK(pair.high.height == 21);
    CHECK(pair.low.width == 8);
    CHECK(pair.low.height == 7);
    CHECK(pair.low.samples == quality::imresize(pair.high.samples, {24, 21, 3}, 8, 7));

    options.exclude = {"wave1"};
    CHECK(trainer::load_pictures(options)->pairs.size() == 1);
    options.least_side = 22;
    const auto none = trainer::load_pictures(options);
    CHECK(contains(none.error(), "1 are smaller than a patch, 1 excluded"));
}

TEST_CASE("pictures that cannot be used are left out and named, and one without any other is an error") {
    const Scratch scratch;
    trainer_tests::write_pictures((scratch / "in"), 1, 24, 24);
    std::ofstream((scratch / "in/broken.png")) << "no picture";
    images::Image glass{24, 24, 4, 8, {}, {}};
    glass.samples.assign(glass.sample_bytes(), 128);
    REQUIRE(images::write_image(scratch / "in/glass.png", glass, {}).error() == "");
    trainer::PictureOptions options;
    options.paths = {scratch / "in"};
    const auto pictures = trainer::load_pictures(options);
    REQUIRE(pictures.ok());
    CHECK(pictures->pairs.size() == 1);
    REQUIRE(pictures->unusable.size() == 2);
    CHECK(contains(pictures->unusable[0], "broken.png: "));
    CHECK(contains(pictures->unusable[1], "glass.png: it has transparency"));
    options.exclude = {"broken", "glass"};
    CHECK(trainer::load_pictures(options)->unusable.empty());
    options.paths = {scratch / "in/broken.png"};
    options.exclude.clear();
    CHECK(contains(trainer::load_pictures(options).error(), "1 cannot be used ("));
    options.paths = {scratch / "in"};
    options.memory_gb = 1e-6;
    CHECK(contains(trainer::load_pictures(options).error(), "--memory-gb"));
    options.paths = {(scratch / "nowhere")};
    CHECK(!trainer::load_pictures(options).ok());
}

TEST_CASE("a teacher's output belongs to every picture, by name and of its size") {
    const Scratch scratch;
    trainer_tests::write_pictures(scratch / "in", 2, 25, 23);
    trainer_tests::write_pictures(scratch / "teacher", 2, 24, 21);
    trainer::PictureOptions options;
    options.paths = {scratch / "in"};
    options.teacher = scratch / "teacher";
    options.scale = 3;
    const auto pictures = trainer::load_pictures(options);
    REQUIRE(pictures.ok());
    images::Image expected;
    REQUIRE(images::read_image(scratch / "teacher/wave1.png", expected).ok());
    CHECK(pictures->pairs[1].teacher.samples == expected.samples);

    options.scale = 2;
    CHECK(contains(trainer::load_pictures(options).error(), "24x21, and at this scale it must be 24x22"));
    options.scale = 3;
    trainer_tests::write_pictures(scratch / "in", 3, 25, 23);
    CHECK(contains(trainer::load_pictures(options).error(), "wave2.png: teacher: "));
    options.memory_gb = 4 * 24 * 21 * 3 * 1e-9;  // enough for two pictures without teachers
    options.exclude = {"wave2"};
    CHECK(contains(trainer::load_pictures(options).error(), "--memory-gb"));
    options.teacher.clear();
    CHECK(trainer::load_pictures(options).ok());
}

TEST_CASE("degraded patches: drawn by step and place, whole pictures' worth of context, the original untouched") {
    const std::vector<Pair> pairs = coordinate_pairs(2);
    BatchOptions options = options_of(2);
    const Batch clean = trainer::cut_batch(pairs, options, 3);
    options.degradations = *quality::parse_degradations("noise=5,jpeg=70");
    const Batch degraded = trainer::cut_batch(pairs, options, 3);
    CHECK(torch::equal(degraded.high, clean.high));
    CHECK(!torch::equal(degraded.low, clean.low));
    CHECK((degraded.low - clean.low).abs().mean().item<double>() < 40);
    CHECK(equal(degraded, trainer::cut_batch(pairs, options, 3)));

    // Two processes draw what one does.
    BatchOptions half = options;
    half.batch = options.batch / 2;
    half.processes = 2;
    half.rank = 1;
    const Batch second = trainer::cut_batch(pairs, half, 3);
    CHECK(torch::equal(second.low, degraded.low.slice(0, half.batch)));
}

TEST_CASE("at scale 1 both sides are the picture, and the low one is degraded") {
    const std::vector<Pair> pairs = coordinate_pairs(1);
    BatchOptions options = options_of(1);
    CHECK(torch::equal(trainer::cut_batch(pairs, options, 0).low, trainer::cut_batch(pairs, options, 0).high));
    options.degradations = *quality::parse_degradations("noise=9");
    const Batch noisy = trainer::cut_batch(pairs, options, 0);
    CHECK((noisy.low - noisy.high).std().item<double>() < 9.5);
    CHECK((noisy.low - noisy.high).std().item<double>() > 4);  // dark pictures lose half of the noise at black
}
