#include "bench/widths/rounds.h"

#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::bench;

namespace {

// A subject whose frames take `ms` and append its name to `log`.
Subject subject(char name, double ms, std::string &log) {
    return {[=, &log](double &took) {
                log += name;
                took = ms;
                return Status();
            },
            {},
            {}};
}

}  // namespace

TEST_CASE("Subjects take turns, and each round begins with another") {
    std::string log;
    std::vector<Subject> subjects{subject('a', 100, log), subject('b', 100, log), subject('c', 100, log)};
    time_in_turns(subjects, {/*seconds=*/0, /*least=*/3, {}});
    CHECK(log == "aabbcc"
                 "bbccaa"
                 "ccaabb");  // one frame warms up, one is timed
    for (const Subject &each : subjects)
        CHECK(each.ms == std::vector<double>(3, 100));
}

TEST_CASE("A turn lasts 50 ms of timed frames") {
    std::string log;
    std::vector<Subject> subjects{subject('a', 20, log)};
    time_in_turns(subjects, {0, 1, {}});
    CHECK(subjects[0].ms.size() == 3);
    CHECK(log.size() == 4);
}

TEST_CASE("Long frames warm up once only") {
    std::string log;
    std::vector<Subject> subjects{subject('a', 300, log)};
    time_in_turns(subjects, {0, 3, {}});
    CHECK(subjects[0].ms.size() == 3);
    CHECK(log.size() == 4);
}

TEST_CASE("Rounds go on until the time is spent") {
    std::string log;
    int rounds = 0;
    std::vector<Subject> subjects{subject('a', 100, log)};
    time_in_turns(subjects, {/*seconds=*/1.9, /*least=*/1, [&](int round) { rounds = round + 1; }});
    CHECK(rounds == 10);  // of 200 ms each
}

TEST_CASE("A subject that fails is left out of later rounds") {
    std::string log;
    std::vector<Subject> subjects{subject('a', 60, log), subject('b', 60, log)};
    subjects[0].frame = [&](double &) { return Error{"out of memory"}; };
    time_in_turns(subjects, {0, 3, {}});
    CHECK(subjects[0].status.error() == "out of memory");
    CHECK(subjects[0].ms.empty());
    CHECK(subjects[1].ms.size() == 3);
}

TEST_CASE("The rounds end when no subject is left") {
    std::vector<Subject> subjects{{[](double &) { return Error{"broken"}; }, {}, {}}}, none;
    time_in_turns(subjects, {/*seconds=*/1000, /*least=*/5, {}});
    time_in_turns(none, {1000, 5, {}});
    CHECK(subjects[0].status.error() == "broken");
}
