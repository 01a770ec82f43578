#include "extras/reports/training_page.h"

#include <cmath>

#include "catch.h"
#include "markup.h"

using namespace slimscale::reports;

namespace {

MetricsRow training_row(int64_t step) {
    MetricsRow row;
    row.step = step;
    row.seconds = static_cast<double>(step);
    row.images_per_second = 128;
    row.learning_rate = 1e-4;
    const double loss = 1 / static_cast<double>(step);
    row.values = {{"loss.total", loss}, {"loss.l1.16", loss}, {"loss.l1.64", loss / 2}, {"loss.contrast.16", loss}};
    return row;
}

MetricsRow validation_row(int64_t step, double psnr) {
    MetricsRow row;
    row.step = step;
    row.seconds = static_cast<double>(step);
    row.values = {{"psnr.16", psnr - 1}, {"psnr.64", psnr}, {"psnr.bicubic", 33.67}};
    return row;
}

TrainingState state() {
    TrainingState state;
    state.network = "EDSR, 16 blocks";
    state.scale = 2;
    state.widths = {16, 64};
    state.step = 3000;
    state.steps = 12000;
    for (int64_t step = 100; step <= 3000; step += 100)
        state.rows.push_back(training_row(step));
    state.rows.push_back(validation_row(1000, 36.004));
    state.rows.push_back(validation_row(2000, 37.5));
    state.rows.push_back(validation_row(3000, 37.25));
    state.facts = {{"Device", "CPU"}};
    state.config = "lr: 1e-4 # <fixed>\n";
    return state;
}

Markup read(const TrainingState &training) {
    Markup markup = read_markup(training_page(training));
    REQUIRE(markup.error == "");
    return markup;
}

// The value beside a fact's name; "" if the page has no such fact.
std::string fact(const Markup &markup, const std::string &name) {
    const std::vector<Tag> names = markup.named("dt"), values = markup.named("dd");
    for (size_t i = 0; i < names.size(); i++)
        if (names[i].text == name)
            return values.at(i).text;
    return "";
}

}  // namespace

TEST_CASE("The summary: what is trained, how far it is, how long it takes") {
    const Markup markup = read(state());
    CHECK(markup.named("h1").at(0).text == "EDSR, 16 blocks \u00d72");
    CHECK(fact(markup, "Network") == "EDSR, 16 blocks");
    CHECK(fact(markup, "Scale") == "\u00d72");
    CHECK(fact(markup, "Widths") == "16, 64 channels");
    CHECK(fact(markup, "Step") == "3,000 of 12,000");
    CHECK(fact(markup, "Time") == "50 min");
    CHECK(fact(markup, "Left, about") == "2 h 30 min");
    CHECK(fact(markup, "Images per second") == "128");
    CHECK(fact(markup, "Learning rate") == "1e-4");
    CHECK(fact(markup, "Device") == "CPU");
    CHECK(markup.of_class("progress").size() == 1);
}

TEST_CASE("The table: each width's PSNR now and at its best, and its gain over bicubic") {
    const Markup markup = read(state());
    std::vector<std::string> rows;
    for (const Tag &tag : markup.named("th"))
        if (tag.attributes.at("scope") == "row")
            rows.push_back(tag.text);
    CHECK(rows == std::vector<std::string>{"16", "64", "bicubic"});
    CHECK(texts(markup.named("td")) == std::vector<std::string>{"36.25", "36.50", "2,000", "2.83",  //
                                                                "", "", "2,000", "3.83",            //
                                                                "33.67", "", "", ""});
    CHECK(texts(markup.of_class("number")).size() == 4 + 3 * 4);
    // In bold, within the empty cells above; other <b> are the charts' titles.
    const std::vector<std::string> bold = texts(markup.named("b"));
    CHECK(std::vector<std::string>(bold.begin(), bold.begin() + 2) == std::vector<std::string>{"37.25", "37.50"});
}

