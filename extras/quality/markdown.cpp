#include "extras/quality/markdown.h"

#include <algorithm>

namespace slimscale::quality {
namespace {

// File names may hold anything: no markup and no line break of theirs may reach the text.
std::string plain(const std::string &text) {
    std::string escaped;
    for (char c : text) {
        if (std::string("\\|`*<[").find(c) != std::string::npos)
            escaped += '\\';
        escaped += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return escaped;
}

// UTF-8's characters; continuation bytes are none.
size_t characters(const std::string &text) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts));
}

std::string padded(const std::string &cell, size_t width, bool left) {
    const std::string space(width - std::min(width, characters(cell)), ' ');
    return left ? cell + space : space + cell;
}

std::string line(const std::vector<std::string> &cells, const std::vector<size_t> &widths, size_t text_columns) {
    std::string text = "|";
    for (size_t i = 0; i < cells.size(); i++)
        text += " " + padded(cells[i], widths[i], i < text_columns) + " |";
    return text + "\n";
}

std::string rule(const std::vector<size_t> &widths, size_t text_columns) {
    std::string text = "|";
    for (size_t i = 0; i < widths.size(); i++)
        text += std::string(widths[i] + 1, '-') + (i < text_columns ? "-|" : ":|");
    return text + "\n";
}

}  // namespace

std::string to_markdown(const Table &table) {
    std::vector<std::vector<std::string>> lines{table.header};
    lines.insert(lines.end(), table.rows.begin(), table.rows.end());
    std::vector<size_t> widths(table.header.size());
    for (std::vector<std::string> &cells : lines)
        for (size_t i = 0; i < cells.size(); i++) {
            cells[i] = plain(cells[i]);
            widths[i] = std::max(widths[i], characters(cells[i]));
        }
    std::string text = line(lines[0], widths, table.text_columns) + rule(widths, table.text_columns);
    for (size_t i = 1; i < lines.size(); i++)
        text += line(lines[i], widths, table.text_columns);
    return text;
}

std::string to_markdown(const Evaluation &evaluation) {
    std::string text = "# " + plain(title(evaluation)) + "\n\n" + method(evaluation) + "\n";
    if (!evaluation.images.empty()) {
        text += "\n" + to_markdown(means_table(evaluation));
        for (const Table &table : image_tables(evaluation))
            text += "\n## " + table.title + "\n\n" + to_markdown(table);
    }
    for (const std::string &warning : evaluation.warnings)
        text += "\nNote: " + plain(warning) + "\n";
    if (!evaluation.left_out.empty())
        text += "\n## Left out\n\n";
    for (const LeftOut &left_out : evaluation.left_out)
        text += "- " + plain(left_out.image) + ": " + plain(left_out.sentence) + "\n";
    return text;
}

}  // namespace slimscale::quality
