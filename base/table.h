// A table of texts and numbers. It is written as Markdown here and as HTML by extras/reports/page.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace slimscale::base {

struct Column {
    enum class Best { none, highest, lowest };  // what stands in bold: the best as shown, ties included

    std::string title;
    bool numeric = false;  // right aligned
    int decimals = 2;      // of the cells that are numbers
    Best best = Best::none;
};

// A text, or a number that its column formats; NaN and infinity are a dash.
struct Cell {
    Cell(std::string content) : text(std::move(content)) {}
    Cell(const char *content) : text(content) {}
    Cell(double number) : value(number), is_number(true) {}

    std::string text;
    double value = 0;
    bool is_number = false;
};

struct Table {
    std::string title;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;  // each has at most as many cells as there are columns; missing ones are empty
};

// One cell as a reader sees it.
struct Shown {
    std::string text;
    bool best = false;  // the best number of its column
};

// By row and column; every row has a cell for each column.
std::vector<std::vector<Shown>> shown(const Table &table);

// The table without its title. Columns line up as plain text, too; no text of a cell can become markup or break a line.
std::string to_markdown(const Table &table);

// `text` on one line of Markdown, with no markup of its own.
std::string markdown_text(const std::string &text);

}  // namespace slimscale::base
