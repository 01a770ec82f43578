#include <torch/torch.h>

#include <functional>
#include <thread>

#include "tests/catch.h"
#include "tests/trainer/distributed/launch.h"
#include "tests/trainer/training_folder.h"
#include "trainer/distributed/processes.h"

using namespace slimscale;
using namespace std::chrono_literals;
using torch::Tensor;
using trainer::Place;
using trainer::Processes;
using trainer_tests::contains;

namespace {

constexpr int kCount = 3;

// What `work` returns in each of three processes, which are threads here. It must end with barrier() or abort(), since
// the first process has the store through which the others communicate.
std::vector<std::string> together(const std::function<std::string(Processes &)> &work) {
    std::vector<std::string> results(kCount);
    std::vector<std::thread> threads;
    threads.reserve(kCount);
    const int port = trainer_tests::free_port();
    for (int rank = 0; rank < kCount; rank++)
        threads.emplace_back([&, rank] {
            Place place;
            place.rank = rank;
            place.size = kCount;
            place.master = "127.0.0.1";
            place.port = port;
            Result<std::unique_ptr<Processes>> processes = Processes::join(place, "cpu");
            results[rank] = processes ? work(**processes) : processes.error();
        });
    for (std::thread &thread : threads)
        thread.join();
    return results;
}

const std::vector<std::string> kAllWell(kCount);

// A parameter whose gradient is `value` everywhere.
Tensor parameter(const std::vector<int64_t> &shape, float value) {
    Tensor tensor = torch::zeros(shape, torch::requires_grad());
    tensor.mutable_grad() = torch::full(shape, value);
    return tensor;
}

}  // namespace

TEST_CASE("gradients and numbers become their means") {
    // One of 4.4 MB, more than a bucket; a small one; one without a gradient; one whose rows are not in the memory's
    // order.
    const std::vector<std::string> results = together([](Processes &processes) -> std::string {
        const auto r = static_cast<float>(processes.rank());
        Tensor crossed = parameter({2, 3}, 0);
        crossed.mutable_grad() = (torch::arange(6).to(torch::kFloat).view({3, 2}) * r).t();
        const std::vector<Tensor> parameters{parameter({1100, 1000}, r), torch::zeros({5}, torch::requires_grad()),
                                             parameter({7}, 10 * r), crossed, parameter({300, 300}, r + 1)};
        std::vector<double> values{1e9 * r, 1};
        if (std::string error = processes.average(parameters, &values).error(); !error.empty())
            return error;
        const bool right = parameters[0].grad().eq(1).all().item<bool>() && !parameters[1].grad().defined() &&
                           parameters[2].grad().eq(10).all().item<bool>() &&
                           parameters[3].grad().equal(torch::arange(6).to(torch::kFloat).view({3, 2}).t()) &&
                           parameters[4].grad().eq(2).all().item<bool>();
        if (!right || values != std::vector<double>{1e9, 1})
            return "wrong means";
        return processes.barrier().error();
    });
    CHECK(results == kAllWell);
}

TEST_CASE("a number that is not finite reaches all") {
    const std::vector<std::string> results = together([](Processes &processes) -> std::string {
        std::vector<double> values{processes.rank() == 1 ? std::nan("") : 1};
        if (std::string error = processes.average({}, &values).error(); !error.empty())
            return error;
        return std::isnan(values[0]) ? processes.barrier().error() : "finite";
    });
    CHECK(results == kAllWell);
}

TEST_CASE("equal texts agree, and all hear of one that differs") {
    std::vector<std::string> results = together([](Processes &processes) {
        const std::string error = processes.verify("seed=1\nbatch=4\n").error();
        return error.empty() ? processes.barrier().error() : error;
    });
    CHECK(results == kAllWell);
    results = together([](Processes &processes) {
        const std::string batch = processes.rank() == 2 ? "8" : "4";
        std::string error = processes.verify("seed=1\nbatch=" + batch + "\nstep=0\n").error();
        processes.abort(error);
        return error;
    });
    for (const std::string &result : results)
        CHECK(contains(result, "process 2 has batch=8, process 0 has batch=4"));
}

TEST_CASE("who leaves is heard wherever the others wait") {
    const bool verifies = GENERATE(false, true);
    const std::vector<std::string> results = together([verifies](Processes &processes) -> std::string {
        if (processes.rank() == 1) {
            processes.abort("its disk is full");
            return "left";
        }
        std::vector<double> values{1};
        std::string error = verifies ? processes.verify("seed=1").error() : processes.average({}, &values).error();
        processes.abort(error);
        return error;
    });
    const std::string heard = "process 1 ended: its disk is full";
    CHECK(results == std::vector<std::string>{heard, "left", heard});
}

TEST_CASE("processes that do not come, and a port that is taken, are named") {
    Place place;
    place.size = 2;
    place.master = "127.0.0.1";
    place.port = trainer_tests::free_port();
    const std::string sentence = "the 2 processes do not find each other at 127.0.0.1:" + std::to_string(place.port);
    CHECK(contains(Processes::join(place, "cpu", 500ms).error(), sentence));
    place.rank = 1;
    CHECK(contains(Processes::join(place, "cpu", 500ms).error(), sentence));
}

TEST_CASE("a single process averages nothing") {
    const Result<std::unique_ptr<Processes>> processes = Processes::join(Place{}, "cpu");
    REQUIRE(processes);
    const Tensor weight = parameter({2}, 3);
    std::vector<double> values{5};
    CHECK((*processes)->is_first());
    CHECK((*processes)->verify("anything").ok());
    CHECK((*processes)->average({weight}, &values).ok());
    CHECK((*processes)->barrier().ok());
    CHECK(weight.grad().eq(3).all().item<bool>());
    CHECK(values == std::vector<double>{5});
}
