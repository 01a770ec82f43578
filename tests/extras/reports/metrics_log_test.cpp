#include "extras/reports/metrics_log.h"

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::reports;
using slimscale::Scratch;

namespace {

const std::vector<std::string> kColumns = {"loss.total", "loss.l1.64", "psnr.64", "psnr.bicubic"};
const std::string kHeader = "step,seconds,images_per_second,learning_rate,loss.total,loss.l1.64,psnr.64,psnr.bicubic\n";

std::string content(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

void write(const std::string &path, const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

MetricsRow training_row(int64_t step) {
    MetricsRow row;
    row.step = step;
    row.seconds = static_cast<double>(step) / 8;
    row.images_per_second = 128.5;
    row.learning_rate = 1e-4;
    row.values = {{"loss.total", 0.1}, {"loss.l1.64", 1.0 / 3}};
    return row;
}

MetricsLog opened(const std::string &path) {
    Result<MetricsLog> log = MetricsLog::open(path, kColumns);
    REQUIRE(log.error() == "");
    return *log;
}

Metrics read(const std::string &path) {
    Result<Metrics> metrics = read_metrics(path);
    REQUIRE(metrics.error() == "");
    return *metrics;
}

// Limits files of this process to `bytes` while it exists, as a full disk does.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit &) = delete;
    FileSizeLimit &operator=(const FileSizeLimit &) = delete;

private:
    rlimit before_ = {};
    void (*handler_)(int);
};

}  // namespace

TEST_CASE("Rows leave empty what they have no value for") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    const MetricsLog log = opened(path);
    CHECK(content(path) == kHeader);
    REQUIRE(log.append(training_row(100)).error() == "");
    MetricsRow validation;
    validation.step = 100;
    validation.seconds = 14;
    validation.values = {{"psnr.64", 31.07}, {"psnr.bicubic", 33.67}};
    REQUIRE(log.append(validation).error() == "");
    CHECK(content(path) == kHeader + "100,12.5,128.5,1e-04,0.1,0.3333333333333333,,\n100,14,,,,,31.07,33.67\n");

    const Metrics metrics = read(path);
    CHECK(metrics.columns == kColumns);
    REQUIRE(metrics.rows.size() == 2);
    CHECK(metrics.rows[0].values == training_row(100).values);
    CHECK(metrics.rows[1].values == validation.values);
    CHECK(std::isnan(metrics.rows[1].images_per_second));
    CHECK(std::isnan(metrics.rows[1].learning_rate));
    CHECK(metrics.rows[1].seconds == 14);
}

TEST_CASE("Every number reads back as the same number") {
    const Scratch scratch;
    const MetricsLog log = opened(scratch / "log.csv");
    std::vector<double> numbers = {0, -0.0, 1.0 / 3, 5e-324, 1.7976931348623157e308, INFINITY, -INFINITY, 1e22};
    std::mt19937_64 generator(5);
    std::uniform_real_distribution<double> exponent(-300, 300);
    for (int i = 0; i < 200; i++)
        numbers.push_back(std::pow(10, exponent(generator)));
    for (const double number : numbers) {
        MetricsRow row = training_row(static_cast<int64_t>(1) << 60);
        row.seconds = number;
        row.values["loss.total"] = number;
        REQUIRE(log.append(row).error() == "");
    }
    const Metrics metrics = read(scratch / "log.csv");
    REQUIRE(metrics.rows.size() == numbers.size());
    for (size_t i = 0; i < numbers.size(); i++) {
        CHECK(metrics.rows[i].step == static_cast<int64_t>(1) << 60);
        CHECK(metrics.rows[i].seconds == numbers[i]);
        CHECK(metrics.rows[i].values.at("loss.total") == numbers[i]);
        CHECK(std::signbit(metrics.rows[i].seconds) == std::signbit(numbers[i]));
    }
}

TEST_CASE("A loss that is no longer a number is a value, not a missing one") {
    const Scratch scratch;
    const MetricsLog log = opened(scratch / "log.csv");
    MetricsRow row = training_row(1);
    row.values["loss.total"] = std::nan("");
    REQUIRE(log.append(row).error() == "");
    const Metrics metrics = read(scratch / "log.csv");
    CHECK(std::isnan(metrics.rows.at(0).values.at("loss.total")));
    CHECK(metrics.rows[0].values.count("psnr.64") == 0);
}

TEST_CASE("A log that is there is continued") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    REQUIRE(opened(path).append(training_row(1)).error() == "");
    REQUIRE(opened(path).append(training_row(2)).error() == "");
    CHECK(read(path).rows.size() == 2);
}

TEST_CASE("A line cut off by a crash is ignored, then removed") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    REQUIRE(opened(path).append(training_row(1)).error() == "");
    const std::string whole = content(path);
    REQUIRE(opened(path).append(training_row(2)).error() == "");
    const std::string both = content(path);
    for (size_t size = whole.size(); size < both.size(); size++) {
        CAPTURE(size);
        write(path, both.substr(0, size));
        CHECK(read(path).rows.size() == 1);
        REQUIRE(opened(path).append(training_row(3)).error() == "");
        const Metrics metrics = read(path);
        REQUIRE(metrics.rows.size() == 2);
        CHECK(metrics.rows[1].step == 3);
    }
}

TEST_CASE("An empty file becomes a log, a cut header does not") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    write(path, "");
    CHECK(contains(read_metrics(path).error(), "no complete header"));
    opened(path);
    CHECK(content(path) == kHeader);
    write(path, "step,sec");
    CHECK(contains(MetricsLog::open(path, kColumns).error(), "no complete header"));
    CHECK(content(path) == "step,sec");
}

