// slimscale_tune as a user runs it, on a block that compiles fast.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <sys/wait.h>

#include "schedules/tables.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;

namespace {

int run(const std::string &command, const std::string &out) {
    const int status = std::system((command + " >" + out + " 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string text_of(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string tune(const Scratch &scratch) {
    return SLIMSCALE_TUNE " --targets baseline --minutes 0 --threads 1 --width 16 --height 8 --cache " +
           (scratch / "cache") + " --out " + (scratch / "table.txt");
}

}  // namespace

TEST_CASE("the tuner writes a table that the generator takes") {
    const Scratch scratch;
    const std::string table = scratch / "table.txt", log = scratch / "log";
    std::ofstream(table) << "baseline head_3_24 lanes=4 vectors=1 pixels=2\n";
    REQUIRE(run(tune(scratch) + " --blocks head_3_8,tail_8_1 --machine 'a test'", log) == 0);
    CHECK(text_of(log).find("baseline head_3_8") != std::string::npos);
    const Result<schedules::Table> parsed = schedules::parse_table(text_of(table));
    REQUIRE(parsed.error() == "");
    const schedules::Table &rows = *parsed;
    CHECK(rows.header.find("a test") != std::string::npos);
    REQUIRE(rows.rows.size() == 3);
    CHECK(rows.rows[0].pipeline == "head_3_24");  // what was not searched stays
    CHECK(rows.rows[0].blocking.pixels == 2);
    CHECK(rows.rows[1].pipeline == "head_3_8");
    CHECK(rows.rows[2].pipeline == "tail_8_1");

    const std::string inspect = SLIMSCALE_GENERATE " inspect head_3_24 --target baseline --out " + scratch.folder();
    const std::string object = scratch / "slimscale_head_3_24_f32_baseline.o";
    REQUIRE(run(inspect, log) == 0);
    const std::string by_default = text_of(object);
    REQUIRE(run(inspect + " --schedules " + table, log) == 0);
    CHECK(text_of(object) != by_default);
    CHECK(run("SLIMSCALE_SCHEDULES=" + table + " " + inspect, log) == 0);
}

TEST_CASE("targets of other data types are tuned by the target whose blockings they have") {
    const Scratch scratch;
    const std::string log = scratch / "log";
    for (const auto &[name, tuned] :
         {std::pair{"avx512_q16", "avx512"}, {"avx2_q16", "avx2"}, {"amx_bf16", "avx512"}}) {
        REQUIRE(run(SLIMSCALE_TUNE " --minutes 0 --blocks head_3_8 --targets " + std::string(name), log) == 1);
        CHECK(text_of(log).find(std::string(name) + " has the blockings of " + tuned + ": tune that one") !=
              std::string::npos);
    }
    REQUIRE(run(SLIMSCALE_TUNE " --minutes 0 --blocks head_3_8 --targets avx3", log) == 1);
    CHECK(text_of(log).find("avx3 does not run on this processor") != std::string::npos);
}

TEST_CASE("a table with a bad row is refused by generator and tuner") {
    const Scratch scratch;
    const std::string table = scratch / "table.txt", log = scratch / "log";
    std::ofstream(table) << "avx2 head_3_24 lanes=8 vectors=7 pixels=2\n";
    CHECK(run(tune(scratch) + " --blocks head_3_8", log) != 0);
    CHECK(text_of(log).find("line 1: vectors is '7'") != std::string::npos);
    CHECK(run(SLIMSCALE_GENERATE " inspect head_3_24 --out " + scratch.folder() + " --schedules " + table, log) != 0);
    CHECK(text_of(log).find("line 1: vectors is '7'") != std::string::npos);
    const std::string unknown = SLIMSCALE_TUNE " --minutes 0 --blocks head_3_8 --out " + (scratch / "x");
    for (const char *option : {" --targets avx3", " --tiers avx3"}) {  // the second is the option's earlier name
        CHECK(run(unknown + option, log) != 0);
        CHECK(text_of(log).find("avx3") != std::string::npos);
    }
    CHECK(run(tune(scratch) + " --blocks squeeze_excite_64_4", log) != 0);
    CHECK(text_of(log).find("squeeze_excite_64_4 has no blocking") != std::string::npos);
}
