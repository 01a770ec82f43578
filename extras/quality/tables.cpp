#include "extras/quality/tables.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/numbers.h"
#include "base/text.h"

namespace slimscale::quality {
namespace {

using base::Cell;
using base::Table;

std::string psnr_text(const Score &score) {
    return std::isinf(score.psnr) ? "inf" : base::decimal(score.psnr, 2);  // equal pictures
}
std::string ssim_text(const Score &score) {
    return base::decimal(score.ssim, 4);
}
std::string ms_text(double ms) {
    return base::decimal(ms, 1);
}

// A column's choice among a subject's scores: a Score, or null if it was not measured.
struct Measure {
    const char *title;
    bool on_rgb, of_ensemble;

    const Score *of(const Scores &scores) const {
        if (!on_rgb)
            return &scores.luma;
        return scores.rgb ? &*scores.rgb : nullptr;
    }
    const Score *of(const SubjectScores &scores) const {
        if (!of_ensemble)
            return of(scores.plain);
        return scores.ensemble ? of(*scores.ensemble) : nullptr;
    }
};

bool has_ensemble(const Evaluation &evaluation) {
    for (const ImageScores &image : evaluation.images)
        for (const SubjectScores &subject : image.subjects)
            if (subject.ensemble)
                return true;
    return false;
}

std::vector<Measure> measures_of(const Evaluation &evaluation) {
    std::vector<Measure> measures{
        {"Y", false, false}, {"RGB", true, false}, {"Y +", false, true}, {"RGB +", true, true}};
    const bool color = evaluation.colors == 3, ensemble = has_ensemble(evaluation);
    const auto absent = [=](const Measure &measure) {
        return (measure.on_rgb && !color) || (measure.of_ensemble && !ensemble);
    };
    measures.erase(std::remove_if(measures.begin(), measures.end(), absent), measures.end());
    return measures;
}

void add_score(std::vector<Cell> &row, const Score *score) {
    row.push_back(score ? psnr_text(*score) : base::kNoValue);
    row.push_back(score ? ssim_text(*score) : base::kNoValue);
}

std::string both_text(const Score *score) {
    return score ? psnr_text(*score) + " / " + ssim_text(*score) : base::kNoValue;
}

template <class CellOf>
std::vector<Cell> image_row(const std::string &name, const ImageScores &image, const std::string &bicubic,
                            CellOf cell) {
    std::vector<Cell> row{name, bicubic};
    for (const SubjectScores &subject : image.subjects)
        row.push_back(cell(subject));
    return row;
}

// `bicubic` and `cell` make the texts of an image's and of a subject's scores.
template <class Bicubic, class CellOf>
Table image_table(const Evaluation &evaluation, const std::string &table_title, Bicubic bicubic, CellOf cell) {
    Table table{table_title, {{"image"}, {"bicubic", true}}, {}};
    for (size_t i = 0; i < evaluation.subjects.size(); i++)
        table.columns.push_back({label(evaluation, i), true});
    for (const ImageScores &image : evaluation.images) {
        const std::string name = std::filesystem::path(image.image).filename().native();
        table.rows.push_back(image_row(name, image, bicubic(image), cell));
    }
    const ImageScores all = mean(evaluation);
    table.rows.push_back(image_row("mean", all, bicubic(all), cell));
    return table;
}

std::set<std::string> names(const Evaluation &evaluation, std::string SubjectName::*field) {
    std::set<std::string> all;
    for (const SubjectName &subject : evaluation.subjects)
        all.insert(subject.*field);
    return all;
}

}  // namespace

std::string title(const Evaluation &evaluation) {
    std::string text;
    for (const std::string &name : names(evaluation, &SubjectName::name))
        text += name + ", ";
    const size_t count = evaluation.images.size();
    return text + "x" + std::to_string(evaluation.scale) + ", " + std::to_string(count) +
           (count == 1 ? " image" : " images");
}

std::string method(const Evaluation &evaluation) {
    const std::string scale = std::to_string(evaluation.scale);
    std::string text =
        "PSNR in dB and SSIM. The originals are cut to multiples of " + scale +
        (evaluation.small_given ? ", small images were given" : ", shrunk by MATLAB's bicubic in 8 bits") +
        (evaluation.degrade.empty() ? "" : ", degraded (" + evaluation.degrade + ")") +
        ", upscaled, and rounded to 8 bits once. Y: luma, without a border of " +
        std::to_string(luma_border(evaluation.scale)) + " pixels.";
    if (evaluation.colors == 3)
        text += " RGB: all three channels, without a border of " + std::to_string(rgb_border(evaluation.scale)) +
                " pixels; PSNR of the error over all of them, SSIM the mean of the channels'.";
    else
        text += " The networks take luma, so the images are made gray first.";
    if (has_ensemble(evaluation))
        text += " +: self-ensemble, the mean over the eight flips and transposes of the image.";
    return text + " ms: one image, without ensemble.";
}

std::string label(const Evaluation &evaluation, size_t subject) {
    const SubjectName &name = evaluation.subjects[subject];
    std::string text = std::to_string(name.channels) + " channels";
    if (names(evaluation, &SubjectName::engine).size() > 1)
        text += ", " + name.engine;
    return names(evaluation, &SubjectName::name).size() > 1 ? name.name + ", " + text : text;
}

Table means_table(const Evaluation &evaluation) {
    const std::vector<Measure> measures = measures_of(evaluation);
    const ImageScores all = mean(evaluation);
    Table table{"Means", {{"network"}, {"engine"}, {"channels", true}}, {}};
    std::vector<Cell> bicubic{"bicubic", base::kNoValue, base::kNoValue};
    for (const Measure &measure : measures) {
        table.columns.push_back({std::string("PSNR ") + measure.title, true});
        table.columns.push_back({std::string("SSIM ") + measure.title, true});
        add_score(bicubic, measure.of_ensemble ? nullptr : measure.of(all.bicubic));
    }
    table.columns.push_back({"ms", true});
    bicubic.push_back(base::kNoValue);
    table.rows.push_back(bicubic);
    for (size_t i = 0; i < evaluation.subjects.size(); i++) {
        const SubjectName &name = evaluation.subjects[i];
        const std::string engine = name.setting.empty() ? name.engine : name.engine + " (" + name.setting + ")";
        std::vector<Cell> row{name.name, engine, std::to_string(name.channels)};
        for (const Measure &measure : measures)
            add_score(row, measure.of(all.subjects[i]));
        row.push_back(ms_text(all.subjects[i].ms));
        table.rows.push_back(row);
    }
    return table;
}

std::vector<Table> image_tables(const Evaluation &evaluation) {
    std::vector<Table> tables;
    for (const Measure &measure : measures_of(evaluation)) {
        const auto bicubic = [&](const ImageScores &image) { return both_text(measure.of(image.bicubic)); };
        const auto cell = [&](const SubjectScores &scores) { return both_text(measure.of(scores)); };
        tables.push_back(image_table(evaluation, std::string("PSNR / SSIM ") + measure.title, bicubic, cell));
    }
    tables.push_back(image_table(
        evaluation, "Milliseconds", [](const ImageScores &) { return base::kNoValue; },
        [](const SubjectScores &scores) { return ms_text(scores.ms); }));
    return tables;
}

}  // namespace slimscale::quality
