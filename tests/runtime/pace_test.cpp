// The choice of channels on a simulated machine with its own clock, so that everything is the same in every run.
#include "runtime/api/pace.h"

#include <functional>
#include <vector>

#include "base/random.h"
#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

const double kPredicted[] = {5, 10, 20, 40};  // ms, at 16, 32, 48 and 64 channels

// Runs frames back to back, at most one per budget, as a camera delivers them.
struct Camera {
    double budget_ms = 30, percentile = 99;
    std::function<double(double now)> load = [](double) { return 1.0; };  // a frame's time over the predicted one
    Pace pace;
    double now = 0;
    std::vector<int> chosen;
    std::vector<double> times;
    int late = 0, frames = 0;

    void run_until(double end) {
        while (now < end) {
            const int index = pace.choose({budget_ms, percentile, kPredicted, 4}, now);
            const double took = kPredicted[index] * load(now);
            chosen.push_back(index);
            times.push_back(now);
            late += took > budget_ms;
            frames++;
            now += took;
            pace.ended(now, took);
            now = std::max(now, times.back() + budget_ms);
        }
    }
    int first_at(int index, double from) const {  // the number of frames from `from` on until `index` is run
        int count = 0;
        for (size_t i = 0; i < times.size(); i++)
            if (times[i] >= from) {
                if (chosen[i] == index)
                    return count;
                count++;
            }
        return -1;
    }
};

}  // namespace

TEST_CASE("the profile chooses the start, and a steady machine keeps it") {
    Camera camera;
    camera.run_until(10'000);
    CHECK(camera.chosen.front() == 2);
    CHECK(camera.pace.reason() == SLIMSCALE_REASON_PROFILE);
    for (int index : camera.chosen)
        CHECK(index == 2);
    CHECK(camera.pace.slowdown() == Approx(1));
}

TEST_CASE("load lowers the channels within three frames, and they recover within a second") {
    for (double slower : {1.6, 2.5, 5.5}) {
        Camera camera;
        camera.load = [&](double now) { return now >= 3000 && now < 8000 ? slower : 1; };
        const int wanted = slower < 3 ? 1 : 0;
        camera.run_until(8000);
        CHECK(camera.first_at(wanted, 3000) >= 1);
        CHECK(camera.first_at(wanted, 3000) <= 3);
        CHECK(camera.pace.reason() == SLIMSCALE_REASON_SLOWER);
        CHECK(camera.late <= 3);
        camera.run_until(9000);
        CHECK(camera.chosen.back() == 2);
        CHECK(camera.pace.reason() == SLIMSCALE_REASON_FASTER);
        camera.run_until(20'000);
        CHECK(camera.chosen.back() == 2);
        CHECK(camera.late <= 3);
    }
}

TEST_CASE("channels that leave little time to spare come back within a second, too") {
    slimscale::base::Random random(7, 0, 0);
    Camera camera;
    camera.budget_ms = 24;  // the profile's choice takes 20
    camera.load = [&](double now) { return (now >= 3000 && now < 8000 ? 1.7 : 1) * (1 + 0.04 * random.uniform()); };
    camera.run_until(8000);
    CHECK(camera.chosen.back() < 2);
    camera.run_until(9000);
    CHECK(camera.chosen.back() == 2);
    camera.run_until(20'000);
    CHECK(camera.chosen.back() == 2);
    CHECK(camera.late <= 3);
}

TEST_CASE("rises that did not last delay no recovery") {
    Camera camera;
    camera.budget_ms = 27;
    const auto eases = [](double now) { return static_cast<int>(now / 750) % 2 == 1; };
    camera.load = [&](double now) { return now < 2000 || now >= 14'000 ? 1.0 : eases(now) ? 1.13 : 1.7; };
    camera.run_until(14'000);
    CHECK(camera.first_at(2, 2500) > 0);  // the load eased, as if it had ended
    CHECK(camera.chosen.back() < 2);
    camera.run_until(15'000);
    CHECK(camera.chosen.back() == 2);
}

TEST_CASE("a clock that shrinks step by step is followed") {
    Camera camera;
    camera.load = [](double now) { return 1 + now / 10'000; };  // three times as slow after 20 seconds
    camera.run_until(20'000);
    CHECK(camera.chosen.back() == 1);
    CHECK(camera.late <= 0.01 * camera.frames);
}

TEST_CASE("load at the edge of a channel count makes it come and go ever more seldom") {
    Camera camera;  // every frame of 20 ms predicted is late, while those of 10 ms seem to leave time for 20 ms
    camera.load = [&](double now) {
        return camera.pace.choose({camera.budget_ms, camera.percentile, kPredicted, 4}, now) >= 2 ? 1.6 : 1.25;
    };
    camera.run_until(120'000);
    CHECK(camera.late > 2);
    CHECK(camera.late <= 0.01 * camera.frames);
}

TEST_CASE("single late frames within the percentile change nothing, more do") {
    for (int every : {200, 20}) {
        Camera camera;
        int frame = 0;
        camera.load = [&](double) { return ++frame % every == 0 ? 2.0 : 1.0; };
        camera.run_until(12'000);
        const bool lowered = camera.first_at(1, 0) >= 0;
        CHECK(lowered == (every == 20));
    }
}

TEST_CASE("noise around the time keeps misses under the percentile") {
    slimscale::base::Random random(7, 0, 0);
    Camera camera;
    camera.load = [&](double) {
        const double u = random.uniform();
        return 1 + 0.2 * u + (u > 0.97 ? 0.6 : 0);  // three of a hundred frames are much slower
    };
    camera.run_until(120'000);
    CHECK(camera.late <= 0.015 * camera.frames);
}

TEST_CASE("where even the fewest channels are late, they run and say so") {
    Camera camera;
    camera.load = [](double now) { return now > 1000 ? 10.0 : 1.0; };
    camera.run_until(5000);
    CHECK(camera.chosen.back() == 0);
    CHECK(camera.pace.reason() == SLIMSCALE_REASON_FEWEST);
    camera.load = [](double) { return 1.0; };
    camera.run_until(6200);
    CHECK(camera.chosen.back() == 2);
}

TEST_CASE("a machine that is faster than its profile gets more channels") {
    Camera camera;
    camera.load = [](double) { return 0.5; };
    camera.run_until(2000);
    CHECK(camera.chosen.back() == 3);
    CHECK(camera.pace.reason() == SLIMSCALE_REASON_FASTER);
}

TEST_CASE("another request begins anew") {
    Camera camera;
    camera.load = [](double) { return 2.5; };
    camera.run_until(2000);
    CHECK(camera.chosen.back() == 1);
    camera.budget_ms = 100;
    camera.run_until(2200);
    CHECK(camera.chosen.back() == 3);
    CHECK(camera.pace.slowdown() > 1);
}
