#include <torch/torch.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "extras/reports/metrics_log.h"
#include "tests/catch.h"
#include "tests/trainer/training_folder.h"
#include "trainer/compact.h"
#include "trainer/run.h"
#include "weights/model_file.h"
#include "weights/safetensors.h"

using namespace slimscale;
using trainer::Config;
using trainer::Outcome;
using trainer_tests::contains;
using trainer_tests::read_text;

namespace {

Outcome trained(Config config) {
    const std::string error = trainer::complete(&config).error();
    return error.empty() ? trainer::train(config) : Outcome{trainer::kBadUsage, error};
}

std::string checkpoint(const Config &config) {
    return config.out + "/checkpoint.safetensors";
}

weights::Safetensors state(const Config &config) {
    const Result<weights::Safetensors> file = weights::load_safetensors(checkpoint(config));
    REQUIRE(file.ok());
    return *file;
}

weights::ModelFile model(const Config &config) {
    const Result<weights::ModelFile> file = weights::load_model(config.out + "/model.safetensors");
    REQUIRE(file.ok());
    return *file;
}

// Checks that tensors are equal to the bit.
template <class Tensors>
void check_equal(const Tensors &a, const Tensors &b) {
    REQUIRE(a.size() == b.size());
    for (const auto &[name, tensor] : a) {
        INFO(name);
        const auto &other = b.at(name);
        REQUIRE(tensor.data.size() == other.data.size());
        CHECK(std::memcmp(tensor.data.data(), other.data.data(), tensor.data.size() * sizeof(float)) == 0);
    }
}

// Takes two steps and returns the checkpoint's contents.
std::string after_two_steps(Config config) {
    config.steps = 2;
    REQUIRE(trained(config).code == trainer::kOk);
    return read_text(checkpoint(config));
}

}  // namespace

TEST_CASE("a run leaves a trained file, a checkpoint, metrics and a page") {
    const Scratch scratch;
    const Config config = trainer_tests::tiny_config(scratch, "run");
    const Outcome outcome = trained(config);
    INFO(outcome.sentence);
    REQUIRE(outcome.code == trainer::kOk);

    CHECK(model(config).trained_widths == std::vector<int>{8, 16});
    CHECK(contains(model(config).notes, "learning-rate=0.001"));

    const auto metrics = reports::read_metrics(config.out + "/metrics.csv");
    REQUIRE(metrics.ok());
    std::vector<int64_t> training, validation;
    for (const reports::MetricsRow &row : metrics->rows)
        (row.values.count("psnr.8") > 0 ? validation : training).push_back(row.step);
    CHECK(training == std::vector<int64_t>{2, 4, 6});
    CHECK(validation == std::vector<int64_t>{3, 6});
    CHECK(contains(read_text(config.out + "/report.html"), "</html>"));
    CHECK(contains(read_text(config.out + "/options.toml"), "widths=[8, 16]"));
}

TEST_CASE("training lowers the loss of every width") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    config.steps = 150;
    config.checkpoint_every = 150;
    config.learning_rate = 3e-3;
    config.log_every = 10;
    config.validate.clear();
    REQUIRE(trained(config).sentence.empty());
    const auto metrics = reports::read_metrics(config.out + "/metrics.csv");
    REQUIRE(metrics.ok());
    for (const char *column : {"loss.l1.8", "loss.l1.16"})
        CHECK(metrics->rows.back().values.at(column) < 0.5 * metrics->rows.front().values.at(column));
}

TEST_CASE("all networks train at all scales, in both precisions") {
    const Scratch scratch;
    for (const char *network : {"edsr", "rcan_small", "carn", "carn_m", "compact"})
        for (const int scale : {1, 2, 3, 4}) {
            Config config = trainer_tests::tiny_config(scratch, network + std::to_string(scale));
            INFO(network << " x" << scale);
            config.network = network;
            config.scale = scale;
            if (scale == 1)
                config.degrade = "noise=9";
            config.channels = 32;
            config.widths = {16, 32};
            config.patch = 8 * scale;
            config.expansion = scale == 3 ? 2 : 0;
            config.steps = 2;
            config.precision = scale == 4 ? trainer::Precision::bf16 : trainer::Precision::f32;
            config.f32_share = 0;
            REQUIRE(trained(config).sentence.empty());
            CHECK(model(config).network.scale == scale);
        }
}

TEST_CASE("a resumed run equals an unbroken one to the bit") {
    for (const auto optimizer : {trainer::OptimizerKind::adam, trainer::OptimizerKind::sgd}) {
        const Scratch scratch;
        Config whole = trainer_tests::tiny_config(scratch, "whole"),
               broken = trainer_tests::tiny_config(scratch, "broken");
        for (Config *config : {&whole, &broken}) {
            config->optimizer = optimizer;
            config->learning_rate = optimizer == trainer::OptimizerKind::adam ? 1e-3 : 1e-6;
            config->momentum = 0.9;
            config->decay = trainer::Decay::constant;
            config->expansion = 2;
        }
        REQUIRE(trained(whole).sentence.empty());
        Config first = broken;
        first.steps = 3;
        REQUIRE(trained(first).sentence.empty());
        broken.resume = true;
        REQUIRE(trained(broken).sentence.empty());
        CHECK(state(whole).metadata.at("step") == state(broken).metadata.at("step"));
        check_equal(state(whole).tensors, state(broken).tensors);  // parameters, averages, moments
        check_equal(model(whole).tensors, model(broken).tensors);
    }
}

