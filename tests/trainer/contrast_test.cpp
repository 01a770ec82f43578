// CSD's contrastive loss: its values and gradients against PyTorch's, and its random draws.
#include "trainer/contrast/contrast.h"

#include <set>

#include "tests/catch.h"
#include "tests/trainer/torch_files.h"
#include "trainer/contrast/distances.h"

using namespace slimscale;
using trainer::Contrast;
using trainer::ContrastConfig;
using trainer::ContrastDraw;
using trainer::ContrastTargets;
using trainer::FeatureRange;
using trainer::Negatives;
using trainer_tests::Tensors;

namespace {

constexpr int kScale = 3;  // of the goldens
// Both sides compute in double; goldens are rounded to float (6e-8).
constexpr double kDoubleTolerance = 1e-6;
// make_contrast_goldens.py checks that no kink lies within rounding; its own gradients in float are off by 2e-6.
constexpr double kFloatTolerance = 1e-4;

std::unique_ptr<Contrast> load(const std::string &kind, ContrastConfig config = {}) {
    config.backbone = trainer_tests::golden_path(kind);
    auto contrast = Contrast::load(config, kScale, /*seed=*/1, torch::kCPU);
    if (!contrast)
        throw std::runtime_error(contrast.error());
    return std::move(*contrast);
}

struct Case {
    std::string backbone, name;  // "vgg19", "vgg19.unit.others"
    FeatureRange range;
    Negatives negatives;
};

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const std::string backbone : {"vgg19", "vgg16", "pruned"}) {
        all.push_back({backbone, ".imagenet.others", FeatureRange::imagenet, Negatives::others});
        all.push_back({backbone, ".imagenet.paper", FeatureRange::imagenet, Negatives::paper});
        all.push_back({backbone, ".imagenet.flipped", FeatureRange::imagenet, Negatives::flipped});
        all.push_back({backbone, ".unit.others", FeatureRange::unit, Negatives::others});
        all.push_back({backbone, ".bytes.paper", FeatureRange::bytes, Negatives::paper});
    }
    for (Case &c : all)
        c.name = c.backbone + c.name;
    return all;
}

ContrastDraw draw_of(const Tensors &golden, const std::string &name) {
    const torch::Tensor crop = golden.at(name + ".crop").to(torch::kLong);
    const auto at = [&crop](int64_t i) { return crop[i].item<int64_t>(); };
    ContrastDraw draw{at(0), at(1), at(2), at(3), {}};
    const torch::Tensor negatives = golden.at(name + ".negatives").to(torch::kLong);
    for (int64_t a = 0; a < negatives.size(0); a++) {
        const torch::Tensor row = negatives[a].contiguous();
        draw.negatives.emplace_back(row.data_ptr<int64_t>(), row.data_ptr<int64_t>() + row.numel());
    }
    return draw;
}

void check_case(const Tensors &golden, const Case &c, torch::ScalarType type, double tolerance) {
    INFO(c.name << " " << type);
    ContrastConfig config;
    config.range = c.range;
    config.negatives = c.negatives;
    const auto contrast = load(c.backbone, config);
    const ContrastTargets targets =
        contrast->targets(golden.at("high").to(type), golden.at("low").to(type), draw_of(golden, c.name));
    const torch::Tensor student = golden.at("student").to(type).clone().requires_grad_();
    const torch::Tensor loss = contrast->loss(student, targets);
    loss.backward();
    CHECK(loss.item<double>() == Approx(golden.at(c.name + ".loss").item<double>()).epsilon(tolerance));
    CHECK(trainer_tests::difference(trainer_tests::thin(student.grad()), golden.at(c.name + ".gradient")) <= tolerance);
    CHECK(student.grad().norm().item<double>() ==
          Approx(golden.at(c.name + ".gradient_norm").item<double>()).epsilon(tolerance));
}

ContrastConfig config_of(Negatives negatives, int count) {
    ContrastConfig config;
    config.negatives = negatives;
    config.count = count;
    return config;
}

constexpr int64_t kSide = 48;

std::vector<std::vector<int64_t>> negatives(const ContrastConfig &config, int64_t step, int64_t batch,
                                            uint64_t seed = 1) {
    return trainer::draw_contrast(config, seed, step, batch, kSide, kSide).negatives;
}

}  // namespace

TEST_CASE("loss and gradient are PyTorch's, for every backbone, range and way of taking negatives") {
    const Tensors golden = trainer_tests::load_golden("contrast");
    for (const Case &c : cases()) {
        check_case(golden, c, torch::kDouble, kDoubleTolerance);
        check_case(golden, c, torch::kFloat, kFloatTolerance);
    }
}