TEST_CASE("A chart per loss part with a curve per width; quality with bicubic's line") {
    const Markup markup = read(state());
    const std::vector<std::string> bold = texts(markup.named("b"));
    CHECK(std::vector<std::string>(bold.begin() + 2, bold.end()) ==
          std::vector<std::string>{"Loss", "Quality", "Loss: contrast", "Loss: l1", "Learning rate", "Speed"});
    const size_t drawings = 2;  // narrow and half the page
    CHECK(markup.of_class("reference").size() == drawings);
    CHECK(texts(markup.of_class("note")) == std::vector<std::string>(drawings, "bicubic 33.67"));
    // Two charts show two widths; one width alone needs no legend.
    CHECK(markup.of_class("name").size() == 2 * 2 * drawings);
}

TEST_CASE("A width has the same style in every chart") {
    TrainingState training = state();
    for (MetricsRow &row : training.rows)
        row.values.erase("loss.l1.16");
    const Markup markup = read(training);
    // contrast has only the first width, l1 only the second.
    const auto style_in = [&](const std::string &title) {
        size_t at = 0;
        while (markup.tags[at].name != "b" || markup.tags[at].text != title)
            at++;
        while (markup.tags[at].name != "path" || markup.tags[at].attributes.at("class") != "line")
            at++;
        return markup.tags[at - 1].attributes.at("class");
    };
    CHECK(style_in("Loss: contrast") == "s0");
    CHECK(style_in("Loss: l1") == "s1");
}

TEST_CASE("Before the first row, and with only some columns, the page stands") {
    TrainingState training = state();
    training.step = 0;
    training.rows.clear();
    Markup markup = read(training);
    CHECK(fact(markup, "Time") == "\u2013");
    CHECK(fact(markup, "Left, about") == "");
    CHECK(markup.of_class("empty").size() == 4 * 2);
    CHECK(texts(markup.named("td")).at(0) == "\u2013");

    training.rows = {training_row(1)};
    training.rows[0].values = {{"loss.total", std::nan("")}};
    training.step = 1;
    markup = read(training);
    CHECK(markup.of_class("empty").size() == 2 * 2);  // loss and quality
}

TEST_CASE("An unfinished run's page reloads by itself, a finished one's does not") {
    TrainingState training = state();
    CHECK(occurrences(training_page(training), "http-equiv=\"refresh\" content=\"30\"") == 1);
    training.refresh_seconds = 0;
    CHECK(occurrences(training_page(training), "http-equiv=\"refresh\"") == 0);
    training = state();
    training.step = training.steps;
    CHECK(occurrences(training_page(training), "http-equiv=\"refresh\"") == 0);
    CHECK(read(training).of_class("subtitle").at(0).text == "Training, finished");
}

TEST_CASE("Pictures come before the configuration, which is escaped") {
    TrainingState training = state();
    CHECK(texts(read(training).named("h2")) == std::vector<std::string>{"Curves", "Configuration"});
    training.pictures = {{"butterfly", {{"bicubic", {}}}, 2, true}};
    const Markup markup = read(training);
    CHECK(texts(markup.named("h2")) == std::vector<std::string>{"Curves", "Pictures", "Configuration"});
    CHECK(texts(markup.named("h3")) == std::vector<std::string>{"butterfly"});
    CHECK(markup.named("pre").at(0).text == "\nlr: 1e-4 # &lt;fixed&gt;\n");
}

TEST_CASE("Smoothing starts at the first value, follows a step, and keeps gaps") {
    CHECK(smoothed({5, 7, 9}, 1) == std::vector<double>{5, 7, 9});
    CHECK(smoothed({4, 4, 4}, 10).back() == Approx(4));
    // Weights 1 and 1/2: (2 + 0.5 * 1) / 1.5.
    CHECK(smoothed({1, 2}, 2)[1] == Approx(2.5 / 1.5));
    std::vector<double> step(200, 0.0);
    std::fill(step.begin() + 100, step.end(), 1.0);
    const std::vector<double> followed = smoothed(step, 10);
    CHECK(followed[99] == 0);
    CHECK(followed[109] == Approx(1 - std::pow(0.9, 10)).margin(1e-3));
    CHECK(followed[199] > 0.999);
    const std::vector<double> gap = smoothed({1, std::nan(""), INFINITY, 1}, 4);
    CHECK(std::isnan(gap[1]));
    CHECK(std::isnan(gap[2]));
    CHECK(gap[3] == Approx(1));
}
