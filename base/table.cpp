#include "base/table.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/numbers.h"

namespace slimscale::base {
namespace {

// The text of the column's best number; "" if none is asked for or there is none.
std::string best_text(const Table &table, size_t index) {
    const Column &column = table.columns[index];
    const Cell *best = nullptr;
    for (const std::vector<Cell> &row : table.rows) {
        if (index >= row.size() || !row[index].is_number || !std::isfinite(row[index].value))
            continue;
        const bool better = !best || (column.best == Column::Best::highest ? row[index].value > best->value
                                                                           : row[index].value < best->value);
        if (better)
            best = &row[index];
    }
    return best && column.best != Column::Best::none ? decimal(best->value, column.decimals) : "";
}

// The number of characters in UTF-8, of which continuation bytes begin none.
size_t characters(const std::string &text) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts));
}

std::string line(const Table &table, const std::vector<std::string> &cells, const std::vector<size_t> &widths) {
    std::string text = "|";
    for (size_t i = 0; i < cells.size(); i++) {
        const std::string space(widths[i] - characters(cells[i]), ' ');
        text += " " + (table.columns[i].numeric ? space + cells[i] : cells[i] + space) + " |";
    }
    return text + "\n";
}

}  // namespace

std::vector<std::vector<Shown>> shown(const Table &table) {
    std::vector<std::vector<Shown>> rows(table.rows.size(), std::vector<Shown>(table.columns.size()));
    for (size_t i = 0; i < table.columns.size(); i++) {
        const std::string best = best_text(table, i);
        for (size_t r = 0; r < rows.size(); r++) {
            if (i >= table.rows[r].size())
                continue;
            const Cell &cell = table.rows[r][i];
            const std::string text = cell.is_number ? decimal(cell.value, table.columns[i].decimals) : cell.text;
            rows[r][i] = {text, cell.is_number && text == best};
        }
    }
    return rows;
}

std::string to_markdown(const Table &table) {
    std::vector<std::vector<std::string>> lines(1);
    for (const Column &column : table.columns)
        lines[0].push_back(markdown_text(column.title));
    for (const std::vector<Shown> &row : shown(table)) {
        std::vector<std::string> &cells = lines.emplace_back();
        for (const Shown &cell : row)
            cells.push_back(cell.best ? "**" + markdown_text(cell.text) + "**" : markdown_text(cell.text));
    }
    std::vector<size_t> widths(table.columns.size());
    for (const std::vector<std::string> &cells : lines)
        for (size_t i = 0; i < cells.size(); i++)
            widths[i] = std::max(widths[i], characters(cells[i]));
    std::string text = line(table, lines[0], widths) + "|";
    for (size_t i = 0; i < widths.size(); i++)
        text += std::string(widths[i] + 1, '-') + (table.columns[i].numeric ? ":|" : "-|");
    text += "\n";
    for (size_t i = 1; i < lines.size(); i++)
        text += line(table, lines[i], widths);
    return text;
}

std::string markdown_text(const std::string &text) {
    std::string escaped;
    for (const char c : text) {
        if (c != '\0' && std::strchr("\\|`*<[", c))
            escaped += '\\';
        escaped += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return escaped;
}

}  // namespace slimscale::base
