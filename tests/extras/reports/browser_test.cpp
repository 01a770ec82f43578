// A page in a browser, if one is installed: charts.js runs without an error, and fast enough.
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <tuple>

#include "extras/images/image.h"
#include "extras/reports/page.h"
#include "tests/catch.h"
#include "tests/extras/reports/browser.h"
#include "tests/scratch.h"

using namespace slimscale::reports;

namespace {

std::string read(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Chart many_points(Chart::Kind kind, Scale scale) {
    Chart chart;
    chart.title = "Many";
    chart.kind = kind;
    chart.y.scale = scale;
    chart.references = {{"middle", 1.5}};
    for (const char *name : {"a </script>", "b"}) {
        Series &series = chart.series.emplace_back();
        series.name = name;
        for (int i = 0; i < 100000; i++) {
            series.x.push_back(i);
            series.y.push_back(i % 1000 == 7 ? std::nan("") : 1.5 + std::sin(i * 0.7));
            series.labels.push_back(std::to_string(i));
        }
    }
    return chart;
}

constexpr int kWidth = 400, kHeight = 300;  // CSS pixels of the comparison below

std::vector<uint8_t> even_png(uint8_t red, uint8_t green, uint8_t blue) {
    slimscale::images::Image image{kWidth, kHeight, 4, 8, {}, {}};
    for (size_t i = 0; i < image.pixels(); i++)
        image.samples.insert(image.samples.end(), {red, green, blue, 255});
    std::vector<uint8_t> png;
    REQUIRE(encode_image(image, slimscale::images::FileFormat::png, {}, png).error() == "");
    return png;
}

std::string red_and_blue() {
    Comparison comparison;
    comparison.before = {"<b>red", even_png(255, 0, 0)};
    comparison.after = {"blue", even_png(0, 0, 255)};
    comparison.width = kWidth;
    comparison.height = kHeight;
    comparison.caption = "A caption";
    Page page("Two pictures");
    return page.comparison(comparison).html();
}

constexpr const char *kHandle = "document.querySelector('[role=slider]')";
constexpr const char *kLeft = "document.querySelector('.stage').getBoundingClientRect().left";
constexpr const char *kTop = "document.querySelector('.stage').getBoundingClientRect().top";

int place(Browser &browser) {
    const auto now = browser.value(kHandle + std::string(".getAttribute('aria-valuenow')"));
    return std::atoi(now.get<std::string>().c_str());
}

// Where the handle is seen, in percent of the picture.
double seen(Browser &browser) {
    const std::string box = kHandle + std::string(".getBoundingClientRect()");
    const double left = browser.value(box + ".left + " + box + ".width / 2");
    return (left - browser.value(kLeft).get<double>()) / kWidth * 100;
}

bool no_browser() {
    if (!Browser::is_here())
        std::printf("[SKIP] there is no chromium here\n");
    return !Browser::is_here();
}

// The page of red_and_blue() in a window, in a folder of its own.
struct Opened {
    slimscale::Scratch scratch;
    std::string page = saved(scratch / "page.html");
    Browser browser{scratch / "profile", page, 1000, 800};

private:
    static std::string saved(const std::string &path) {
        REQUIRE(save_page(path, red_and_blue()).error() == "");
        return path;
    }
};

}  // namespace

TEST_CASE("Charts of 100,000 points are drawn within seconds, and no script fails") {
    if (no_browser())
        return;
    const slimscale::Scratch scratch;
    Page page("Many points");
    page.charts({many_points(Chart::Kind::curves, Scale::linear), many_points(Chart::Kind::curves, Scale::log)});
    page.chart(many_points(Chart::Kind::scatter, Scale::log));
    REQUIRE(save_page(scratch / "page.html", page.html()).error() == "");
    const auto begin = std::chrono::steady_clock::now();
    const std::string command =
        "timeout 120 chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --user-data-dir=" +
        (scratch / "profile") + " --dump-dom file://" + (scratch / "page.html") + " >" + (scratch / "dom") + " 2>" +
        (scratch / "log");
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
    const std::string log = read(scratch / "log"), dom = read(scratch / "dom");
    INFO(log);
    CHECK(log.find("CONSOLE") == std::string::npos);  // neither an error nor anything that the page's policy refused
    CHECK(dom.find("data-drawn=\"3\"") != std::string::npos);
}

TEST_CASE("A comparison's handle follows keys, pointer and finger, and says where it is") {
    if (no_browser())
        return;
    Opened opened;
    Browser &browser = opened.browser;
    CHECK(browser.value("document.querySelectorAll('[role=slider]').length") == 1);
    CHECK(place(browser) == 50);
    CHECK(seen(browser) == Approx(50).margin(0.5));

    browser.press("Tab", 9);  // the only thing on the page that takes keys
    CHECK(browser.value("document.activeElement === " + std::string(kHandle)) == true);
    CHECK(browser.value(kHandle + std::string(".matches(':focus-visible')")) == true);
    CHECK(browser.value("getComputedStyle(" + std::string(kHandle) + ", '::after').outlineWidth") == "3px");
    browser.press("ArrowRight", 39);
    browser.press("ArrowRight", 39);
    CHECK(place(browser) == 52);
    CHECK(seen(browser) == Approx(52).margin(0.5));
    CHECK(browser.value(kHandle + std::string(".getAttribute('aria-valuetext')")) == "52 % <b>red, 48 % blue");
    for (const auto &[key, code, expected] : {std::tuple{"ArrowLeft", 37, 51},
                                              {"ArrowUp", 38, 52},
                                              {"ArrowDown", 40, 51},
                                              {"PageUp", 33, 61},
                                              {"PageDown", 34, 51},
                                              {"End", 35, 100},
                                              {"ArrowRight", 39, 100},
                                              {"Home", 36, 0},
                                              {"ArrowLeft", 37, 0}}) {
        CAPTURE(key);
        browser.press(key, code);
        CHECK(place(browser) == expected);
    }

    const double left = browser.value(kLeft), y = browser.value(kTop).get<double>() + kHeight / 2.0;
    browser.drag(left + 0.8 * kWidth, y, left + 0.3 * kWidth, y);  // begins beside the handle
    CHECK(place(browser) == 30);
    browser.drag(left + 10, y, left + 2 * kWidth, y);  // and may end outside
    CHECK(place(browser) == 100);
    browser.touch(left + 0.5 * kWidth, y, left + 0.25 * kWidth, y);
    CHECK(place(browser) == 25);
    CHECK(seen(browser) == Approx(25).margin(0.5));
    CHECK(browser.complaints().empty());
}

TEST_CASE("Left of the handle is the first picture alone, right of it the second") {
    if (no_browser())
        return;
    Opened opened;
    auto &[scratch, page, opened_browser] = opened;
    Browser &browser = opened_browser;  // which C++17's lambdas can capture
    browser.press("Tab", 9);
    browser.press("PageUp", 33);  // 60 %
    std::ofstream(scratch / "picture.txt") << browser.picture();
    REQUIRE(std::system(("base64 -d " + (scratch / "picture.txt") + " >" + (scratch / "picture.png")).c_str()) == 0);
    slimscale::images::Image window;
    REQUIRE(read_image(scratch / "picture.png", window).error() == "");
    const auto color = [&](double share) {
        const int x = static_cast<int>(browser.value(kLeft).get<double>() + share * kWidth);
        const int y = static_cast<int>(browser.value(kTop).get<double>() + 0.8 * kHeight);
        const uint8_t *pixel = &window.samples[(static_cast<size_t>(y) * window.width + x) * window.channels];
        return std::array{pixel[0], pixel[1], pixel[2]};
    };
    const std::array<uint8_t, 3> red{255, 0, 0}, blue{0, 0, 255};
    CHECK(color(0.02) == red);
    CHECK(color(0.58) == red);
    CHECK(color(0.62) == blue);
    CHECK(color(0.98) == blue);
    // A window that is smaller than the pictures shows all of them, and the page never scrolls sideways.
    Browser phone(scratch / "other_profile", page, 320, 600);
    CHECK(phone.value("document.querySelector('.stage').getBoundingClientRect().width") == 320 - 2 * 16);
    CHECK(phone.value("document.documentElement.scrollWidth") == 320);
}