TEST_CASE("a checkpoint from before --input-skip goes on without it") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    config.input_skip = false;
    after_two_steps(config);
    weights::Safetensors file = state(config);
    std::string &options = file.metadata.at("options");
    const std::string line = "input-skip=false\n";
    REQUIRE(contains(options, line));
    options.erase(options.find(line), line.size());
    REQUIRE(weights::save_safetensors(checkpoint(config), file).error() == "");
    config.resume = true;
    config.input_skip = true;  // today's default
    REQUIRE(trained(config).sentence.empty());
    CHECK_FALSE(model(config).network.input_skip);
    CHECK(contains(read_text(config.out + "/options.toml"), line));
}

TEST_CASE("a run whose time is over saves and goes on later") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    config.minutes = 1e-9;
    const Outcome outcome = trained(config);
    CHECK(outcome.code == trainer::kOk);
    CHECK(std::stoi(state(config).metadata.at("step")) < config.steps);
    config.resume = true;
    config.minutes = 0;
    REQUIRE(trained(config).sentence.empty());
    CHECK(state(config).metadata.at("step") == "6");
}

TEST_CASE("a compact checkpoint is smaller, and a run goes on from it") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    config.steps = 3;
    REQUIRE(trained(config).sentence.empty());
    const std::string compact = scratch / "compact.safetensors";
    REQUIRE(trainer::compact_checkpoint(checkpoint(config), compact).ok());
    CHECK(10 * std::filesystem::file_size(compact) < 8 * std::filesystem::file_size(checkpoint(config)));
    std::filesystem::rename(compact, checkpoint(config));
    config.resume = true;
    config.steps = 5;
    CHECK(trained(config).sentence.empty());
    CHECK(state(config).metadata.at("step") == "5");
    CHECK(contains(trainer::compact_checkpoint(config.out + "/model.safetensors", compact).error(), "no checkpoint"));
}

TEST_CASE("a folder that holds a run is neither overwritten nor taken up by accident") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    const std::string before = after_two_steps(config);
    const Outcome refused = trained(config);
    CHECK(refused.code == trainer::kBadUsage);
    CHECK(contains(refused.sentence, "--resume"));
    CHECK(contains(refused.sentence, "--fresh"));
    CHECK(read_text(checkpoint(config)) == before);

    config.resume = true;
    config.channels = 32;
    config.widths = {8, 32};
    CHECK(contains(trained(config).sentence, "another shape"));
    CHECK(read_text(checkpoint(config)) == before);
}

TEST_CASE("a loss that is not finite ends the run with the step's number and leaves the last good checkpoint") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    const std::string before = after_two_steps(config);
    config.resume = true;
    config.steps = 1000;
    config.checkpoint_every = 1000;
    config.learning_rate = 1e30;
    const Outcome outcome = trained(config);
    CHECK(outcome.code == trainer::kFailed);
    CHECK(contains(outcome.sentence, "step "));
    CHECK(contains(outcome.sentence, "not finite"));
    CHECK(read_text(checkpoint(config)) == before);
}

// Runs `body` in a child process, since signals and limits apply to a whole process.
namespace {

int in_child(const std::function<int()> &body) {
    const pid_t child = fork();
    if (child == 0)
        _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("SIGTERM and Ctrl-C save first") {
    for (const int signal : {SIGTERM, SIGINT}) {
        const Scratch scratch;
        Config config = trainer_tests::tiny_config(scratch, "run");
        config.steps = 1000000;
        config.checkpoint_every = 1000000;
        config.validate.clear();
        const pid_t child = fork();
        if (child == 0)
            _exit(trained(config).code);
        const std::string log = config.out + "/metrics.csv";
        for (int i = 0; i < 600 && (!std::filesystem::exists(log) || std::filesystem::file_size(log) < 200); i++)
            usleep(50000);
        kill(child, signal);
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == trainer::kInterrupted);
        CHECK(std::stoll(state(config).metadata.at("step")) > 0);
    }
}

TEST_CASE("a full disk is an error that leaves the last good checkpoint") {
    const Scratch scratch;
    Config config = trainer_tests::tiny_config(scratch, "run");
    const std::string before = after_two_steps(config);
    config.resume = true;
    config.steps = 4;
    const int code = in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{before.size() / 2, before.size() / 2};
        setrlimit(RLIMIT_FSIZE, &limit);
        const Outcome outcome = trained(config);
        return outcome.sentence.find("cannot write") != std::string::npos ? outcome.code : -2;
    });
    CHECK(code == trainer::kFailed);
    CHECK(read_text(checkpoint(config)) == before);
}
