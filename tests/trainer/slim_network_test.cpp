// The slimmable network: a width is a slice, gradients stay in it, and LibTorch's outputs are the goldens.
#include "trainer/slim_network.h"

#include "networks/walkers.h"
#include "tests/catch.h"
#include "tests/golden/golden_files.h"
#include "tests/trainer/torch_volume.h"
#include "weights/model_file.h"

using namespace slimscale;
using networks::Family;
using networks::Network;
using networks::Slicing;
using torch::Tensor;
using trainer::Init;
using trainer::Precision;
using trainer::SlimNetwork;
using trainer::SlimNetworkImpl;

namespace {

// All differences are on the 0..255 scale, for outputs with a standard deviation near 50.

// For two orders of the same arithmetic, with outputs of up to thousands. Measured: up to 5e-4.
constexpr double kSliceTolerance = 1e-2;

Network small(Family family, int scale = 2) {
    Network network;
    network.name = "small";
    network.family = family;
    network.scale = scale;
    network.channels = 32;
    network.blocks = 2;
    if (family == Family::rcan) {
        network.residual_groups = 2;
        network.reduction = 4;
    }
    if (family == Family::carn)
        network.range = 1;
    return network;
}

// CARN-M with three groups, since a network with a single group has no pointwise convolution.
Network small_carn_m() {
    Network network = small(Family::carn);
    network.channels = 48;
    network.group_channels = 16;
    network.recursive = true;
    return network;
}

Network small_compact(int scale = 2) {
    Network network = small(Family::compact, scale);
    network.input_skip = network.feature_residual = true;
    return network;
}

std::vector<Network> small_networks() {
    Network leading = small(Family::carn, 3);
    leading.slicing = Slicing::leading;
    Network skipping = small(Family::edsr, 2);
    skipping.input_skip = true;
    return {small(Family::edsr, 4), small(Family::rcan), small(Family::carn, 3), leading, small_carn_m(), skipping,
            small_compact(),        small_compact(1)};
}

int narrow_width(const Network &network) {
    return network.channels - 16;
}

std::string described(const Network &network) {
    const char *slicing = network.slicing == Slicing::leading ? " leading" : "";
    return std::to_string(static_cast<int>(network.family)) + (network.recursive ? "m" : "") + slicing;
}

// A network whose parameters are all random, since start values have no biases and hardly any residual branches.
SlimNetwork random_network(const Network &description, uint64_t seed, const std::vector<int> &own_affine = {}) {
    SlimNetwork network(description, own_affine);
    trainer::initialize(*network, Init::random, {}, seed);
    torch::NoGradGuard no_grad;
    torch::manual_seed(seed);
    for (const auto &[name, tensor] : network->tensors())
        if (tensor.dim() == 4) {
            const int64_t inputs = tensor.numel() / tensor.size(0);
            tensor.normal_(0, std::sqrt(1.0 / static_cast<double>(inputs)));
        } else {
            tensor.normal_(0, 0.02 * description.range);
        }
    return network;
}

Tensor random_images(int64_t count, int colors = 3) {
    torch::manual_seed(7);
    return torch::randint(0, 256, {count, colors, 13, 10}).to(torch::kFloat);
}

double distance(const Tensor &a, const Tensor &b) {
    return (a - b).abs().max().item<double>();
}

// The indices of the channels that a narrow width keeps of `full` concatenated ones, segment by segment.
Tensor kept_channels(const Network &network, int64_t full, int64_t narrow) {
    const bool per_segment = network.slicing == Slicing::per_segment && full > network.channels;
    const int64_t segments = per_segment ? full / network.channels : 1;
    std::vector<int64_t> kept;
    for (int64_t s = 0; s < segments; s++)
        for (int64_t i = 0; i < narrow / segments; i++)
            kept.push_back(s * (full / segments) + i);
    return torch::tensor(kept, torch::kLong);
}

bool is_merge(const std::string &name) {
    return ("." + name).find(".merge.") != std::string::npos;
}

// The part of `full` that a network whose tensor has the shape of `narrow` has in its place.
Tensor sliced(const Network &network, const std::string &name, const Tensor &full, const Tensor &narrow) {
    const Tensor rows = full.narrow(0, 0, narrow.size(0));
    if (full.dim() == 1)
        return rows;
    return is_merge(name) ? rows.index_select(1, kept_channels(network, full.size(1), narrow.size(1)))
                          : rows.narrow(1, 0, narrow.size(1));
}

// A separate network of `channels` channels with the leading weights of `wide`.
SlimNetwork cut_out(SlimNetworkImpl &wide, int channels) {
    Network description = wide.network();
    description.channels = channels;
    SlimNetwork network(description);
    torch::NoGradGuard no_grad;
    for (const auto &[name, tensor] : network->tensors())
        tensor.copy_(sliced(wide.network(), name, wide.tensors().at(name), tensor));
    return network;
}

}  // namespace

