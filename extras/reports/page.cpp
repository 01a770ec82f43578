#include "extras/reports/page.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/file_io.h"
#include "base/numbers.h"
#include "extras/reports/html.h"
#include "extras/reports/style.h"

namespace slimscale::reports {
namespace {

using base::decimal;

// Each chart is drawn for the widths that it may be given; the style sheet shows the one that fits.
constexpr ChartSize kNarrow = {360, 270}, kHalf = {560, 300}, kFull = {1120, 340};

struct PixelSize {
    uint32_t width = 0, height = 0;  // 0 by 0: no PNG
};

// From the header: signature, the first chunk's length and name, width, height.
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

std::string chart_figure(const Chart &chart, bool full) {
    std::string caption = element("b", {}, escaped(chart.title));
    if (!chart.description.empty())
        caption += " " + element("span", {}, escaped(chart.description));
    std::string content = element("figcaption", {}, caption);
    content += element("div", {{"class", "narrow"}}, svg(chart, kNarrow));
    content += element("div", {{"class", "half"}}, svg(chart, kHalf));
    if (full)
        content += element("div", {{"class", "full"}}, svg(chart, kFull));
    return element("figure", {{"class", full ? "plot wide" : "plot"}}, content) + "\n";
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

}  // namespace

Page::Page(std::string title)
    : title_(std::move(title)) {
    body_ = element("h1", {}, escaped(title_)) + "\n";
}

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
    const double percent = std::isfinite(share) ? 100 * std::clamp(share, 0.0, 1.0) : 0;
    const std::string bar = element("span", {{"style", "width:" + decimal(percent, 2) + "%"}}, "");
    body_ += element("div", {{"class", "progress"}, {"role", "img"}, {"aria-label", text}}, bar) + "\n";
    return *this;
}

Page &Page::table(const base::Table &table) {
    const std::string caption = table.title.empty() ? "" : element("caption", {}, escaped(table.title));
    const std::string content = caption + header_row(table) + body_rows(table);
    body_ += element("div", {{"class", "scroll"}}, element("table", {}, content)) + "\n";
    return *this;
}

Page &Page::chart(const Chart &chart) {
    body_ += chart_figure(chart, /*full=*/true);
    return *this;
}

Page &Page::charts(const std::vector<Chart> &charts) {
    std::string content;
    for (const Chart &chart : charts)
        content += chart_figure(chart, /*full=*/false);
    body_ += element("div", {{"class", "plots"}}, content) + "\n";
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

Page &Page::raw_text(const std::string &summary, const std::string &text) {
    // The parser drops one newline right behind <pre>; this one, rather than the text's own.
    const std::string content = element("summary", {}, escaped(summary)) + element("pre", {}, "\n" + escaped(text));
    body_ += element("details", {}, content) + "\n";
    return *this;
}

std::string Page::html() const {
    std::string head = leaf("meta", {{"charset", "utf-8"}});
    head += leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    head += leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
    // Nothing is fetched, whatever a text contains.
    head += leaf("meta", {{"http-equiv", "Content-Security-Policy"},
                          {"content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"}});
    if (refresh_seconds_ > 0)
        head += leaf("meta", {{"http-equiv", "refresh"}, {"content", std::to_string(refresh_seconds_)}});
    head += element("title", {}, escaped(title_)) + "\n" + element("style", {}, kStyleSheet);
    return "<!DOCTYPE html>\n<html lang=\"en\">\n" + element("head", {}, head) + "\n" +
           element("body", {}, element("main", {}, "\n" + body_)) + "\n</html>\n";
}

std::string save_page(const std::string &path, const std::string &html) {
    return base::write_file(path, std::vector<uint8_t>(html.begin(), html.end()));
}

}  // namespace slimscale::reports
