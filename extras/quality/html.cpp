#include "extras/quality/html.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/numbers.h"
#include "base/text.h"
#include "extras/quality/tables.h"
#include "extras/reports/page.h"

namespace slimscale::quality {
namespace {

constexpr double kZoom = 2;  // CSS pixels per pixel of a close-up
const char *const kAboutCloseUps =
    "The regions where the widest network gains most over bicubic. PSNR is that of the region's luma.";

// Whether two subjects belong to one line: a network, run by one engine.
bool same_line(const SubjectName &a, const SubjectName &b) {
    return a.name == b.name && a.engine == b.engine;
}

double finite(double value) {
    return std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
}

// Adds a line for each network and engine. `score` gives a subject's Score, or null.
template <class ScoreOf>
void add_lines(const Evaluation &evaluation, const std::string &suffix, ScoreOf score, reports::Chart &chart) {
    const ImageScores all = mean(evaluation);
    const std::vector<SubjectName> &subjects = evaluation.subjects;
    for (size_t first = 0; first < subjects.size(); first++) {
        bool seen = false;
        for (size_t i = 0; i < first; i++)
            seen = seen || same_line(subjects[i], subjects[first]);
        if (seen)
            continue;
        reports::Series line;
        line.name = subjects[first].name + ", " + subjects[first].engine + suffix;
        for (size_t i = first; i < subjects.size(); i++) {
            const Score *point = same_line(subjects[i], subjects[first]) ? score(all.subjects[i]) : nullptr;
            if (!point)
                continue;
            line.x.push_back(subjects[i].channels);
            line.y.push_back(finite(point->psnr));
        }
        if (!line.x.empty())
            chart.series.push_back(std::move(line));
    }
}

const Score *luma_of(const Scores &scores) {
    return &scores.luma;
}
const Score *rgb_of(const Scores &scores) {
    return scores.rgb ? &*scores.rgb : nullptr;
}

reports::Chart chart(const Evaluation &evaluation, const std::string &measure, const Score *(*pick)(const Scores &)) {
    reports::Chart chart;
    chart.title = "PSNR " + measure + " over channels";
    chart.description = "Mean over the images for every width; the horizontal line is bicubic.";
    chart.kind = reports::Chart::Kind::scatter;
    chart.x.title = "channels";
    chart.y.title = "PSNR " + measure + ", dB";
    add_lines(evaluation, "", [&](const SubjectScores &scores) { return pick(scores.plain); }, chart);
    add_lines(
        evaluation, " +",
        [&](const SubjectScores &scores) { return scores.ensemble ? pick(*scores.ensemble) : nullptr; }, chart);
    const ImageScores all = mean(evaluation);
    const Score *bicubic = pick(all.bicubic);
    if (bicubic && std::isfinite(bicubic->psnr))
        chart.references.push_back({"bicubic", bicubic->psnr});
    return chart;
}

std::vector<reports::Chart> charts(const Evaluation &evaluation) {
    std::vector<reports::Chart> all{chart(evaluation, "Y", luma_of)};
    if (evaluation.colors == 3)
        all.push_back(chart(evaluation, "RGB", rgb_of));
    return all;
}

reports::PictureRow drawn(const CloseUp &close_up) {
    const std::string name = std::filesystem::path(close_up.image).filename().native();
    reports::PictureRow row;
    row.title = name + ", at " + std::to_string(close_up.x) + ", " + std::to_string(close_up.y);
    row.zoom = kZoom;
    row.pixelated = true;
    for (const CloseUp::Picture &picture : close_up.pictures) {
        reports::Picture shown;
        shown.caption = picture.label;
        if (&picture != &close_up.pictures.front())  // the original
            shown.caption += ", " + base::decimal(picture.psnr, 2) + " dB";
        if (images::encode_image(picture.image, images::FileFormat::png, {}, shown.png).ok())
            row.pictures.push_back(std::move(shown));
    }
    return row;
}

base::Table left_out_table(const Evaluation &evaluation) {
    base::Table table{"Left out", {{"image"}, {"why"}}, {}};
    for (const LeftOut &left_out : evaluation.left_out)
        table.rows.push_back({left_out.image, left_out.sentence});
    return table;
}

void add_scores(const Evaluation &evaluation, reports::Page &page) {
    page.table(means_table(evaluation)).charts(charts(evaluation));
    if (!evaluation.close_ups.empty())
        page.heading("Close-ups").paragraph(kAboutCloseUps);
    for (const CloseUp &close_up : evaluation.close_ups)
        page.pictures(drawn(close_up));
    for (const base::Table &table : image_tables(evaluation))
        page.table(table);
}

}  // namespace

std::string to_html(const Evaluation &evaluation) {
    reports::Page page(title(evaluation));
    page.paragraph(method(evaluation));
    for (const std::string &warning : evaluation.warnings)
        page.paragraph("Note: " + warning);
    if (!evaluation.images.empty())
        add_scores(evaluation, page);
    if (!evaluation.left_out.empty())
        page.table(left_out_table(evaluation));
    return page.html();
}

}  // namespace slimscale::quality
