#include <cstdlib>
#include <map>
#include <string>

#include "tests/catch.h"
#include "tests/trainer/training_folder.h"
#include "trainer/distributed/place.h"

using namespace slimscale;
using trainer::Place;
using trainer::place_from_environment;
using trainer_tests::contains;

namespace {

// Sets these variables, and no others of a launcher, until the end of the test.
class Environment {
public:
    explicit Environment(const std::map<std::string, std::string> &variables) {
        clear();
        for (const auto &[name, value] : variables)
            setenv(name.c_str(), value.c_str(), 1);
    }
    ~Environment() { clear(); }
    Environment(const Environment &) = delete;
    Environment &operator=(const Environment &) = delete;

private:
    static void clear() {
        for (const char *name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT",
                                 "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT"})
            unsetenv(name);
    }
};

const std::map<std::string, std::string> kOfTwo{
    {"RANK", "0"},
    {"WORLD_SIZE", "2"},
    {"MASTER_ADDR", "localhost"},
    {"MASTER_PORT", "29500"},
};

std::string fault(const std::map<std::string, std::string> &variables) {
    const Environment environment(variables);
    return place_from_environment().error();
}

}  // namespace

TEST_CASE("without RANK and WORLD_SIZE there is one process") {
    const Environment environment({{"MASTER_ADDR", "10.0.0.1"}, {"LOCAL_RANK", "3"}});
    const Result<Place> place = place_from_environment();
    REQUIRE(place);
    CHECK(place->rank == 0);
    CHECK(place->size == 1);
    CHECK(place->local_rank == 0);
}

TEST_CASE("one process of one needs no address") {
    const Environment environment({{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"LOCAL_RANK", "2"}});
    const Result<Place> place = place_from_environment();
    REQUIRE(place);
    CHECK(place->size == 1);
    CHECK(place->local_rank == 2);
}

TEST_CASE("a launcher's variables are read") {
    std::map<std::string, std::string> variables = kOfTwo;
    variables["RANK"] = variables["LOCAL_RANK"] = "1";
    variables["WORLD_SIZE"] = "4";
    variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
    variables["TORCHELASTIC_RESTART_COUNT"] = "2";
    const Environment environment(variables);
    const Result<Place> place = place_from_environment();
    REQUIRE(place);
    CHECK(place->rank == 1);
    CHECK(place->size == 4);
    CHECK(place->local_rank == 1);
    CHECK(place->master == "localhost");
    CHECK(place->port == 29500);
    CHECK(place->store_is_kept);
    CHECK(place->attempt == 2);
}

TEST_CASE("a missing variable is named") {
    REQUIRE(fault(kOfTwo).empty());
    for (const auto &[name, value] : kOfTwo) {
        std::map<std::string, std::string> rest = kOfTwo;
        rest.erase(name);
        CHECK(contains(fault(rest), name + " is not set"));
        rest[name] = "";
        CHECK(contains(fault(rest), name + " is not set"));
    }
}

TEST_CASE("a variable that cannot be is named with what it must be") {
    const auto with = [&](const std::string &name, const std::string &value) {
        std::map<std::string, std::string> changed = kOfTwo;
        changed[name] = value;
        return fault(changed);
    };
    CHECK(contains(with("RANK", "2"), "RANK is \"2\"; it must be 0 to 1"));
    CHECK(contains(with("RANK", "-1"), "RANK"));
    CHECK(contains(with("RANK", "1x"), "RANK"));
    CHECK(contains(with("WORLD_SIZE", "0"), "WORLD_SIZE is \"0\"; it must be 1 or more"));
    CHECK(contains(with("MASTER_PORT", "70000"), "MASTER_PORT is \"70000\"; it must be 1 to 65535"));
    CHECK(contains(with("LOCAL_RANK", "first"), "LOCAL_RANK"));
}
