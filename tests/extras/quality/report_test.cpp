// Evaluations are written, read back and merged.
#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "extras/quality/html.h"
#include "extras/quality/json.h"
#include "extras/quality/markdown.h"
#include "extras/quality/merge.h"
#include "tests/catch.h"
#include "tests/extras/reports/markup.h"

using namespace slimscale::quality;
using slimscale::reports::Markup;

namespace {

Scores scores(double psnr) {
    return {{psnr, 0.9}, Score{psnr - 2, 0.8}};
}

Evaluation evaluation(const std::string &engine, const std::vector<int> &widths) {
    Evaluation result;
    result.scale = 2;
    for (int width : widths)
        result.subjects.push_back({"net_x2", engine, width, "fast"});
    for (const char *name : {"Set/a.png", "Set/b.png"}) {
        ImageScores image{name, 40, 32, scores(30), {}};
        for (int width : widths)
            image.subjects.push_back({scores(30 + width / 16.0), scores(31 + width / 16.0), 1.5 * width});
        result.images.push_back(image);
    }
    result.left_out.push_back({"Set/tiny.png", "too small"});
    return result;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

size_t count(const std::string &text, const std::string &part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        found++;
    return found;
}

}  // namespace

TEST_CASE("JSON reads back as it was written") {
    Evaluation before = evaluation("compiled", {16, 64});
    before.images[1].subjects[0].plain.luma.psnr = std::numeric_limits<double>::infinity();
    before.images[1].subjects[1].ensemble.reset();
    before.images[0].bicubic.rgb.reset();
    Evaluation after;
    REQUIRE(parse_json(to_json(before), after).error() == "");
    CHECK(to_json(after) == to_json(before));
    CHECK(after.images[1].width == 40);
    CHECK(std::isinf(after.images[1].subjects[0].plain.luma.psnr));
    CHECK_FALSE(after.images[1].subjects[1].ensemble);
    CHECK(after.subjects[1].channels == 64);
    CHECK(after.subjects[1].setting == "fast");
    CHECK(after.left_out.at(0).sentence == "too small");
}

TEST_CASE("JSON has means and the fields that json.h states") {
    const auto json = nlohmann::json::parse(to_json(evaluation("compiled", {16, 64})));
    CHECK(json["format"] == "slimscale-evaluation");
    CHECK(json["images"][0]["image"] == "Set/a.png");
    CHECK(json["images"][0]["subjects"][1]["ensemble"]["rgb"]["psnr"] == 33);
    CHECK(json["mean"]["subjects"][1]["plain"]["y"]["psnr"].get<double>() == Approx(34));
    CHECK(json["mean"]["bicubic"]["y"]["ssim"].get<double>() == Approx(0.9));
    Evaluation none;
    CHECK(nlohmann::json::parse(to_json(none))["mean"].is_null());
    none.left_out.push_back({"\xff.png", "no UTF-8"});
    CHECK(nlohmann::json::parse(to_json(none))["left_out"].size() == 1);
}

TEST_CASE("JSON that is no evaluation is refused with a sentence") {
    const Evaluation kept = evaluation("compiled", {16});
    const auto json = nlohmann::json::parse(to_json(kept));
    Evaluation untouched = kept;
    const auto refused = [&](const std::string &text, const std::string &part) {
        const std::string sentence = parse_json(text, untouched).error();
        CAPTURE(sentence);
        CHECK(contains(sentence, part));
        CHECK(to_json(untouched) == to_json(kept));
    };
    refused("", "it is no evaluation");
    refused("[1, 2]", "it is no evaluation");
    refused("{\"format\": \"other\"}", "its format is another");
    auto changed = json;
    changed["version"] = 2;
    refused(changed.dump(), "another version");
    changed = json;
    changed["images"][1]["subjects"].clear();
    refused(changed.dump(), "Set/b.png has scores of 0 subjects, not of 1");
    for (const auto &field : json.items()) {
        if (field.key() == "mean")
            continue;
        changed = json;
        changed.erase(field.key());
        if (field.key() == "degrade" || field.key() == "small_given" ||
            field.key() == "warnings") {  // older files lack them
            Evaluation older;
            CHECK(parse_json(changed.dump(), older).error() == "");
            continue;
        }
        refused(changed.dump(), "it is no evaluation");
    }
    changed = json;
    changed["images"] = {{"a", 1}};  // an object
    refused(changed.dump(), "it is no evaluation");
}

TEST_CASE("two evaluations of the same images are merged and sorted by width") {
    Evaluation ours = evaluation("compiled", {16, 64}), theirs = evaluation("libtorch", {16, 32, 64});
    std::swap(theirs.images[0], theirs.images[1]);
    for (ImageScores &image : theirs.images)
        image.image = "elsewhere/" + image.image;
    theirs.images[0].subjects[1].plain.luma.psnr = 99;  // b, 32 channels
    REQUIRE(merge(ours, theirs).error() == "");
    REQUIRE(ours.subjects.size() == 5);
    CHECK(ours.subjects[0].engine == "compiled");
    CHECK(ours.subjects[1].engine == "libtorch");
    CHECK(ours.subjects[2].channels == 32);
    CHECK(ours.subjects[4].engine == "libtorch");
    CHECK(ours.images[1].image == "Set/b.png");
    CHECK(ours.images[1].subjects[2].plain.luma.psnr == 99);
    CHECK(ours.images[0].subjects[2].plain.luma.psnr == 32);
}

TEST_CASE("evaluations of other images, sizes, scales or pictures are not merged") {
    const Evaluation kept = evaluation("compiled", {16});
    const auto refused = [&](auto &&change, const std::string &part) {
        Evaluation ours = kept, theirs = evaluation("libtorch", {16});
        change(theirs);
        const std::string sentence = merge(ours, theirs).error();
        CAPTURE(sentence);
        CHECK(contains(sentence, part));
        CHECK(to_json(ours) == to_json(kept));
    };
    refused([](Evaluation &e) { e.scale = 4; }, "it is of scale 4, and this evaluation is of 2");
    refused([](Evaluation &e) { e.colors = 1; }, "luma networks");
    refused([](Evaluation &e) { e.images.pop_back(); }, "b.png is not among its images");
    refused([](Evaluation &e) { e.images[1].image = "c.png"; }, "c.png is among its images only");
    refused([](Evaluation &e) { e.images[1].image = "x/a.png"; }, "two images are called a.png");
    refused([](Evaluation &e) { e.images[1].height = 34; }, "b.png has 40x32 pixels here and 40x34 there");
    refused([](Evaluation &e) { e.images[0].bicubic.luma.psnr += 0.01; }, "a.png is another picture there");
}

TEST_CASE("Markdown has a row per subject and per image, in columns that line up") {
    const std::string text = to_markdown(evaluation("compiled", {16, 64}));
    for (const char *part : {"# net_x2, x2, 2 images", "| bicubic |", "PSNR RGB +", "| net_x2  | compiled (fast) |",
                             "## PSNR / SSIM Y\n", "## PSNR / SSIM RGB +\n", "## Milliseconds\n", "| 34.00 / 0.9000 |",
                             "Set/tiny.png: too small", "border of 2 pixels", "border of 8 pixels", "self-ensemble"})
        CHECK(contains(text, part));
    CHECK(count(text, "| a.png ") == 5);
    CHECK(count(text, "| mean ") == 5);

    size_t length = 0;  // of a table's lines, in characters, since a dash has three bytes
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const size_t characters = line.size() - 2 * count(line, slimscale::base::kNoValue);
        if (length != 0 && line[0] == '|')
            CHECK(characters == length);
        length = line[0] == '|' ? characters : 0;
    }
}

