// The blockings that the tuner tries, and which of them it takes.
#include <cmath>
#include <limits>

#include "bench/tune/candidates.h"
#include "bench/tune/race.h"
#include "bench/tune/subject.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::bench;
using schedules::Blocking;

namespace {

const schedules::Isa &avx2() {
    return *schedules::find_isa("avx2");
}

schedules::Work work_of(const std::string &pipeline) {
    schedules::Work work;
    REQUIRE(schedules::parse_work(pipeline, work));
    return work;
}

Blocking blocking_of(const std::string &text, slimscale::contract::Block block) {
    const Result<Blocking> blocking = schedules::parse_blocking(text, block);
    REQUIRE(blocking.error() == "");
    return *blocking;
}

bool holds(const std::vector<Blocking> &list, const std::string &text, slimscale::contract::Block block) {
    for (const Blocking &blocking : list)
        if (schedules::text_of(blocking, block) == text)
            return true;
    return false;
}

Subject runner(double ms, int *frames = nullptr) {
    return {[=](double &took) {
                took = ms;
                if (frames)
                    ++*frames;
                return Status();
            },
            {},
            {}};
}

Subject failing() {
    return {[](double &) { return Error{"it broke"}; }, {}, {}};
}

}  // namespace

TEST_CASE("neighbours differ in one choice, are legal and new") {
    const schedules::Work work = work_of("conv3x3_64_64");
    const Blocking best = blocking_of("lanes=8 vectors=2 tiles=4 strip=32 unroll=4 order=tiles", work.block);
    const std::vector<Blocking> near = neighbours(best, work, avx2(), {best});
    CHECK(holds(near, "lanes=8 vectors=2 tiles=4 strip=16 unroll=4 order=tiles", work.block));
    CHECK(holds(near, "lanes=8 vectors=2 tiles=4 strip=32 unroll=4 order=groups", work.block));
    CHECK(holds(near, "lanes=4 vectors=4 tiles=2 strip=32 unroll=4 order=tiles", work.block));
    // Tiles that do not divide the strip change the strip as well.
    CHECK(holds(near, "lanes=8 vectors=2 tiles=6 strip=24 unroll=4 order=tiles", work.block));
    CHECK_FALSE(holds(near, "lanes=8 vectors=2 tiles=4 strip=16 unroll=8 order=tiles", work.block));
    CHECK_FALSE(holds(near, "lanes=8 vectors=2 tiles=4 strip=32 unroll=4 order=tiles", work.block));
    for (const Blocking &blocking : near)
        CHECK(schedules::check_blocking(blocking, work, avx2()).error() == "");
    CHECK(neighbours(best, work, avx2(), near).empty());
}

TEST_CASE("register tiles whose strip does not fit bring one that does") {
    const schedules::Work work = work_of("conv3x3_64_64");
    const Blocking best = blocking_of("lanes=8 vectors=1 tiles=8 strip=64 unroll=4 order=tiles", work.block);
    for (const Blocking &blocking : neighbours(best, work, avx2(), {}))
        if (blocking.tiles == 6)
            CHECK(blocking.strip % 6 == 0);
}

TEST_CASE("the fastest wins, subjects that fail drop out, and slow ones drop out early") {
    int slow_frames = 0, fast_frames = 0;
    std::vector<Subject> subjects{runner(3), failing(), runner(2, &fast_frames), runner(9, &slow_frames), runner(4),
                                  runner(5), runner(6)};
    CHECK(fastest(subjects) == 2);
    CHECK(slow_frames > 0);
    CHECK(slow_frames < fast_frames);
    CHECK(fastest({runner(1)}) == 0);
    CHECK(fastest({failing(), runner(1)}) == 1);
}

TEST_CASE("a run-off has both medians, and one that fails is not faster") {
    CHECK(run_off(runner(3), runner(2)).speedup() == 1.5);
    CHECK(run_off(runner(2), runner(4)).speedup() == 0.5);
    CHECK(run_off(runner(2), failing()).speedup() == 0);
    CHECK(std::isinf(median({})));
    CHECK(median({3, 1, 2}) == 2);
}

TEST_CASE("an output that is not the plain schedule's is refused") {
    Halide::Runtime::Buffer<float> expected(std::vector<int>{4, 8, 2}), got(std::vector<int>{4, 8, 2});
    float value = 0;
    expected.for_each_value([&](float &v) { v = value += 0.25f; });
    got.copy_from(expected);
    CHECK(output_difference(got, expected).error() == "");
    got(1, 2, 1) += 1e-6f;
    CHECK(output_difference(got, expected).error() == "");
    got(1, 2, 1) += 0.1f;
    CHECK(output_difference(got, expected).error().find("it computes something else") == 0);
    got(1, 2, 1) = std::numeric_limits<float>::quiet_NaN();
    CHECK(output_difference(got, expected).error() != "");
}
