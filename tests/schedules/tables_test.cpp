// Tables of blockings: how they are read, which row is taken, and the shipped tables.
#include "schedules/tables.h"

#include <fstream>
#include <sstream>

#include "schedules/parameters.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale::schedules;
using slimscale::Scratch;

namespace {

const Halide::Target kAvx2("x86-64-linux-sse41-avx-f16c-fma-avx2");
const std::string kTable = "# Measured on a machine\n"
                           "\n"
                           "avx2 conv3x3_16_16 lanes=8 vectors=2 tiles=4 strip=16 unroll=8 order=tiles\n"
                           "avx2 conv3x3_96_96 lanes=8 vectors=3 tiles=4 strip=32 unroll=2 order=groups\n"
                           "  # the other one\n"
                           "avx512 conv3x3_16_16 lanes=16 vectors=1 tiles=6 strip=24 unroll=4 order=tiles\n"
                           "avx2 head_3_64 pixels=2 vectors=4 lanes=8\n";

Table table_of(const std::string &text) {
    const slimscale::Result<Table> table = parse_table(text);
    REQUIRE(table.error() == "");
    return *table;
}

std::string error_of(const std::string &row) {
    return parse_table("# one row\n" + row + "\n").error();
}

// "row of <pipeline>: <text>", or "rule: <text>".
std::string chosen(const Table &table, const std::string &pipeline) {
    Work work;
    REQUIRE(parse_work(pipeline, work));
    const Choice choice = choose(table, work, kAvx2);
    return (choice.row.empty() ? "rule" : "row of " + choice.row) + ": " + text_of(choice.blocking, work.block);
}

std::string by_rule(const std::string &pipeline) {
    return chosen(Table{}, pipeline);
}

}  // namespace

TEST_CASE("a table keeps its rows and its header") {
    const Table table = table_of(kTable);
    CHECK(table.header == "# Measured on a machine\n");
    REQUIRE(table.rows.size() == 4);
    CHECK(table.rows[1].isa == "avx2");
    CHECK(table.rows[1].pipeline == "conv3x3_96_96");
    CHECK(table.rows[1].blocking.order == kGroupsOutside);
    CHECK(table.rows[3].blocking.pixels == 2);
    CHECK(text_of(table_of(text_of(table))) == text_of(table));
    CHECK(table_of("").rows.empty());
}

TEST_CASE("bad rows are refused by their line") {
    const std::string good = " lanes=8 vectors=1 tiles=4 strip=16 unroll=4 order=tiles";
    CHECK(error_of("avx2 conv3x3_64_64" + good) == "");
    CHECK(error_of("sse9 conv3x3_64_64" + good) == "line 2: 'sse9' is no ISA: use avx512, avx2, baseline or neon");
    CHECK(error_of("avx2 squeeze_excite_64_4" + good)
              .find("line 2: 'squeeze_excite_64_4' is no pipeline that has parameters") == 0);
    CHECK(error_of("avx2 conv3x3_add_64_64" + good) ==
          "line 2: conv3x3_add_64_64 takes the row of conv3x3_64_64: name that pipeline");
    CHECK(error_of("avx2 conv3x3_64_64" + good + " colour=1") == "line 2: 'colour=1' is no parameter of conv3x3");
    CHECK(error_of("avx2 conv3x3_64_64" + good + "\navx2 conv3x3_64_64" + good) ==
          "line 3: conv3x3_64_64 has a row for avx2 already");
    CHECK(error_of("avx2 conv3x3_64_64 lanes=8 vectors=1 tiles=9 strip=16 unroll=4 order=tiles") ==
          "line 2: tiles is '9': use 1, 2, 3, 4, 6, 8");
    CHECK(error_of("baseline conv3x3_64_64" + good) == "line 2: 8 lanes are more than a vector of baseline has");
    CHECK(error_of("avx2") != "");
}

TEST_CASE("the own row counts, then the nearest legal one, then the rule") {
    const Table table = table_of(kTable);
    CHECK(chosen(table, "conv3x3_16_16") ==
          "row of conv3x3_16_16: lanes=8 vectors=2 tiles=4 strip=16 unroll=8 order=tiles");
    CHECK(chosen(table, "conv3x3_add_16_16") == chosen(table, "conv3x3_16_16"));
    CHECK(chosen(table, "conv3x3_32_32") ==
          "row of conv3x3_16_16: lanes=8 vectors=2 tiles=4 strip=16 unroll=8 order=tiles");
    CHECK(chosen(table, "conv3x3_72_72") ==
          "row of conv3x3_96_96: lanes=8 vectors=3 tiles=4 strip=32 unroll=2 order=groups");
    CHECK(chosen(table, "conv3x3_128_128") == by_rule("conv3x3_128_128"));  // 96's groups of 24 do not divide 128
    CHECK(chosen(table, "conv3x3_24_24") == by_rule("conv3x3_24_24"));      // nor do 16's groups of 16 divide 24
    CHECK(chosen(table, "conv1x1_16_16_n2") == by_rule("conv1x1_16_16_n2"));
    CHECK(chosen(table, "tail_64_3") == by_rule("tail_64_3"));
    CHECK(chosen(table, "head_1_64") == "row of head_3_64: lanes=8 vectors=4 pixels=2");
}

TEST_CASE("rows of a file replace the built-in ones") {
    const Scratch scratch;
    const std::string path = scratch / "own.txt";
    std::ofstream(path) << kTable;
    const slimscale::Result<Table> table = read_table(path);
    REQUIRE(table.error() == "");
    CHECK(chosen(*table, "conv3x3_96_96").find("row of conv3x3_96_96: lanes=8 vectors=3 tiles=4 strip=32") == 0);
    CHECK(table->rows.size() >= builtin_table().rows.size());
    std::ofstream(path) << "avx2 conv3x3_96_96";
    CHECK(read_table(path).error() == path + ", line 1: lanes is missing: use 4, 8, 16");
    const std::string missing = read_table(scratch / "none.txt").error();
    CHECK(missing.find(scratch / "none.txt") == 0);
    CHECK(missing.find("`make tune`") != std::string::npos);
}

TEST_CASE("the shipped tables are whole, and of a named machine") {
    size_t rows = 0;
    for (const std::string isa : {"avx512", "avx2"}) {
        std::ifstream file(SLIMSCALE_SOURCE_DIR "/schedules/tables/" + isa + ".txt");
        std::ostringstream text;
        text << file.rdbuf();
        const Table table = table_of(text.str());
        CHECK(table.header.find("searched on ") != std::string::npos);
        CHECK_FALSE(table.rows.empty());
        for (const Row &row : table.rows)
            CHECK(row.isa == isa);
        rows += table.rows.size();
    }
    CHECK(builtin_table().rows.size() == rows);
}