TEST_CASE("a width computes what a network of its leading weights does") {
    const torch::NoGradGuard no_grad;
    const Tensor images = random_images(2);
    for (const Network &description : small_networks()) {
        INFO(described(description));
        SlimNetwork wide = random_network(description, 1);
        const int width = narrow_width(description);
        SlimNetwork narrow = cut_out(*wide, width);
        const Tensor output = wide->forward(images, width);
        CHECK(output.sizes() == torch::IntArrayRef{2, 3, 13 * description.scale, 10 * description.scale});
        CHECK(distance(output, narrow->forward(images, width)) <= kSliceTolerance);
        CHECK(distance(output, wide->forward(images, description.channels)) > 1);  // the widths are different functions
    }
}

namespace {

// Makes gradients reach everything: no ReLU is 0 everywhere, no sigmoid is saturated, and every PReLU gets both signs.
void enliven(SlimNetworkImpl &network) {
    torch::NoGradGuard no_grad;
    const bool prelu = network.tensors().count("head.slope") > 0;
    for (const auto &[name, tensor] : network.tensors())
        if (tensor.dim() == 4)
            tensor.mul_(0.3);
        else if (name.find(".slope") != std::string::npos)
            tensor.fill_(0.5);
        else
            tensor.fill_(prelu ? 0 : 3);
}

}  // namespace

TEST_CASE("gradients reach the leading channels, all of them and no other") {
    const Tensor images = random_images(4);
    for (Network description : small_networks()) {
        description.range = 1;
        SlimNetwork wide = random_network(description, 2);
        enliven(*wide);
        const int width = narrow_width(description);
        const SlimNetwork narrow = cut_out(*wide, width);
        wide->forward(images, width).square().mean().backward();
        for (const auto &[name, tensor] : wide->tensors()) {
            INFO(described(description) << " " << name);
            REQUIRE(tensor.grad().defined());
            const Tensor gradient = tensor.grad(), shape = narrow->tensors().at(name);
            const Tensor inside = sliced(description, name, gradient, shape);
            CHECK(inside.sizes() == shape.sizes());
            CHECK(inside.abs().min().item<double>() > 0);
            CHECK(torch::count_nonzero(gradient).item<int64_t>() == inside.numel());
        }
    }
}

namespace {

SlimNetwork golden_network(const golden::Case &c, Slicing slicing) {
    Result<weights::ModelFile> file = weights::load_model(c.path);
    if (!file)
        throw std::runtime_error(file.error());
    file->network.slicing = slicing;
    return trainer_tests::torch_network(*file);
}

Tensor to_torch(const reference::Volume &volume) {
    return torch::from_blob(const_cast<double *>(volume.data.data()), {1, volume.channels, volume.height, volume.width},
                            torch::kDouble)
        .to(torch::kFloat);
}

double worst_difference(const golden::Case &c, Precision precision) {
    const torch::NoGradGuard no_grad;
    double worst = 0;
    for (const golden::Sample &sample : c.samples) {
        SlimNetwork network = golden_network(c, sample.slicing);
        const Tensor output = network->forward(to_torch(sample.input), sample.channels, precision);
        worst = std::max(worst, distance(output, to_torch(sample.output)));
    }
    return worst;
}

}  // namespace