TEST_CASE("only the student takes a gradient, where the crop of an anchor is") {
    const Tensors golden = trainer_tests::load_golden("contrast");
    const auto contrast = load("vgg19");
    const torch::Tensor teacher = golden.at("high").clone().requires_grad_();
    const torch::Tensor low = golden.at("low").clone().requires_grad_();
    const torch::Tensor student = golden.at("student").clone().requires_grad_();
    const ContrastDraw draw{/*x=*/4, /*y=*/1, /*width=*/32, /*height=*/32, {{1, 2}, {3, 0}}};
    const ContrastTargets targets = contrast->targets(teacher, low, draw);
    for (const auto &tensors : {targets.teacher, targets.negatives})
        for (const torch::Tensor &tensor : tensors)
            CHECK_FALSE(tensor.requires_grad());
    contrast->loss(student, targets).backward();
    CHECK_FALSE(teacher.grad().defined());
    CHECK_FALSE(low.grad().defined());

    torch::Tensor outside = student.grad().clone();
    torch::Tensor inside = outside.narrow(0, 0, 2).narrow(2, draw.y, draw.height).narrow(3, draw.x, draw.width);
    for (int64_t anchor = 0; anchor < 2; anchor++)
        CHECK(inside[anchor].abs().sum().item<double>() > 0);
    inside.zero_();
    CHECK(outside.abs().max().item<double>() == 0);
}

TEST_CASE("a student that equals its teacher has no loss") {
    const Tensors golden = trainer_tests::load_golden("contrast");
    const auto contrast = load("pruned");
    const ContrastTargets targets = contrast->targets(golden.at("high"), golden.at("low"), /*step=*/0);
    CHECK(contrast->loss(golden.at("high"), targets).item<double>() == 0);
    CHECK(contrast->loss(golden.at("student"), targets).item<double>() > 0);
}

TEST_CASE("every negative is seen once, however many anchors it has") {
    const Tensors golden = trainer_tests::load_golden("contrast");
    const auto contrast = load("vgg16");
    const ContrastTargets targets =
        contrast->targets(golden.at("high"), golden.at("low"), ContrastDraw{0, 0, 32, 32, {{3, 1}, {3, 2}, {1, 3}}});
    CHECK(targets.negatives[0].size(0) == 3);
    CHECK(targets.teacher[0].size(0) == 3);
    CHECK(targets.rows == std::vector<std::vector<int64_t>>{{2, 0}, {2, 1}, {0, 2}});
}

TEST_CASE("the sum of distances and its gradient are what autograd makes of the plain formula") {
    torch::manual_seed(1);
    const std::vector<std::vector<int64_t>> rows = {{0, 2}, {1, 3}, {3, 2}};
    const torch::Tensor negatives = torch::randn({4, 3, 5, 7}, torch::kDouble);
    torch::Tensor values = torch::randn({3, 3, 5, 7}, torch::kDouble);
    values[1].copy_(negatives[3]);  // where a distance is zero, so is its gradient
    const torch::Tensor anchors = values.clone().requires_grad_(), plain_anchors = values.clone().requires_grad_();

    torch::Tensor plain = torch::zeros({}, torch::kDouble);
    for (size_t a = 0; a < rows.size(); a++)
        for (const int64_t row : rows[a])
            plain = plain + (plain_anchors[static_cast<int64_t>(a)] - negatives[row]).abs().mean() / 3.0;
    (plain * plain).backward();
    const torch::Tensor sum = trainer::sum_of_distances(anchors, negatives, rows);
    (sum * sum).backward();
    CHECK(sum.item<double>() == Approx(plain.item<double>()));
    CHECK(torch::allclose(anchors.grad(), plain_anchors.grad()));
}

TEST_CASE("other images: never the own one, none twice, all of them in the long run") {
    constexpr int64_t kBatch = 6;
    constexpr size_t kCount = 3;
    const ContrastConfig config = config_of(Negatives::others, kCount);
    std::vector<std::vector<int>> drawn(kBatch, std::vector<int>(kBatch));
    constexpr int kSteps = 1000;
    for (int64_t step = 0; step < kSteps; step++) {
        const auto by_anchor = negatives(config, step, kBatch);
        REQUIRE(by_anchor.size() == kBatch);
        for (int64_t a = 0; a < kBatch; a++) {
            const std::set<int64_t> distinct(by_anchor[a].begin(), by_anchor[a].end());
            REQUIRE(by_anchor[a].size() == kCount);
            REQUIRE(distinct.size() == kCount);
            REQUIRE(distinct.count(a) == 0);
            REQUIRE(*distinct.begin() >= 0);
            REQUIRE(*distinct.rbegin() < kBatch);
            for (const int64_t image : distinct)
                drawn[a][image]++;
        }
    }
    // Expected: 600 of 1000, standard deviation 15.5.
    for (int64_t a = 0; a < kBatch; a++)
        for (int64_t image = 0; image < kBatch; image++)
            if (image != a)
                CHECK(std::abs(drawn[a][image] - 600) < 80);
}