TEST_CASE("what was not measured has no columns, or a dash") {
    Evaluation luma = evaluation("compiled", {16});
    luma.colors = 1;
    for (ImageScores &image : luma.images) {
        image.bicubic.rgb.reset();
        image.subjects[0] = {{{30, 0.9}, {}}, {}, 1};
    }
    const std::string text = to_markdown(luma);
    CHECK_FALSE(contains(text, "RGB"));
    CHECK_FALSE(contains(text, "+"));
    CHECK(contains(text, "made gray first"));

    Evaluation mixed = evaluation("compiled", {16});
    Evaluation plain = evaluation("libtorch", {16});
    for (ImageScores &image : plain.images)
        image.subjects[0].ensemble.reset();
    REQUIRE(merge(mixed, plain).error() == "");
    CHECK(contains(to_markdown(mixed), "|        \u2013 |        \u2013 |"));
    CHECK(contains(to_markdown(mixed), "16 channels, libtorch"));
}

TEST_CASE("a file name cannot break a table") {
    Evaluation odd = evaluation("compiled", {16});
    odd.images[0].image = "a|b\n`c`<x>.png";
    CHECK(contains(to_markdown(odd), "| a\\|b?\\`c\\`\\<x>.png "));
    Evaluation none;
    none.scale = 2;
    CHECK(contains(to_markdown(none), "0 images"));
}