TEST_CASE("LibTorch computes what the goldens say, at every width and in both slicings") {
    REQUIRE(golden::case_names().size() == 20);
    double worst = 0;
    for (const std::string &name : golden::case_names()) {
        INFO(name);
        const golden::Case c = golden::load_case(name);
        REQUIRE(!c.samples.empty());
        const double difference = worst_difference(c, Precision::f32);
        CHECK(difference <= 1e-2);  // measured: 1e-4
        worst = std::max(worst, difference);
    }
    CHECK(worst > 0);
}

// Activations have 8 bits of mantissa, so each layer adds an error of up to 0.4 %. Measured: 0.7 to 1.2.
TEST_CASE("bf16 stays near f32") {
    for (const std::string &name : golden::case_names()) {
        INFO(name);
        const double difference = worst_difference(golden::load_case(name), Precision::bf16);
        CHECK(difference > 1e-2);  // so bf16 is really used
        CHECK(difference <= 4);
    }
}

namespace {

// A network whose parameters are all random, so that each of the three parts of a filter counts.
SlimNetwork random_collapsible(const Network &description, uint64_t seed) {
    SlimNetwork network(description, std::vector<int>{}, /*expansion=*/4);
    trainer::initialize(*network, Init::random, {}, seed);
    torch::NoGradGuard no_grad;
    torch::manual_seed(seed);
    for (const auto &[name, tensor] : network->tensors())
        if (tensor.dim() == 1)
            tensor.normal_(0, 0.02 * description.range);
    return network;
}

Tensor from_file(const weights::ModelFile &file, const std::string &name) {
    const weights::Tensor &tensor = file.tensors.at(name);
    return torch::tensor(tensor.data).view(std::vector<int64_t>(tensor.shape.begin(), tensor.shape.end()));
}

}  // namespace

TEST_CASE(
    "a collapsible filter is its plain branch beside two convolutions in a row, and its file holds plain filters") {
    const torch::NoGradGuard no_grad;
    for (const Network &description : {small(Family::edsr, 3), small_compact()}) {
        INFO(described(description));
        SlimNetwork network = random_collapsible(description, 6);
        const weights::ModelFile file = trainer::to_model_file(*network, {16, 32}, {});
        CHECK(weights::check_model(file).error() == "");
        SlimNetwork plain = trainer_tests::torch_network(file);
        for (const int width : {8, 16, 32})
            CHECK(distance(network->forward(random_images(1), width), plain->forward(random_images(1), width)) <=
                  kSliceTolerance);

        const Tensor x = torch::randn({1, 32, 9, 7});
        const std::string conv = description.family == Family::edsr ? "body.0.conv1" : "body.0";
        const auto parameter = [&](const char *kind) { return network->tensors().at(conv + kind); };
        CHECK(parameter(".expand").sizes() == torch::IntArrayRef{128, 32, 3, 3});
        const Tensor twice = torch::conv2d(torch::conv2d(x, parameter(".expand"), {}, 1, 1),
                                           parameter(".project").view({32, 128, 1, 1}));
        const Tensor expected = torch::conv2d(x, parameter(".weight"), {}, 1, 1) + twice;
        CHECK(distance(torch::conv2d(x, from_file(file, conv + ".weight"), {}, 1, 1), expected) <= 1e-4);
        CHECK(twice.abs().max().item<double>() > 0.1);
    }
}

