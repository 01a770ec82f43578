#include "extras/reports/training_page.h"

#include <cmath>

#include "tests/catch.h"
#include "tests/extras/reports/markup.h"

using namespace slimscale::reports;

namespace {

using Texts = std::vector<std::string>;

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

// The value of a fact; "" if the page has no such fact.
std::string fact(const Markup &markup, const std::string &name) {
    const Texts values = markup.texts("//dt[.='" + name + "']/following-sibling::dd");
    return values.empty() ? "" : values[0];
}

}  // namespace

TEST_CASE("The summary: what is trained, how far it is, how long it takes") {
    const Markup markup(training_page(state()));
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//h1") == Texts{"EDSR, 16 blocks \u00d72"});
    CHECK(fact(markup, "Network") == "EDSR, 16 blocks");
    CHECK(fact(markup, "Scale") == "\u00d72");
    CHECK(fact(markup, "Widths") == "16, 64 channels");
    CHECK(fact(markup, "Step") == "3,000 of 12,000");
    CHECK(fact(markup, "Time") == "50 min");
    CHECK(fact(markup, "Left, about") == "2 h 30 min");
    CHECK(fact(markup, "Images per second") == "128");
    CHECK(fact(markup, "Learning rate") == "1e-4");
    CHECK(fact(markup, "Device") == "CPU");
    CHECK(markup.texts("//progress/@value") == Texts{"0.2500"});
}

TEST_CASE("The table: each width's PSNR now and at its best, and its gain over bicubic") {
    const Markup markup(training_page(state()));
    const std::string table = "//h3[starts-with(., 'PSNR on the validation images')]/following-sibling::div[1]";
    CHECK(markup.texts(table + "//th[@scope='row']") == Texts{"16", "64", "bicubic"});
    CHECK(markup.texts(table + "//td") == Texts{"36.25", "36.50", "2,000", "2.83",  //
                                                "37.25", "37.50", "2,000", "3.83",  //
                                                "33.67", "", "", ""});
    CHECK(markup.texts(table + "//b") == Texts{"37.25", "37.50"});
}

TEST_CASE("A chart per loss part with a curve per width, losses on log axes, quality with bicubic's line") {
    const Markup markup(training_page(state()));
    CHECK(markup.texts("//figcaption/b") ==
          Texts{"Loss", "Quality", "Loss: contrast", "Loss: l1", "Learning rate", "Speed"});
    for (const char *title : {"Loss", "Loss: contrast", "Loss: l1"})
        CHECK(markup.chart(title).at("y").at("log") == true);
    const auto names = [&](const char *title) {
        Texts found;
        const auto chart = markup.chart(title);
        for (const auto &series : chart.at("series"))
            found.push_back(series.at("name"));
        return found;
    };
    CHECK(names("Loss: l1") == Texts{"16 channels", "64 channels"});
    CHECK(names("Loss: contrast") == Texts{"16 channels"});
    CHECK(names("Quality") == Texts{"16 channels", "64 channels"});
    const auto quality = markup.chart("Quality");
    CHECK(quality.at("series").at(1).at("x") == nlohmann::json({1000.0, 2000.0, 3000.0}));
    CHECK(quality.at("series").at(1).at("y") == nlohmann::json({36.004, 37.5, 37.25}));
    REQUIRE(quality.at("references").size() == 1);
    CHECK(quality.at("references").at(0).at("name") == "bicubic");
    CHECK(quality.at("references").at(0).at("y") == 33.67);
    CHECK(quality.at("y").at("low") == 32.67);
    CHECK(markup.chart("Learning rate").at("series").at(0).at("y").at(0) == 1e-4);
}

TEST_CASE("A width has the same style in every chart") {
    TrainingState training = state();
    for (MetricsRow &row : training.rows)
        row.values.erase("loss.l1.16");
    const Markup markup(training_page(training));
    // contrast has only the first width, l1 only the second.
    CHECK(markup.chart("Loss: contrast").at("series").at(0).at("style") == 0);
    REQUIRE(markup.chart("Loss: l1").at("series").size() == 1);
    CHECK(markup.chart("Loss: l1").at("series").at(0).at("style") == 1);
}

TEST_CASE("Before the first row, and with only some columns, the page stands") {
    TrainingState training = state();
    training.step = 0;
    training.rows.clear();
    const Markup none(training_page(training));
    REQUIRE(none.error() == "");
    CHECK(fact(none, "Time") == "\u2013");
    CHECK(fact(none, "Left, about") == "");
    CHECK(none.count("//figure/p[.='no values yet']") == 4);
    CHECK(none.texts("//td").at(0) == "\u2013");

    training.rows = {training_row(1)};
    training.rows[0].values = {{"loss.total", std::nan("")}};
    training.step = 1;
    CHECK(Markup(training_page(training)).count("//figure/p[.='no values yet']") == 2);  // loss and quality
}

TEST_CASE("An unfinished run's page reloads by itself, a finished one's does not") {
    const std::string refresh = "//meta[@http-equiv='refresh']/@content";
    TrainingState training = state();
    CHECK(Markup(training_page(training)).texts(refresh) == Texts{"30"});
    training.refresh_seconds = 0;
    CHECK(Markup(training_page(training)).count(refresh) == 0);
    training = state();
    training.step = training.steps;
    const Markup done(training_page(training));
    CHECK(done.count(refresh) == 0);
    CHECK(done.texts("//p[@class='subtitle']") == Texts{"Training, finished"});
}

TEST_CASE("Pictures come before the configuration, which is escaped") {
    TrainingState training = state();
    CHECK(Markup(training_page(training)).texts("//h2") == Texts{"Curves", "Configuration"});
    training.pictures = {{"butterfly </script>", {{"bicubic", {}}}, 2, true}};
    const Markup markup(training_page(training));
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//h2") == Texts{"Curves", "Pictures", "Configuration"});
    CHECK(markup.texts("//h2[.='Pictures']/following-sibling::h3") == Texts{"butterfly </script>"});
    CHECK(markup.texts("//pre") == Texts{"\nlr: 1e-4 # <fixed>\n"});
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
