#include "schedules/tables.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

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

// "" or what is wrong with one row.
std::string parse_row(const std::string &line, const Table &before, Row &row) {
    std::istringstream words(line);
    std::string parameters;
    words >> row.isa >> row.pipeline;
    std::getline(words, parameters);
    const Isa *isa = find_isa(row.isa);
    if (isa == nullptr)
        return "'" + row.isa + "' is no ISA: use " + isa_names();
    Work work;
    if (!parse_work(row.pipeline, work))
        return "'" + row.pipeline + "' is no pipeline that has parameters: use conv3x3, conv1x1, head, tail or tail4";
    if (name_of(work).view() != row.pipeline)
        return row.pipeline + " goes by the row of " + name_of(work).str() + ": name that";
    if (find_row(before, row.isa, row.pipeline) != nullptr)
        return row.pipeline + " has a row for " + row.isa + " already";
    const std::string error = parse_blocking(parameters, work.block, row.blocking);
    return error.empty() ? blocking_error(row.blocking, work, *isa) : error;
}

Table make_builtin_table() {
    Table all;
    for (const char *text : kBuiltinTables) {
        Table table;
        parse_table(text, table);  // a test holds the shipped ones to have no error
        all.header += table.header;
        all.rows.insert(all.rows.end(), table.rows.begin(), table.rows.end());
    }
    return all;
}

// Doublings between two works of one kind.
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

std::string parse_table(const std::string &text, Table &table) {
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
        Row row;
        if (const std::string error = parse_row(line, parsed, row); !error.empty())
            return "line " + std::to_string(number) + ": " + error;
        parsed.rows.push_back(row);
    }
    table = std::move(parsed);
    return "";
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

std::string read_table(const std::string &path, Table &table) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file)
        return path + " cannot be read: name a table of schedules that `make tune` wrote";
    Table own;
    if (const std::string error = parse_table(text.str(), own); !error.empty())
        return path + ", " + error;
    table = builtin_table();
    for (const Row &row : own.rows)
        set_row(table, row);
    return "";
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
    if (nearest != nullptr && blocking_error(nearest->blocking, work, isa).empty())
        return {nearest->blocking, nearest->pipeline};
    return {ruled_blocking(work, target), ""};
}

}  // namespace slimscale::schedules