TEST_CASE("the page holds tables, charts and close-ups, and refers to nothing outside itself") {
    Evaluation shown = evaluation("compiled", {16, 64});
    shown.images[0].image = "<script>.png";
    const slimscale::images::Image red{8, 8, 3, 8, std::vector<uint8_t>(192, 200), {}};
    shown.close_ups.push_back({"Set/<b>.png", 96, 32, 5, {{"original", red, 0}, {"64 channels", red, 31.5}}});
    shown.warnings = {"the <small> images are odd"};
    const Markup markup(to_html(shown));
    REQUIRE(markup.error() == "");
    const auto has = [&](const std::string &xpath, const std::string &text) {
        const std::vector<std::string> found = markup.texts(xpath);
        return std::count(found.begin(), found.end(), text) > 0;
    };
    CHECK(has("//figcaption", "64 channels, 31.50 dB"));
    CHECK(has("//h3", "<b>.png, at 96, 32"));
    CHECK(has("//th", "<script>.png"));
    CHECK(has("//td", "33.00"));
    CHECK(has("//p", "Note: the <small> images are odd"));
    CHECK(has("//th", "Set/tiny.png"));
    CHECK(has("//td", "too small"));
    CHECK(markup.count("//img[starts-with(@src, 'data:image/png;base64,')]") == 2);
    CHECK(markup.count("//script") == 2);
    const auto chart = markup.chart("PSNR Y over channels");
    CHECK(chart.at("series").at(0).at("name") == "net_x2, compiled");
    CHECK(chart.at("series").at(0).at("x") == nlohmann::json({16.0, 64.0}));
    CHECK(chart.at("series").at(0).at("y") == nlohmann::json({31.0, 34.0}));
    CHECK(chart.at("series").at(1).at("name") == "net_x2, compiled +");
    CHECK(chart.at("references").at(0).at("name") == "bicubic");
    CHECK(markup.chart("PSNR RGB over channels").at("references").at(0).at("y") == 28);
    Evaluation none;
    none.left_out.push_back({"a.png", "too small"});
    CHECK(contains(to_html(none), "too small"));
}

TEST_CASE("infinite scores leave gaps in the charts, not holes in the page") {
    Evaluation equal = evaluation("compiled", {16, 64});
    for (ImageScores &image : equal.images) {
        image.bicubic.luma.psnr = std::numeric_limits<double>::infinity();
        image.subjects[0].plain.luma.psnr = std::numeric_limits<double>::infinity();
    }
    const Markup markup(to_html(equal));
    REQUIRE(markup.error() == "");
    CHECK(markup.count("//td[.='inf']") > 0);
    const auto chart = markup.chart("PSNR Y over channels");
    CHECK(chart.at("series").at(0).at("y") == nlohmann::json({nullptr, 34.0}));
    CHECK(chart.at("references").empty());
}
