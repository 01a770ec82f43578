#include "base/table.h"

#include <cmath>

#include "tests/catch.h"

using namespace slimscale::base;

namespace {

Table scores() {
    Table table;
    table.columns = {
        {"Image"}, {"PSNR", true, 2, Column::Best::highest}, {"ms", true, 1, Column::Best::lowest}, {"n", true, 0}};
    table.rows = {{"baby", 37.701, 3.04, 1.0}, {"bird", 37.704, std::nan(""), 2.0}, {"head", 30.0, 2.96}};
    return table;
}

// The cells of one column, with the best in asterisks.
std::vector<std::string> column(const Table &table, size_t index) {
    std::vector<std::string> cells;
    for (const std::vector<Shown> &row : shown(table))
        cells.push_back(row.at(index).best ? "*" + row[index].text + "*" : row[index].text);
    return cells;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Numbers have their column's decimals, missing ones are a dash, and all that look best are") {
    CHECK(column(scores(), 0) == Texts{"baby", "bird", "head"});
    CHECK(column(scores(), 1) == Texts{"*37.70*", "*37.70*", "30.00"});
    CHECK(column(scores(), 2) == Texts{"*3.0*", "\u2013", "*3.0*"});
    CHECK(column(scores(), 3) == Texts{"1", "2", ""});  // the last row has no cell there
}

TEST_CASE("A column without numbers has no best, an empty table no rows") {
    const Table table{"", {{"a", true, 2, Column::Best::highest}}, {{std::nan("")}, {"text"}, {}}};
    CHECK(column(table, 0) == Texts{"\u2013", "text", ""});
    CHECK(shown({}).empty());
}

TEST_CASE("Markdown lines up as plain text, numbers to the right") {
    CHECK(to_markdown(scores()) == "| Image |      PSNR |      ms | n |\n"
                                   "|-------|----------:|--------:|--:|\n"
                                   "| baby  | **37.70** | **3.0** | 1 |\n"
                                   "| bird  | **37.70** |       \u2013 | 2 |\n"
                                   "| head  |     30.00 | **3.0** |   |\n");
}

TEST_CASE("No text becomes markup in Markdown") {
    const Table table{"", {{"a|b"}}, {{"`c`\n<x>[y]*\\"}, {std::string("d\0e", 3)}}};
    CHECK(to_markdown(table) == "| a\\|b               |\n"
                                "|--------------------|\n"
                                "| \\`c\\`?\\<x>\\[y]\\*\\\\ |\n"
                                "| d?e                |\n");
}
