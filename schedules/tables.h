// Measured blockings: a row per pipeline and ISA. Tables are text, so that a user's own needs no compiler:
//
//     # what follows is a comment
//     avx512 conv3x3_64_64 lanes=16 vectors=2 tiles=8 strip=16 unroll=4 order=tiles
//
// A pipeline that adds ("conv3x3_add_64_64") is blocked like the one that does not.
#pragma once

#include <string>
#include <vector>

#include "Halide.h"
#include "base/status.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

struct Row {
    std::string isa, pipeline;
    Blocking blocking;
};

struct Table {
    std::string header;  // comment lines before the first row: machine, date, command
    std::vector<Row> rows;
};

// Every row is checked against what its schedule can do on its ISA. The error has the line's number.
Result<Table> parse_table(const std::string &text);
std::string text_of(const Table &table);

// What this program was built with: schedules/tables/*.txt.
const Table &builtin_table();

// The built-in table, with the rows of a file in place of its own. The error names the file.
Result<Table> read_table(const std::string &path);

// Replaces the row of the same ISA and pipeline, or appends.
void set_row(Table &table, const Row &row);

struct Choice {
    Blocking blocking;
    std::string row;  // the pipeline whose row was taken; "": the rule's blocking
};

// Takes the pipeline's own row; else the row of the nearest channel counts among pipelines of its block and taps, if that is legal for
// it; else the rule.
Choice choose(const Table &table, const Work &work, const Halide::Target &target);

}  // namespace slimscale::schedules