TEST_CASE("a batch with fewer others than wanted gives all of them, a single image has none") {
    const ContrastConfig config = config_of(Negatives::others, 10);
    for (const std::vector<int64_t> &images : negatives(config, 7, 4))
        CHECK(images.size() == 3);
    CHECK(negatives(config, 7, 1) == std::vector<std::vector<int64_t>>{{}});
}

TEST_CASE("the paper's draw: the batch's first images for everyone, the own one among them") {
    for (int64_t step = 0; step < 3; step++) {
        CHECK(negatives(config_of(Negatives::paper, 2), step, 3) == std::vector<std::vector<int64_t>>(3, {0, 1}));
        CHECK(negatives(config_of(Negatives::paper, 10), step, 3) == std::vector<std::vector<int64_t>>(3, {0, 1, 2}));
    }
}

TEST_CASE("flipped: the batch's last images for everyone") {
    CHECK(negatives(config_of(Negatives::flipped, 2), 5, 4) == std::vector<std::vector<int64_t>>(4, {2, 3}));
    CHECK(negatives(config_of(Negatives::flipped, 10), 5, 2) == std::vector<std::vector<int64_t>>(2, {0, 1}));
}

TEST_CASE("a draw is a function of seed and step") {
    ContrastConfig config = config_of(Negatives::others, 4);
    config.crop = 32;
    const auto draw = [&config](uint64_t seed, int64_t step) {
        return trainer::draw_contrast(config, seed, step, /*batch=*/16, /*height=*/100, /*width=*/100);
    };
    CHECK(draw(3, 11).negatives == draw(3, 11).negatives);
    CHECK(draw(3, 11).x == draw(3, 11).x);
    CHECK(draw(3, 11).negatives != draw(3, 12).negatives);
    CHECK(draw(3, 11).negatives != draw(4, 11).negatives);
    CHECK(draw(3, 11).negatives[0] != draw(3, 11).negatives[1]);
}

TEST_CASE("the crop lies within the image, at every place in the long run, anchors are the first images") {
    ContrastConfig config = config_of(Negatives::others, 2);
    config.crop = 32;
    config.images = 5;
    std::set<int64_t> columns, rows;
    for (int64_t step = 0; step < 300; step++) {
        const ContrastDraw draw = trainer::draw_contrast(config, 1, step, /*batch=*/8, /*height=*/40, /*width=*/36);
        REQUIRE(draw.negatives.size() == 5);
        REQUIRE(draw.width == 32);
        REQUIRE(draw.height == 32);
        columns.insert(draw.x);
        rows.insert(draw.y);
    }
    CHECK(columns == std::set<int64_t>{0, 1, 2, 3, 4});
    CHECK(rows == std::set<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8});

    config.crop = 0;
    config.images = 0;
    const ContrastDraw whole = trainer::draw_contrast(config, 1, 0, 8, 40, 36);
    CHECK(whole.negatives.size() == 8);
    CHECK((whole.x == 0 && whole.y == 0 && whole.width == 36 && whole.height == 40));
}

TEST_CASE("the contrast of a step is the one of its draw") {
    const Tensors golden = trainer_tests::load_golden("contrast");
    ContrastConfig config = config_of(Negatives::others, 2);
    config.crop = 32;
    const auto contrast = load("vgg19", config);
    constexpr int64_t kStep = 9;
    const torch::Tensor high = golden.at("high");
    const ContrastDraw draw =
        trainer::draw_contrast(config, /*seed=*/1, kStep, high.size(0), high.size(2), high.size(3));
    const auto loss = [&](const ContrastTargets &targets) {
        return contrast->loss(golden.at("student"), targets).item<double>();
    };
    CHECK(loss(contrast->targets(high, golden.at("low"), kStep)) ==
          loss(contrast->targets(high, golden.at("low"), draw)));
    CHECK(loss(contrast->targets(high, golden.at("low"), kStep)) !=
          loss(contrast->targets(high, golden.at("low"), kStep + 1)));
}
