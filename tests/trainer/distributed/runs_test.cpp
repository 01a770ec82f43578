// Whole runs of two processes over the loopback.
#include <torch/torch.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/catch.h"
#include "tests/trainer/distributed/launch.h"
#include "tests/trainer/training_folder.h"
#include "trainer/run.h"
#include "weights/safetensors.h"

using namespace slimscale;
using namespace std::chrono_literals;
using trainer::Config;
using trainer_tests::contains;
using trainer_tests::Process;

namespace {

constexpr auto kLimit = 60s;

Config small_run(const Scratch &scratch, const std::string &out) {
    Config config = trainer_tests::tiny_config(scratch, out);
    config.validate.clear();
    config.optimizer = trainer::OptimizerKind::sgd;
    config.learning_rate = 1e-4;
    config.decay = trainer::Decay::constant;
    return config;
}

Config endless_run(const Scratch &scratch, const std::string &out) {
    Config config = small_run(scratch, out);
    config.steps = 1000000;
    config.checkpoint_every = 5;
    return config;
}

struct Pair {
    Process first, second;

    Pair(const Scratch &scratch, const Config &config, const Config &of_second, int port = trainer_tests::free_port())
        : first(config, trainer_tests::variables(0, 2, port), scratch / "first.log"),
          second(of_second, trainer_tests::variables(1, 2, port), scratch / "second.log") {}
    Pair(const Scratch &scratch, const Config &config) : Pair(scratch, config, config) {}
};

weights::Safetensors state(const Config &config) {
    const auto file = weights::load_safetensors(config.out + "/checkpoint.safetensors");
    REQUIRE(file.ok());
    return *file;
}

double largest_difference(const Config &a, const Config &b) {
    const weights::Safetensors x = state(a), y = state(b);
    double largest = 0;
    for (const auto &[name, tensor] : x.tensors)
        for (size_t i = 0; i < tensor.data.size(); i++)
            largest = std::max<double>(largest, std::abs(tensor.data[i] - y.tensors.at(name).data[i]));
    return largest;
}

int step_of(const Config &config) {
    return std::stoi(state(config).metadata.at("step"));
}

void wait_for_checkpoint(const Config &config) {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (!std::filesystem::exists(config.out + "/checkpoint.safetensors") && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(20ms);
    REQUIRE(std::filesystem::exists(config.out + "/checkpoint.safetensors"));
}

// Checks that two more processes go on from the checkpoint and finish.
void check_resumes(const Scratch &scratch, Config config) {
    config.resume = true;
    config.steps = step_of(config) + 3;
    Pair pair(scratch, config);
    INFO(pair.first.said() << pair.second.said());
    CHECK(pair.first.wait(kLimit) == trainer::kOk);
    CHECK(pair.second.wait(kLimit) == trainer::kOk);
    CHECK(step_of(config) == config.steps);
}

}  // namespace

TEST_CASE("two processes do what one does with twice the batch") {
    const Scratch scratch;
    Config half = small_run(scratch, "two"), whole = small_run(scratch, "one"), smaller = small_run(scratch, "less");
    half.steps = whole.steps = smaller.steps = 20;
    whole.batch = 2 * half.batch;
    Pair pair(scratch, half);
    CHECK(pair.first.wait(kLimit) == trainer::kOk);
    CHECK(pair.second.wait(kLimit) == trainer::kOk);
    INFO(pair.first.said() << pair.second.said());
    for (Config *config : {&whole, &smaller}) {
        REQUIRE(trainer::complete(config).ok());
        REQUIRE(trainer::train(*config).code == trainer::kOk);
    }
    // Patches are the same and only the order of sums differs, which makes some roundings of weights below 1, 6e-8
    // each. One process with half the patches ends with other weights.
    CHECK(largest_difference(whole, half) <= 1e-6);
    CHECK(largest_difference(whole, smaller) > 1e-4);
}

TEST_CASE("when a process dies, the other ends, and the run goes on from the checkpoint") {
    const Scratch scratch;
    const Config config = endless_run(scratch, "run");
    const bool first_dies = GENERATE(false, true);
    {
        Pair pair(scratch, config);
        wait_for_checkpoint(config);
        Process &dies = first_dies ? pair.first : pair.second, &remains = first_dies ? pair.second : pair.first;
        dies.signal(SIGKILL);
        CHECK(remains.wait(kLimit) == trainer::kFailed);
        const std::string said = remains.said();
        INFO(said);
        CHECK(contains(said, first_dies ? "process 0 is gone" : "process 1 is gone"));
        CHECK(contains(said, "--resume"));
        CHECK(std::count(said.begin(), said.end(), '\n') == 1);
    }
    check_resumes(scratch, config);
}

TEST_CASE("a stop of one process stops both after the same step") {
    const Scratch scratch;
    const Config config = endless_run(scratch, "run");
    {
        Pair pair(scratch, config);
        wait_for_checkpoint(config);
        pair.second.signal(SIGTERM);
        CHECK(pair.first.wait(kLimit) == trainer::kInterrupted);
        CHECK(pair.second.wait(kLimit) == trainer::kInterrupted);
        CHECK(contains(pair.first.said(), "stopped at step " + std::to_string(step_of(config)) + ";"));
        CHECK(pair.second.said().empty());
    }
    check_resumes(scratch, config);
}

TEST_CASE("a stop that comes twice at once, from a launcher too, still saves") {
    const Scratch scratch;
    const Config config = endless_run(scratch, "run");
    Pair pair(scratch, config);
    wait_for_checkpoint(config);
    for (int i = 0; i < 2; i++) {
        pair.first.signal(SIGTERM);
        pair.second.signal(SIGTERM);
    }
    CHECK(pair.first.wait(kLimit) == trainer::kInterrupted);
    CHECK(pair.second.wait(kLimit) == trainer::kInterrupted);
}

TEST_CASE("different options are refused") {
    const Scratch scratch;
    const Config config = small_run(scratch, "run");
    Config other = config;
    other.batch = 5;
    Pair pair(scratch, config, other);
    CHECK(pair.first.wait(kLimit) == trainer::kBadUsage);
    CHECK(pair.second.wait(kLimit) == trainer::kBadUsage);
    for (const Process *process : {&pair.first, &pair.second})
        CHECK(contains(process->said(), "process 1 has batch=5, process 0 has batch=4"));
}

TEST_CASE("one process without data ends both") {
    const Scratch scratch;
    const Config config = small_run(scratch, "run");
    Config other = config;
    other.data = {scratch / "nowhere"};
    Pair pair(scratch, config, other);
    CHECK(pair.first.wait(kLimit) == trainer::kBadUsage);
    CHECK(pair.second.wait(kLimit) == trainer::kBadUsage);
    CHECK(contains(pair.first.said(), "process 1 ended: --data"));
}

TEST_CASE("half a launcher is refused") {
    const Scratch scratch;
    Process process(small_run(scratch, "run"), {"RANK=0"}, scratch / "log");
    CHECK(process.wait(kLimit) == trainer::kBadUsage);
    CHECK(contains(process.said(), "WORLD_SIZE is not set"));
}
