// A page as one file: text, facts, tables, charts and pictures, one under the other. It refers to nothing outside
// itself, follows the reader's light or dark setting, and reads on a phone; without JavaScript, charts are tables. All
// text is escaped.
//
//     Page page("EDSR x2");
//     page.facts({{"Scale", "x2"}}).heading("Curves").charts({loss, psnr}).raw_text("Configuration", config);
//     SLIMSCALE_RETURN_IF_ERROR(save_page("report.html", page.html()));
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/table.h"
#include "extras/reports/chart.h"

namespace slimscale::reports {

struct Fact {
    std::string name, value;
};

struct Picture {
    std::string caption;
    std::vector<uint8_t> png;
};

struct PictureRow {
    std::string title;
    std::vector<Picture> pictures;  // side by side where there is room
    double zoom = 1;                // CSS pixels per pixel
    bool pixelated = false;         // enlarged pixels stay squares
};

// Two pictures of one size over each other, and a handle that moves the border between them: by pointer, finger, or
// keys. Without JavaScript they stand beside each other.
struct Comparison {
    struct Side {
        std::string label;
        std::vector<uint8_t> file;  // PNG or JPEG
    };
    std::string title;
    Side before, after;         // left and right of the handle
    int width = 0, height = 0;  // of both, in pixels
    double zoom = 1;            // CSS pixels per pixel; above 1 pixels stay squares
    std::string caption;
};

class Page {
public:
    explicit Page(std::string title);

    // Makes the page reload itself after so many seconds; 0: never.
    Page &refresh_every(int seconds);

    Page &subtitle(const std::string &text);
    Page &heading(const std::string &text);
    Page &paragraph(const std::string &text);
    Page &facts(const std::vector<Fact> &facts);
    Page &progress(double share, const std::string &text);  // 0 to 1
    Page &table(const base::Table &table);
    Page &chart(const Chart &chart);                 // as wide as the page
    Page &charts(const std::vector<Chart> &charts);  // two beside each other where there is room
    Page &pictures(const PictureRow &row);
    Page &comparison(const Comparison &comparison);                       // as wide as the window allows
    Page &raw_text(const std::string &summary, const std::string &text);  // folded up until asked for

    std::string html() const;

private:
    std::string title_;
    std::string body_;
    std::string charts_;  // JSON objects with commas between them
    size_t chart_count_ = 0;
    int refresh_seconds_ = 0;
};

// Replaces the file as a whole: a reader sees the old page or the new one, never a part.
Status save_page(const std::string &path, const std::string &html);

}  // namespace slimscale::reports