TEST_CASE("gradients of a collapsible filter are those of its plain filter, through the product") {
    const Network description = small_compact();
    SlimNetwork network = random_collapsible(description, 7);
    SlimNetwork plain = trainer_tests::torch_network(trainer::to_model_file(*network, {32}, {}));
    constexpr int kWidth = 16;
    network->forward(random_images(2), kWidth).square().mean().backward();
    plain->forward(random_images(2), kWidth).square().mean().backward();
    for (const char *conv : {"head", "body.1", "tail"}) {
        INFO(conv);
        const auto gradient = [&](SlimNetwork &of, const char *kind) {
            return of->tensors().at(std::string(conv) + kind).grad();
        };
        const auto value = [&](const char *kind) { return network->tensors().at(std::string(conv) + kind).detach(); };
        const Tensor whole = gradient(plain, ".weight");
        const Tensor flat = whole.flatten(1);
        const double scale = flat.abs().max().item<double>();
        REQUIRE(scale > 0);
        CHECK(distance(gradient(network, ".weight"), whole) <= 1e-4 * scale);
        const Tensor project = torch::matmul(flat, value(".expand").flatten(1).t());
        const Tensor expand = torch::matmul(value(".project").t(), flat).view(value(".expand").sizes());
        CHECK(distance(gradient(network, ".project"), project) <= 1e-4 * project.abs().max().item<double>());
        CHECK(distance(gradient(network, ".expand"), expand) <= 1e-4 * expand.abs().max().item<double>());
    }
}

TEST_CASE("a collapsible network starts as the file that it takes over") {
    const torch::NoGradGuard no_grad;
    SlimNetwork source = random_collapsible(small_compact(), 8);
    const weights::ModelFile file = trainer::to_model_file(*source, {32}, {});
    SlimNetwork network(small_compact(), std::vector<int>{}, /*expansion=*/2);
    trainer::initialize(*network, Init::random, {}, 9);
    REQUIRE(trainer::take_over(*network, file).ok());
    CHECK(distance(network->forward(random_images(1), 32), source->forward(random_images(1), 32)) <= kSliceTolerance);
}

TEST_CASE("from another scale everything is taken over but convolutions that are shuffled by another factor") {
    for (const Family family : {Family::edsr, Family::carn}) {
        SlimNetwork two = random_network(small(family, 2), 1), three = random_network(small(family, 3), 2),
                    four = random_network(small(family, 4), 3);
        const weights::ModelFile file = trainer::to_model_file(*two, {32}, {});
        const Tensor before = three->tensors().at("up.0.weight").detach().clone();
        REQUIRE(trainer::take_over(*three, file).ok());
        REQUIRE(trainer::take_over(*four, file).ok());
        for (const auto &[name, tensor] : two->tensors()) {
            INFO(name);
            CHECK(torch::equal(four->tensors().at(name), tensor));
            if (name.rfind("up.", 0) != 0)
                CHECK(torch::equal(three->tensors().at(name), tensor));
        }
        CHECK(torch::equal(three->tensors().at("up.0.weight"), before));
        CHECK(torch::equal(four->tensors().at("up.1.weight"), two->tensors().at("up.0.weight")));
        CHECK(torch::equal(four->tensors().at("up.1.bias"), two->tensors().at("up.0.bias")));
        // A file of x4 keeps its own second stage.
        SlimNetwork again = random_network(small(family, 4), 4), other = random_network(small(family, 4), 5);
        REQUIRE(trainer::take_over(*again, trainer::to_model_file(*other, {32}, {})).ok());
        CHECK(torch::equal(again->tensors().at("up.1.weight"), other->tensors().at("up.1.weight")));
    }
    SlimNetwork two = random_network(small_compact(2), 1), four = random_network(small_compact(4), 2);
    const Tensor tail = four->tensors().at("tail.weight").detach().clone();
    REQUIRE(trainer::take_over(*four, trainer::to_model_file(*two, {32}, {})).ok());
    CHECK(torch::equal(four->tensors().at("body.1.weight"), two->tensors().at("body.1.weight")));
    CHECK(torch::equal(four->tensors().at("tail.weight"), tail));
}

TEST_CASE("a file whose network adds the input, or does not, is taken over by its like alone") {
    Network description = small(Family::edsr);
    const weights::ModelFile without = trainer::to_model_file(*random_network(description, 1), {32}, {});
    description.input_skip = true;
    SlimNetwork network = random_network(description, 2);
    CHECK(trainer::take_over(*network, without).error() ==
          "its network does not add the input to the output: train with --no-input-skip");
    const weights::ModelFile with = trainer::to_model_file(*network, {32}, {});
    CHECK(trainer::take_over(*network, with).ok());
    description.input_skip = false;
    CHECK(trainer::take_over(*random_network(description, 3), with).error() ==
          "its network adds the input to the output: train with --input-skip");
}

