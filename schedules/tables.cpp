#include "schedules/tables.h"

#include <cmath>
#include <limits>
#include <sstream>

#include "base/files.h"
#include "schedules/builtin_tables.h"
#include "schedules/parameters.h"
#include "schedules/target_facts.h"

namespace slimscale::schedules {

using Halide::Target;

namespace {

const Row *find_row(const Table &table, std::string_view isa, std::string_view pipeline) {
    for (const Row &row : table.rows)
        if (row.isa == isa && row.pipeline == pipeline)
            return &row;
    return nullptr;
}

Result<Row> parse_row(const std::string &line, const Table &before) {
    Row row;
    std::istringstream words(line);
    std::string parameters;
    words >> row.isa >> row.pipeline;
    std::getline(words, parameters);
    const Isa *isa = find_isa(row.isa);
    if (isa == nullptr)
        return Error{"'" + row.isa + "' is no ISA: use " + isa_names()};
    Work work;
    if (!parse_work(row.pipeline, work))
        return Error{"'" + row.pipeline +
                     "' is no pipeline that has parameters: use conv3x3, conv1x1, head, tail or tail4"};
    if (name_of(work).view() != row.pipeline)
        return Error{row.pipeline + " takes the row of " + name_of(work).str() + ": name that pipeline"};
    if (find_row(before, row.isa, row.pipeline) != nullptr)
        return Error{row.pipeline + " has a row for " + row.isa + " already"};
    SLIMSCALE_ASSIGN_OR_RETURN(row.blocking, parse_blocking(parameters, work.block));
    SLIMSCALE_RETURN_IF_ERROR(check_blocking(row.blocking, work, *isa));
    return row;
}

Table make_builtin_table() {
    Table all;
    for (const char *text : kBuiltinTables) {
        const Result<Table> table = parse_table(text);
        if (!table)  // a test checks that the shipped tables have no error
            continue;
        all.header += table->header;
        all.rows.insert(all.rows.end(), table->rows.begin(), table->rows.end());
    }
    return all;
}

// How many times the numbers of channels and segments double, or halve, from one to the other.
double distance(const Work &a, const Work &b) {
    const auto doublings = [](int m, int n) { return std::abs(std::log2(static_cast<double>(m) / n)); };
    return doublings(a.in, b.in) + doublings(a.out, b.out) +
           doublings(a.segments, b.segments);
}

const Row *nearest_row(const Table &table, std::string_view isa, const Work &work) {
    const Row *nearest = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const Row &row : table.rows) {
        Work other;
        if (row.isa != isa || !parse_work(row.pipeline, other) || other.block != work.block || other.taps != work.taps)
            continue;
        if (const double far = distance(work, other); far < least) {
            least = far;
            nearest = &row;
        }
    }
    return nearest;
}

}  // namespace

Result<Table> parse_table(const std::string &text) {
    Table parsed;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        number++;
        const size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string::npos)
            continue;
        if (line[begin] == '#') {
            parsed.header += parsed.rows.empty() ? line + "\n" : "";
            continue;
        }
        SLIMSCALE_ASSIGN_OR_RETURN(Row row, parse_row(line, parsed), "line " + std::to_string(number) + ": ");
        parsed.rows.push_back(std::move(row));
    }
    return parsed;
}

std::string text_of(const Table &table) {
    std::string text = table.header;
    for (const Row &row : table.rows) {
        Work work;
        parse_work(row.pipeline, work);
        text += row.isa + " " + row.pipeline + " " + text_of(row.blocking, work.block) + "\n";
    }
    return text;
}

const Table &builtin_table() {
    static const Table table = make_builtin_table();
    return table;
}

Result<Table> read_table(const std::string &path) {
    const Result<std::string> text = base::read_text(path);
    if (!text)
        return Error{text.error() + "; name a table of schedules that `make tune` wrote"};
    SLIMSCALE_ASSIGN_OR_RETURN(const Table own, parse_table(*text), path + ", ");
    Table table = builtin_table();
    for (const Row &row : own.rows)
        set_row(table, row);
    return table;
}

void set_row(Table &table, const Row &row) {
    for (Row &old : table.rows) {
        if (old.isa == row.isa && old.pipeline == row.pipeline) {
            old = row;
            return;
        }
    }
    table.rows.push_back(row);
}

Choice choose(const Table &table, const Work &work, const Target &target) {
    const Isa &isa = isa_of(target);
    if (const Row *own = find_row(table, isa.name, name_of(work).view()))
        return {own->blocking, own->pipeline};
    const Row *nearest = nearest_row(table, isa.name, work);
    if (nearest != nullptr && check_blocking(nearest->blocking, work, isa))
        return {nearest->blocking, nearest->pipeline};
    return {ruled_blocking(work, target), ""};
}

}  // namespace slimscale::schedules