TEST_CASE("After a resume, rows beyond its step are gone and the others are the same bytes") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    const MetricsLog log = opened(path);
    std::string kept;
    for (int64_t step = 1; step <= 10; step++) {
        if (step == 7)
            kept = content(path);
        REQUIRE(log.append(training_row(step)).error() == "");
    }
    const std::string all = content(path);
    REQUIRE(log.truncate_after(10).error() == "");
    CHECK(content(path) == all);
    REQUIRE(log.truncate_after(6).error() == "");
    CHECK(content(path) == kept);
    REQUIRE(log.append(training_row(7)).error() == "");
    CHECK(read(path).rows.size() == 7);
    write(path, content(path) + "8,1,");  // a cut line goes too
    REQUIRE(log.truncate_after(7).error() == "");
    CHECK(read(path).rows.size() == 7);
    CHECK(content(path).back() == '\n');
    REQUIRE(log.truncate_after(-1).error() == "");
    CHECK(content(path) == kHeader);
    CHECK(slimscale::entries(scratch.folder()) == 1);
}

TEST_CASE("Another header is an error that shows the expected one, and the file stays") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    REQUIRE(opened(path).append(training_row(1)).error() == "");
    const std::string before = content(path);
    const std::string error = MetricsLog::open(path, {"loss.total"}).error();
    CHECK(contains(error, path));
    CHECK(contains(error, "step,seconds,images_per_second,learning_rate,loss.total\""));
    CHECK(content(path) == before);
    write(path, "name,age\nAda,36\n");
    CHECK(contains(MetricsLog::open(path, kColumns).error(), "line 1 is not the header of a metrics log"));
    CHECK(content(path) == "name,age\nAda,36\n");
}

TEST_CASE("Names that would break a line, or stand twice, are refused") {
    const Scratch scratch;
    for (const char *name : {"", "a,b", "a\nb", "a\"b", "a b", "step", "\u00e9"}) {
        CAPTURE(name);
        CHECK(MetricsLog::open(scratch / "log.csv", {name}).error() != "");
    }
    CHECK(contains(MetricsLog::open(scratch / "log.csv", {"a", "a"}).error(), "twice"));
    CHECK(slimscale::entries(scratch.folder()) == 0);
}

TEST_CASE("A row with a column that the log does not have is an error, and nothing is written") {
    const Scratch scratch;
    const MetricsLog log = opened(scratch / "log.csv");
    MetricsRow row = training_row(1);
    row.values["loss.other"] = 1;
    CHECK(contains(log.append(row).error(), "\"loss.other\""));
    CHECK(content(scratch / "log.csv") == kHeader);
}

TEST_CASE("Damaged lines are named by their number") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    const auto error_of = [&](const std::string &lines) {
        write(path, kHeader + lines);
        return read_metrics(path).error();
    };
    CHECK(error_of("1,,,,,,,\n") == "");
    CHECK(contains(error_of("1,,,,,,,\n2,,,,,,\n"), "line 3 has 7 fields; the header has 8"));
    CHECK(contains(error_of("x,,,,,,,\n"), "line 2 \"x\" is no number"));
    CHECK(contains(error_of(",,,,,,,\n"), "line 2 \"\" is no number"));
    CHECK(contains(error_of("1,2s,,,,,,\n"), "\"2s\""));
    CHECK(contains(error_of("1,,,,,,,0x1\n"), "\"0x1\""));
    CHECK(contains(error_of("1.5,,,,,,,\n"), "\"1.5\""));
    CHECK(contains(error_of("\n"), "line 2"));
    CHECK(contains(MetricsLog::open(path, kColumns).error(), path));
}

TEST_CASE("A full disk: the row is reported and the log stays whole") {
    const Scratch scratch;
    const std::string path = scratch / "log.csv";
    const MetricsLog log = opened(path);
    REQUIRE(log.append(training_row(1)).error() == "");
    const std::string before = content(path);
    {
        const FileSizeLimit limit(before.size() + 10);  // part of a line fits
        CHECK(contains(log.append(training_row(2)).error(), "cannot add to " + path));
    }
    CHECK(content(path) == before);
    {
        const FileSizeLimit limit(before.size());  // nothing fits
        CHECK(contains(log.append(training_row(2)).error(), "cannot add to " + path));
    }
    CHECK(content(path) == before);
    {
        const FileSizeLimit limit(10);
        CHECK(contains(log.truncate_after(0).error(), "cannot write"));
        CHECK(contains(MetricsLog::open(scratch / "new.csv", kColumns).error(), "cannot write"));
    }
    CHECK(content(path) == before);
    CHECK(slimscale::entries(scratch.folder()) == 1);
    REQUIRE(log.append(training_row(2)).error() == "");
    CHECK(read(path).rows.size() == 2);
}

TEST_CASE("Places where no log can be") {
    const Scratch scratch;
    CHECK(contains(MetricsLog::open(scratch / "missing/log.csv", kColumns).error(), "missing/log.csv"));
    CHECK(contains(MetricsLog::open(scratch.folder(), kColumns).error(), "no file that rows can be added to"));
    CHECK(contains(MetricsLog::open("/dev/null", kColumns).error(), "no file that rows can be added to"));
    CHECK(contains(read_metrics(scratch / "none.csv").error(), "none.csv"));
    const MetricsLog log = opened(scratch / "log.csv");
    std::filesystem::remove(scratch / "log.csv");
    CHECK(contains(log.append(training_row(1)).error(), "cannot add to"));  // rather than making a file without header
    CHECK_FALSE(std::filesystem::exists(scratch / "log.csv"));
    CHECK(log.truncate_after(1).error() != "");
}
