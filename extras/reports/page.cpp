#include "extras/reports/page.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <string_view>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "extras/reports/html.h"
#include "extras/reports/template.h"

namespace slimscale::reports {
namespace {

using base::decimal;

struct PixelSize {
    uint32_t width = 0, height = 0;  // 0 by 0: not a PNG
};

// Reads the size from the header: signature, the first chunk's length and name, width, height.
PixelSize png_size(const std::vector<uint8_t> &png) {
    constexpr uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    constexpr size_t kWidthAt = 16, kHeightAt = 20, kHeaderBytes = 24;
    if (png.size() < kHeaderBytes || std::memcmp(png.data(), kSignature, sizeof kSignature) != 0)
        return {};
    const auto big_endian = [&png](size_t i) {
        return uint32_t{png[i]} << 24 | uint32_t{png[i + 1]} << 16 | uint32_t{png[i + 2]} << 8 | png[i + 3];
    };
    return {big_endian(kWidthAt), big_endian(kHeightAt)};
}

std::string header_row(const base::Table &table) {
    std::string row;
    for (const base::Column &column : table.columns)
        row += element("th", {{"scope", "col"}, {"class", column.numeric ? "number" : ""}}, escaped(column.title));
    return element("thead", {}, element("tr", {}, row));
}

std::string body_rows(const base::Table &table) {
    std::string rows;
    for (const std::vector<base::Shown> &cells : shown(table)) {
        std::string row;
        for (size_t i = 0; i < cells.size(); i++) {
            const bool numeric = table.columns[i].numeric, heads = i == 0 && !numeric;  // what a row is about
            const std::string text = escaped(cells[i].text);
            row += element(heads ? "th" : "td", {{"scope", heads ? "row" : ""}, {"class", numeric ? "number" : ""}},
                           cells[i].best ? element("b", {}, text) : text);
        }
        rows += element("tr", {}, row) + "\n";
    }
    return element("tbody", {}, rows);
}

std::string table_markup(const base::Table &table) {
    const std::string title = table.title.empty() ? "" : element("h3", {}, escaped(table.title)) + "\n";
    const std::string content = element("table", {}, header_row(table) + body_rows(table));
    return title + element("div", {{"class", "scroll"}}, content) + "\n";
}

// An element that charts.js draws chart `index` into, and the values for readers without JavaScript.
std::string chart_figure(const Chart &chart, size_t index) {
    std::string caption = element("b", {}, escaped(chart.title));
    if (!chart.description.empty())
        caption += " " + element("span", {}, escaped(chart.description));
    std::string content = element("figcaption", {}, caption);
    if (has_points(chart))
        content += element("div", {{"class", "canvas"}, {"data-chart", std::to_string(index)}}, "") +
                   element("details", {{"open", "open"}},
                           element("summary", {}, "Values") + table_markup(values_table(chart)));
    else
        content += element("p", {{"class", "empty"}}, "no values yet");
    return element("figure", {{"class", "plot"}}, content) + "\n";
}

std::string picture_figure(const Picture &picture, const PictureRow &row) {
    const PixelSize size = png_size(picture.png);
    const auto zoomed = [&row](uint32_t length) { return decimal(std::round(length * row.zoom), 0); };
    std::string image = element("p", {}, "(no PNG)");
    if (size.width != 0)
        image = leaf("img", {{"src", "data:image/png;base64," + base64(picture.png)},
                             {"alt", picture.caption.empty() ? "picture" : picture.caption},
                             {"width", zoomed(size.width)},
                             {"height", zoomed(size.height)},
                             {"class", row.pixelated ? "pixelated" : ""}});
    const std::string width = size.width != 0 ? "width:" + zoomed(size.width) + "px" : "";
    return element("figure", {{"style", width}}, image + element("figcaption", {}, escaped(picture.caption))) + "\n";
}

std::string side_figure(const Comparison &comparison, const Comparison::Side &side, const char *name) {
    const bool jpeg = side.file.size() > 1 && side.file[0] == 0xff && side.file[1] == 0xd8;
    const std::string image =
        leaf("img", {{"src", (jpeg ? "data:image/jpeg;base64," : "data:image/png;base64,") + base64(side.file)},
                     {"alt", side.label},
                     {"width", std::to_string(comparison.width)},
                     {"height", std::to_string(comparison.height)},
                     {"class", comparison.zoom > 1 ? "pixelated" : ""}});
    return element("figure", {{"class", name}}, element("figcaption", {}, escaped(side.label)) + image) + "\n";
}

std::vector<uint8_t> bytes_of(std::string_view hexadecimal) {
    std::vector<uint8_t> bytes(hexadecimal.size() / 2);
    for (size_t i = 0; i < bytes.size(); i++)
        std::from_chars(&hexadecimal[2 * i], &hexadecimal[2 * i] + 2, bytes[i], 16);
    return bytes;
}

// Replaces names in double braces by their values. Braces inside of values are not replaced.
std::string filled(std::string_view text, const std::map<std::string, std::string, std::less<>> &values) {
    std::string result;
    for (size_t at; (at = text.find("{{")) != std::string_view::npos;) {
        const std::string_view name = text.substr(at + 2, text.find("}}", at) - at - 2);
        const auto value = values.find(name);
        result += text.substr(0, at);
        result += value == values.end() ? "{{" : value->second;
        text.remove_prefix(at + 2 + (value == values.end() ? 0 : name.size() + 2));
    }
    return result + std::string(text);
}

}  // namespace

Page::Page(std::string title) : title_(std::move(title)) {}

Page &Page::refresh_every(int seconds) {
    refresh_seconds_ = seconds;
    return *this;
}

Page &Page::subtitle(const std::string &text) {
    body_ += element("p", {{"class", "subtitle"}}, escaped(text)) + "\n";
    return *this;
}

Page &Page::heading(const std::string &text) {
    body_ += element("h2", {}, escaped(text)) + "\n";
    return *this;
}

Page &Page::paragraph(const std::string &text) {
    body_ += element("p", {}, escaped(text)) + "\n";
    return *this;
}

Page &Page::facts(const std::vector<Fact> &facts) {
    std::string content;
    for (const Fact &fact : facts)
        content += element("div", {}, element("dt", {}, escaped(fact.name)) + element("dd", {}, escaped(fact.value)));
    body_ += element("dl", {{"class", "facts"}}, content) + "\n";
    return *this;
}

Page &Page::progress(double share, const std::string &text) {
    const double shown = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
    body_ += element("progress", {{"value", decimal(shown, 4)}, {"aria-label", text}}, "") + "\n";
    return *this;
}

Page &Page::table(const base::Table &table) {
    body_ += table_markup(table);
    return *this;
}

Page &Page::chart(const Chart &chart) {
    body_ += chart_figure(chart, chart_count_);
    charts_ += (chart_count_++ > 0 ? ",\n" : "\n") + to_json(chart);
    return *this;
}

Page &Page::charts(const std::vector<Chart> &charts) {
    body_ += "<div class=\"plots\">\n";
    for (const Chart &one : charts)
        chart(one);
    body_ += "</div>\n";
    return *this;
}

Page &Page::pictures(const PictureRow &row) {
    if (!row.title.empty())
        body_ += element("h3", {}, escaped(row.title)) + "\n";
    std::string content;
    for (const Picture &picture : row.pictures)
        content += picture_figure(picture, row);
    body_ += element("div", {{"class", "pictures"}}, content) + "\n";
    return *this;
}

Page &Page::comparison(const Comparison &comparison) {
    if (!comparison.title.empty())
        body_ += element("h3", {}, escaped(comparison.title)) + "\n";
    const std::string width = "--width:" + decimal(comparison.width * comparison.zoom, 0) + "px";
    const std::string stage = element("div", {{"class", "stage"}},
                                      side_figure(comparison, comparison.before, "before") +
                                          side_figure(comparison, comparison.after, "after"));
    body_ += element("figure", {{"class", "compare"}, {"style", width}},
                     stage + element("figcaption", {}, escaped(comparison.caption))) +
             "\n";
    return *this;
}

Page &Page::raw_text(const std::string &summary, const std::string &text) {
    // HTML parsers drop one newline right after <pre>, which is then this one and not the text's own.
    const std::string content = element("summary", {}, escaped(summary)) + element("pre", {}, "\n" + escaped(text));
    body_ += element("details", {}, content) + "\n";
    return *this;
}

std::string Page::html() const {
    const std::string seconds = std::to_string(refresh_seconds_);
    const std::string refresh = leaf("meta", {{"http-equiv", "refresh"}, {"content", seconds}}) + "\n";
    return filled(kPageTemplate, {{"title", escaped(title_)},
                                  {"refresh", refresh_seconds_ > 0 ? refresh : ""},
                                  {"script hash", base64(bytes_of(kScriptSha256))},
                                  {"body", body_},
                                  {"charts", "[" + charts_ + "]"}});
}

Status save_page(const std::string &path, const std::string &html) {
    return base::write_file(path, html);
}

}  // namespace slimscale::reports
