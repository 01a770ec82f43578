#include "bench/widths/options.h"

#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>

namespace slimscale::bench {
namespace {

constexpr int kMaxSide = 1 << 16;  // the limit of slimscale_plan
constexpr double kMaxSeconds = 24 * 3600;

constexpr std::pair<const char *, Size> kNamedSizes[] = {
    {"240p", {426, 240}}, {"360p", {640, 360}}, {"540p", {960, 540}}, {"720p", {1280, 720}}, {"1080p", {1920, 1080}}};

const char *const kFooter = R"(
Examples:
  bench_widths --sizes 240p,1080p --model edsr_small_x2 --html bench.html --json bench.json
  bench_widths --sizes 640x360 --targets avx2 --threads 1 --pin --compare before.json
  bench_widths --model edsr_small_x2 --sizes 640x360 --threads 1 --format nv12
  bench_widths --model edsr_small_x2 --images Set5/ --peers build/peers.json --html bench.html)";

Status parse_size(const std::string &text, Size &size) {
    for (const auto &[name, named] : kNamedSizes)
        if (text == name) {
            size = named;
            return Status();
        }
    int end = 0;
    const bool read = std::sscanf(text.c_str(), "%dx%d%n", &size.width, &size.height, &end) == 2;
    if (read && static_cast<size_t>(end) == text.size() && size.width > 0 && size.height > 0 &&
        size.width <= kMaxSide && size.height <= kMaxSide)
        return Status();
    return Error{"\"" + text + "\" is no size; use 240p, 360p, 540p, 720p, 1080p or WxH of 1 to " +
                 std::to_string(kMaxSide) + " pixels"};
}

void add_what(CLI::App &app, Options &options) {
    app.add_option("--model", options.models, "a compiled model, a network or a weights file; default: all in color")
        ->type_name("NAME|FILE");
    app.add_option_function<std::string>(
           "--targets", [&](const std::string &text) { options.targets = parse_names(text); },
           "avx2,cuda,...; default: all that this machine runs except naive")
        ->type_name("NAMES");
    const auto sizes = [&](const std::string &text) {
        const Status status = parse_sizes(text, options.sizes);
        if (!status)
            throw CLI::ValidationError(status.error());
    };
    app.add_option_function<std::string>("--sizes", sizes, "240p,360p,540p,720p,1080p or WxH, of inputs; default 240p")
        ->type_name("SIZES");
    app.add_option("--format", options.format,
                   "nv12, p010, rgb8, ...: format of the frames, in and out; default rgb8, of luma networks gray8")
        ->type_name("FORMAT");
}

void add_how(CLI::App &app, Options &options) {
    app.add_option("--threads", options.threads, "default: as many as this process may use")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    app.add_flag("--pin", options.pin, "keep to the first --threads processors that this process may use");
    app.add_option("--seconds", options.seconds, "time for frames, per model and size; default 10")
        ->check(CLI::Range(0., kMaxSeconds))
        ->type_name("S");
    app.add_option("--rounds", options.rounds, "the least number of rounds, however long they take; default 5")
        ->check(CLI::Range(1, 1000000))
        ->type_name("N");
    app.add_flag("--resident", options.resident, "also measure the peak of resident memory, in a process per row");
    app.add_option("--images", options.images, "folder of originals: PSNR of luma, as slimscale evaluate measures it")
        ->check(CLI::ExistingPath)
        ->type_name("FOLDER");
    app.add_option("--resident-child", options.resident_child_channels)->group("");  // resident.h
}

void add_files(CLI::App &app, Options &options) {
    app.add_option("--json", options.json, "write the report, for programs and --compare")->type_name("FILE");
    app.add_option("--html", options.html, "write the report, with charts")->type_name("FILE");
    app.add_option("--compare", options.compare, "an earlier --json, to show old time over new for each row")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    app.add_option("--peers", options.peers, "other engines' rows (make peers) for the page's charts")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
}

}  // namespace

std::string text_of(const Size &size) {
    return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::vector<std::string> parse_names(const std::string &text) {
    std::vector<std::string> names;
    size_t begin = 0;
    while (begin <= text.size()) {
        const size_t end = std::min(text.find(',', begin), text.size());
        if (end > begin)
            names.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

Status parse_sizes(const std::string &text, std::vector<Size> &sizes) {
    std::vector<Size> parsed;
    for (const std::string &name : parse_names(text))
        SLIMSCALE_RETURN_IF_ERROR(parse_size(name, parsed.emplace_back()));
    if (parsed.empty())
        return Error{"no size is named; use 240p, 360p, 540p, 720p, 1080p or WxH"};
    sizes = std::move(parsed);
    return Status();
}

Parsed parse_options(int argc, char **argv, Options &options) {
    CLI::App app("Times every width of compiled networks on every target of this machine.");
    app.footer(kFooter);
    add_what(app, options);
    add_how(app, options);
    add_files(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &help) {
        app.exit(help);
        return Parsed::done;
    } catch (const CLI::ParseError &error) {
        std::fprintf(stderr, "bench_widths: %s\n", error.what());
        return Parsed::wrong;
    }
    return Parsed::run;
}

}  // namespace slimscale::bench
