// Whole evaluations against measures_reference.py, and what happens to images that cannot be measured.
#include "extras/quality/evaluate.h"

#include <cmath>

#include "base/files.h"
#include "tests/catch.h"
#include "tests/extras/quality/subjects.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::quality;

namespace {

void save(const std::string &path, const images::Image &image) {
    REQUIRE(images::write_image(path, image, {}).error() == "");
}

void check_score(const Score &score, double psnr, double ssim) {
    CHECK(score.psnr == Approx(psnr).epsilon(1e-9));
    CHECK(score.ssim == Approx(ssim).epsilon(1e-9));
}

void check_scores(const Scores &scores, double psnr, double ssim, double rgb_psnr, double rgb_ssim) {
    check_score(scores.luma, psnr, ssim);
    REQUIRE(scores.rgb);
    check_score(*scores.rgb, rgb_psnr, rgb_ssim);
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("scores are the reference's, with and without ensemble") {
    Scratch scratch;
    save(scratch / "a.png", reference_original(41, 33));  // cut to 40x32
    EvaluationOptions options;
    options.self_ensemble = true;
    const Evaluation found =
        evaluate({scratch / "a.png"}, {subject("n", 16, nearest), subject("s", 64, slanted)}, options);
    REQUIRE(found.images.size() == 1);
    const ImageScores &image = found.images[0];
    CHECK(image.width == 40);
    CHECK(image.height == 32);
    check_scores(image.bicubic, 24.1992769205497, 0.8344904533993817, 18.637094160213152, 0.8532524349710048);
    REQUIRE(image.subjects.size() == 2);
    check_scores(image.subjects[0].plain, 23.14427961225612, 0.7990007455880045, 17.248925735205624,
                 0.7995805776518644);
    check_scores(image.subjects[1].plain, 19.338220753936405, 0.788302914206994, 16.02734665038412, 0.7878486808042083);
    REQUIRE(image.subjects[1].ensemble);
    check_scores(*image.subjects[1].ensemble, 21.396658466250212, 0.7951393140914934, 16.685561514562693,
                 0.7941356262773068);
    // Repeated pixels are the same in all orientations.
    check_scores(*image.subjects[0].ensemble, 23.14427961225612, 0.7990007455880045, 17.248925735205624,
                 0.7995805776518644);
    CHECK(found.subjects[1].name == "s");
    CHECK(found.close_ups.empty());
}

TEST_CASE("a network that is bicubic scores as bicubic, but for rounding once instead of twice") {
    Scratch scratch;
    save(scratch / "a.png", reference_original(40, 32));
    const Evaluation found = evaluate({scratch / "a.png"}, {subject("b", 64, bicubic)}, {});
    REQUIRE(found.images.size() == 1);
    const ImageScores &image = found.images[0];
    CHECK(image.subjects[0].plain.luma.psnr == Approx(image.bicubic.luma.psnr).margin(0.02));
    CHECK(image.subjects[0].plain.luma.psnr != image.bicubic.luma.psnr);
    CHECK_FALSE(image.subjects[0].ensemble);
}

TEST_CASE("luma networks get gray images and have no scores on RGB") {
    Scratch scratch;
    save(scratch / "a.png", reference_original(40, 32));
    EvaluationOptions options;
    options.colors = 1;
    int channels = 0;
    const auto counting = [&](const Planes &small, Planes &large) {
        channels = small.channels;
        return nearest(small, large);
    };
    const Evaluation found = evaluate({scratch / "a.png"}, {subject("luma", 64, counting)}, options);
    REQUIRE(found.images.size() == 1);
    CHECK(channels == 1);
    CHECK_FALSE(found.images[0].subjects[0].plain.rgb);
    check_score(found.images[0].subjects[0].plain.luma, 23.139417926120295, 0.7988008127211031);
}

TEST_CASE("images that cannot be measured are left out with a sentence, the others go on") {
    Scratch scratch;
    images::Image transparent{40, 40, 4, 8, std::vector<uint8_t>(40 * 40 * 4, 100), {}};
    save(scratch / "clear.png", transparent);
    save(scratch / "tiny.png", reference_original(27, 26));
    save(scratch / "just.png", reference_original(28, 29));  // 28x28
    REQUIRE(base::write_file(scratch / "text.png", "text").error() == "");
    std::vector<std::string> told;
    Callbacks callbacks;
    callbacks.left_out = [&](const LeftOut &left_out) { told.push_back(left_out.sentence); };
    const Evaluation found =
        evaluate({scratch / "clear.png", scratch / "tiny.png", scratch / "just.png", scratch / "text.png"},
                 {subject("n", 16, nearest)}, {}, callbacks);
    REQUIRE(found.images.size() == 1);
    CHECK(found.images[0].image == scratch / "just.png");
    REQUIRE(told.size() == 3);
    CHECK(contains(told[0], "transparency"));
    CHECK(contains(told[1], "at least 27 pixels a side"));
    CHECK(contains(told[2], "no image of a format that is read"));
    CHECK(found.left_out.size() == 3);
    CHECK(found.left_out[1].image == scratch / "tiny.png");
}

TEST_CASE("a subject that fails, or gives another size, leaves the image out and is named") {
    Scratch scratch;
    save(scratch / "a.png", reference_original(40, 32));
    const auto fails = [](const Planes &, Planes &) { return Error{"it broke"}; };
    const auto small = [](const Planes &in, Planes &out) {
        out = in;
        return Status();
    };
    const auto hungry = [](const Planes &, Planes &) -> Status { throw std::bad_alloc(); };
    Subject unprepared = subject("u", 8, nearest);
    unprepared.prepare = [](int width, int height) {
        return width == 20 && height == 16 ? Error{"no plan"} : Status();
    };
    const auto sentence = [&](const Subject &bad) {
        const Evaluation found = evaluate({scratch / "a.png"}, {subject("n", 16, nearest), bad}, {});
        CHECK(found.images.empty());
        return found.left_out.at(0).sentence;
    };
    CHECK(sentence(subject("f", 32, fails)) == "f with 32 channels (test): it broke");
    CHECK(contains(sentence(subject("s", 32, small)), "the result is 20x16 with 3 channels, and the original 40x32"));
    CHECK(contains(sentence(subject("h", 32, hungry)), "not enough memory"));
    CHECK(contains(sentence(unprepared), "no plan"));
}

TEST_CASE("a watcher sees every image before, and its pictures after, and may leave it out") {
    Scratch scratch;
    save(scratch / "a.png", reference_original(40, 32));
    save(scratch / "b.png", reference_original(44, 36));
    Callbacks callbacks;
    std::vector<size_t> seen;
    callbacks.before = [&](size_t index, const std::string &) {
        seen.push_back(index);
        return index == 0 ? Error{"not this one"} : Status();
    };
    callbacks.after = [&](const std::string &image, const Pictures &pictures) {
        CHECK(image == scratch / "b.png");
        CHECK(pictures.small.width == 22);
        CHECK(pictures.results.size() == 1);
        CHECK(pictures.averages.size() == 1);
        return Status();
    };
    EvaluationOptions options;
    options.self_ensemble = true;
    const Evaluation found =
        evaluate({scratch / "a.png", scratch / "b.png"}, {subject("n", 16, nearest)}, options, callbacks);
    CHECK(seen == std::vector<size_t>{0, 1});
    CHECK(found.images.size() == 1);
    CHECK(found.left_out.at(0).sentence == "not this one");
}

TEST_CASE("means are over the images, equal pictures have infinite PSNR") {
    Evaluation evaluation;
    evaluation.subjects.resize(1);
    for (double psnr : {30.0, 40.0}) {
        ImageScores image;
        image.bicubic.luma = {psnr, 0.5};
        image.subjects.push_back({{{psnr + 1, 0.6}, Score{psnr + 2, 0.7}}, Scores{{psnr + 3, 0.8}, {}}, psnr});
        evaluation.images.push_back(image);
    }
    const ImageScores all = mean(evaluation);
    CHECK(all.bicubic.luma.psnr == Approx(35));
    CHECK_FALSE(all.bicubic.rgb);
    CHECK(all.subjects[0].plain.luma.psnr == Approx(36));
    CHECK(all.subjects[0].plain.rgb->psnr == Approx(37));
    CHECK(all.subjects[0].ensemble->luma.psnr == Approx(38));
    CHECK(all.subjects[0].ms == Approx(35));

    Scratch scratch;
    save(scratch / "white.png", {40, 40, 3, 8, std::vector<uint8_t>(40 * 40 * 3, 255), {}});
    const Evaluation white = evaluate({scratch / "white.png"}, {subject("n", 16, nearest)}, {});
    CHECK(std::isinf(white.images.at(0).bicubic.luma.psnr));
    CHECK(white.images[0].bicubic.luma.ssim == Approx(1));
}

TEST_CASE("close-ups show where the widest network gains most over bicubic") {
    Scratch scratch;
    std::vector<std::string> paths;
    // Noise that bicubic does not keep, of several strengths, at (128, 64) of otherwise even pictures.
    for (int strength : {10, 40, 20, 30}) {
        images::Image image{256, 192, 3, 8, std::vector<uint8_t>(256 * 192 * 3, 100), {}};
        for (int y = 64; y < 160; y++)
            for (int x = 128; x < 224; x++)
                for (int c = 0; c < 3; c++)
                    image.samples[(static_cast<size_t>(y) * 256 + x) * 3 + c] =
                        static_cast<uint8_t>(100 + ((x + y) % 2 ? strength : -strength));
        paths.push_back(scratch / ("s" + std::to_string(strength) + ".png"));
        save(paths.back(), image);
    }
    // A perfect network, which knows the original.
    images::Image wanted;
    Callbacks callbacks;
    callbacks.before = [&](size_t index, const std::string &) { return images::read_image(paths[index], wanted); };
    const auto perfect = [&](const Planes &, Planes &large) {
        large = to_planes(wanted);
        return Status();
    };
    EvaluationOptions options;
    options.close_ups = true;
    const Evaluation found =
        evaluate(paths, {subject("p", 64, perfect), subject("n", 16, nearest)}, options, callbacks);
    REQUIRE(found.close_ups.size() == 3);
    CHECK(found.close_ups[0].image == paths[1]);
    CHECK(found.close_ups[1].image == paths[3]);
    CHECK(found.close_ups[2].image == paths[2]);
    const CloseUp &first = found.close_ups[0];
    CHECK(first.x == 128);
    CHECK(first.y == 64);
    REQUIRE(first.pictures.size() == 4);
    CHECK(first.pictures[0].label == "original");
    CHECK(first.pictures[1].label == "bicubic");
    CHECK(first.pictures[2].label == "64 channels");
    CHECK(first.pictures[2].image.samples == first.pictures[0].image.samples);
    CHECK(std::isinf(first.pictures[2].psnr));
    CHECK(first.pictures[1].psnr < 20);
    CHECK(first.pictures[1].image.width == 96);
}

TEST_CASE("small images are degraded the same way every time, by their names") {
    Scratch scratch;
    save(scratch / "a.png", reference_original(64, 48));
    save(scratch / "b.png", reference_original(64, 48));
    EvaluationOptions options;
    const auto psnr = [&](const std::vector<std::string> &images) {
        const Evaluation found = evaluate(images, {subject("n", 16, nearest)}, options);
        REQUIRE(found.images.size() == images.size());
        return std::pair(found.images.back().bicubic.luma.psnr, found.images.back().subjects[0].plain.luma.psnr);
    };
    const auto clean = psnr({scratch / "b.png"});
    options.degrade = "noise=15";
    const auto noisy = psnr({scratch / "b.png"});
    CHECK(noisy.first < clean.first);
    CHECK(noisy.second < clean.second);
    CHECK(psnr({scratch / "a.png", scratch / "b.png"}) == noisy);
    CHECK(psnr({scratch / "a.png"}) != noisy);  // the same picture under another name
}

TEST_CASE("small images that are given are used, and judged") {
    Scratch scratch, small;
    const images::Image original = reference_original(64, 48);
    save(scratch / "a.png", original);
    save(small / "a.png", resized(original, 32, 24));
    EvaluationOptions options;
    const Evaluation made = evaluate({scratch / "a.png"}, {subject("n", 16, nearest)}, options);
    options.small_folder = small / "";
    const Evaluation given = evaluate({scratch / "a.png"}, {subject("n", 16, nearest)}, options);
    REQUIRE(given.images.size() == 1);
    CHECK(given.images[0].bicubic.luma.psnr == made.images[0].bicubic.luma.psnr);
    CHECK(given.warnings.empty());

    images::Image every_second{32, 24, 3, 8, {}, {}};  // no antialiasing
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 32; x++)
            for (int c = 0; c < 3; c++) {
                const int at = (2 * y * 64 + 2 * x) * 3 + c;
                every_second.samples.push_back(original.samples[static_cast<size_t>(at)]);
            }
    REQUIRE(images::write_image(small / "a.png", every_second, {}).error() == "");
    const Evaluation unusual = evaluate({scratch / "a.png"}, {subject("n", 16, nearest)}, options);
    REQUIRE(unusual.warnings.size() == 1);
    CHECK(contains(unusual.warnings[0], "antialiased"));

    save(small / "a.png", resized(original, 31, 24));
    CHECK(contains(evaluate({scratch / "a.png"}, {subject("n", 16, nearest)}, options).left_out.at(0).sentence,
                   "must be 32x24"));
    options.small_folder = scratch / "none";
    CHECK(contains(evaluate({scratch / "a.png"}, {subject("n", 16, nearest)}, options).left_out.at(0).sentence,
                   "no image of this name"));
}