TEST_CASE("the leading parts are what gradients of a width reach") {
    for (const Network &description : {small(Family::edsr), small(Family::carn, 3), small_carn_m(), small_compact()}) {
        INFO(described(description));
        SlimNetwork network = random_network(description, 2);
        enliven(*network);
        const int width = narrow_width(description);
        network->forward(random_images(4), width).square().mean().backward();
        int64_t reached = 0, leading = 0;
        for (const auto &[name, tensor] : network->tensors())
            reached += torch::count_nonzero(tensor.grad()).item<int64_t>();
        for (Tensor &part : network->leading_parts(
                 width, [&](const std::string &name) { return network->tensors().at(name).grad(); })) {
            leading += part.numel();
            part.zero_();
        }
        for (const auto &[name, tensor] : network->tensors())
            CHECK(torch::count_nonzero(tensor.grad()).item<int64_t>() == 0);
        // CARN-M's shared unit occurs three times.
        CHECK((description.recursive ? leading > reached : leading == reached));
    }
}

TEST_CASE("own scales of one and shifts of zero are the network without its biases") {
    const torch::NoGradGuard no_grad;
    const Tensor images = random_images(1);
    for (const Network &description : small_networks()) {
        INFO(described(description));
        const int width = narrow_width(description);
        SlimNetwork own = random_network(description, 3, {width});
        SlimNetwork plain = random_network(description, 3);
        for (const auto &[name, tensor] : own->tensors())
            if (name.find(".scale.") != std::string::npos)
                tensor.fill_(1);
            else if (name.find(".shift.") != std::string::npos)
                tensor.fill_(0);
            else if (name.find(".bias") == std::string::npos)
                plain->tensors().at(name).copy_(tensor);
            else
                plain->tensors().at(name).zero_();
        CHECK(distance(own->forward(images, width), plain->forward(images, width)) <= kSliceTolerance);
        // Other widths keep the shared biases.
        CHECK(distance(own->forward(images, description.channels), plain->forward(images, description.channels)) > 1);
    }
}

TEST_CASE("own scales and shifts work on a convolution's outputs") {
    const torch::NoGradGuard no_grad;
    const Network description = small(Family::edsr);
    SlimNetwork network = random_network(description, 4, {16});
    const Tensor images = random_images(1);
    const Tensor before = network->forward(images, 16);
    const Tensor mean = torch::tensor({0.4488, 0.4371, 0.4040}, torch::kFloat).view({1, 3, 1, 1}) * 255;
    network->tensors().at("tail.scale.16").mul_(2);
    network->tensors().at("tail.shift.16").mul_(2);
    CHECK(distance(network->forward(images, 16) - mean, (before - mean) * 2) <= kSliceTolerance);
}

TEST_CASE("a nested start: every width computes what the narrowest does, a random one does not") {
    const torch::NoGradGuard no_grad;
    const Tensor images = random_images(1);
    const std::vector<int> widths = {8, 16, 24, 32}, whole_groups = {16, 32, 48};
    for (const Network &description :
         {small(Family::edsr, 3), small(Family::rcan), small(Family::carn, 4), small_carn_m(), small_compact()}) {
        INFO(described(description));
        const std::vector<int> &trained = description.group_channels > 0 ? whole_groups : widths;
        for (const Init style : {Init::nested, Init::random}) {
            SlimNetwork network(description);
            trainer::initialize(*network, style, trained, 5);
            const Tensor narrowest = network->forward(images, trained.front());
            for (const int width : trained) {
                if (width == trained.front())
                    continue;
                const double apart = distance(network->forward(images, width), narrowest);
                if (style == Init::nested)
                    CHECK(apart <= kSliceTolerance);
                else
                    CHECK(apart > 1e-1);
            }
        }
    }
}
