// slimscale: the command line. What each command does is in its own file; this one only reads options.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <new>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/option_words.h"
#include "extras/quality/degrade.h"
#include "host/console.h"
#include "host/jobs.h"
#include "host/models.h"
#include "slimscale/slimscale.h"

namespace {

using namespace slimscale;
using namespace slimscale::cli;
using namespace slimscale::host;

const char *const kFooter = R"(
Examples:
  slimscale upscale photo.png photo_x2.png           the widest trained network, twice the size
  slimscale upscale scan.jpg scan.png --scale 4
  slimscale upscale holiday/ holiday_x2/ --recursive
  slimscale upscale a.png b.jpg c.png results/ --format jpeg
  slimscale upscale photo.png photo_x2.png --compare photo.html   a page with a slider between bicubic and the result
  curl -s URL | slimscale upscale - - --format jpeg > photo.jpg
  slimscale upscale a.png b.png --width 0.25 --threads 2
  slimscale upscale a.png b.png --model mine.safetensors --speed 20ms
  ffmpeg -i in.mp4 -f yuv4mpegpipe - | slimscale video - - | \
      ffmpeg -i - -i in.mp4 -map 0:v -map 1:a? -c:a copy out.mp4
  slimscale evaluate Set5/ --model carn_m_x2
  slimscale evaluate Set5/ --model mine.safetensors --width all --self-ensemble --report mine.html
  slimscale quantize --model mine.safetensors --images photos/ --test others/ --out mine_q16.safetensors
  slimscale info

Exit codes:
  0                           all went well
  1                           at least one image failed (the others are done), a video did not end well (its whole
                              frames are done) or the output cannot be written
  2                           wrong usage or no such input
  3                           the model, width, target or profile asked for cannot be had)";

const char *const kUpscaleFooter = R"(
Images are PNG (8 and 16 bits, gray, palette, transparency) and JPEG, and where libvips is installed WebP, TIFF, AVIF,
JPEG XL and (read only) HEIC, known by their content; the output's name or --format says what is written. Profiles,
EXIF and texts are kept, the printed size stays, and what the output cannot hold is said. JPEGs are turned as EXIF says.
Of several, an image that fails is reported and the others go on.)";

const char *const kVideoFooter = R"(
y4m is taken and given with 8, 10, 12 or 16 bits, 4:2:0 to 4:4:4 or mono, at any size; range, siting, rate and whatever
else the header says stays. Raw frames (--format) are planes behind each other without padding, and come out in the same
format. Deeper than 8 bits FFmpeg writes y4m with -strict -1. The matrix, which y4m does not say, stays as well: of a
video that becomes high definition tell it to the encoder (ffmpeg -i - -colorspace smpte170m out.mp4), or players guess
BT.709. An input that ends within a frame, or an output that is closed, leaves the whole frames written, and the exit
code is 1.)";

const char *const kProfileFooter = R"(
The times choose the width that --speed asks for and, for each width, the target that auto takes: the fastest whose
arithmetic costs at most --loss. All of this processor's targets are measured, or those in the data type of --target;
times of others stay. The table is kept in $XDG_CACHE_HOME/slimscale or ~/.cache/slimscale.)";

const char *const kEvaluateFooter = R"(
As papers do it: MATLAB's bicubic on the way down, PSNR and SSIM of luma without a border of `scale` pixels. With
several widths or an ensemble, and in files, also of RGB without a border of `scale` + 6. Luma networks get the images
as gray. Small images of your own (--small) must come from an antialiased bicubic such as MATLAB's: OpenCV's
INTER_CUBIC, which is not, raises bicubic's own PSNR by 0.76 dB on Set5 and lowers CARN-M's from 37.70 to 31.02.)";

const char *const kQuantizeFooter = R"(
Runs every image as it is and shrunk by the network's scale, at every width, on the processor in f32, and writes OUT:
the file with the ranges beside its weights, and nothing else changed. Widths that are not measured keep the ranges that
they have. OUT must be generated or packed again before a compiled model knows it.)";

const char *const kCompletionFooter = R"text(
`make install` puts the scripts where the shells look. Without it:
  eval "$(slimscale completion bash)"     in ~/.bashrc
  eval "$(slimscale completion zsh)"      in ~/.zshrc, behind compinit
  slimscale completion fish > ~/.config/fish/completions/slimscale.fish)text";

constexpr double kMostLossDb = 100;
constexpr double kMostHeadroom = 16;  // which costs four of sixteen bits

// An option whose text goes through one of the parsers of values.h.
template <class Value>
CLI::Option *add_parsed(CLI::App *command, const char *name, Value &value,
                        Status (*parse)(const std::string &, Value &), const char *type, const char *help) {
    const auto read = [&value, parse](const std::string &text) {
        const Status status = parse(text, value);
        if (!status)
            throw CLI::ValidationError(status.error());
    };
    return command->add_option_function<std::string>(name, read, help)->type_name(type);
}

void add_network_options(CLI::App *command, NetworkOptions &options) {
    command
        ->add_option("-m,--model", options.model,
                     "a compiled model or network (slimscale info lists them), or a weights file for one")
        ->type_name("NAME|FILE");
    command->add_option("-s,--scale", options.scale, "1 (restoration), 2, 3 or 4; default: 2 if compiled in")
        ->check(CLI::IsMember({1, 2, 3, 4}))
        ->type_name("N");
    command->add_option("-t,--target", options.target, "auto, or one of slimscale info's")->type_name("NAME");
    command
        ->add_option("--loss", options.loss_db,
                     "of the targets that auto chooses from: the PSNR that their arithmetic may cost; 0: f32 alone; "
                     "default 0.01")
        ->check(CLI::Range(0.0, kMostLossDb))
        ->type_name("DB");
    command->add_option("--device", options.device, "which GPU, from 0, for targets that run on one")
        ->check(CLI::NonNegativeNumber)
        ->type_name("N");
    command->add_option("-j,--threads", options.threads, "default: as many as this process may use")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    command->add_flag("--allow-untrained", options.allow_untrained,
                      "also widths that the weights were never trained at");
}

Status parse_one_width(const std::string &text, std::vector<Width> &widths) {
    return parse_width(text, widths.emplace_back());
}

CLI::Option *add_width(CLI::App *command, NetworkOptions &options) {
    return add_parsed(command, "-w,--width", options.widths, parse_one_width, "W",
                      "channels (64) or a share of them (0.25); default: the widest trained");
}

// Parses a width, or "all", for which no width is named.
Status parse_width_or_all(const std::string &text, EvaluateOptions &options) {
    options.all_widths = text == "all";
    return options.all_widths ? Status() : parse_one_width(text, options.network.widths);
}

Status parse_degrade(const std::string &text, std::string &degrade) {
    degrade = text;
    return quality::parse_degradations(text).status();
}

// `--json` without a file prints.
Status parse_json_file(const std::string &text, EvaluateOptions &options) {
    options.json = text;
    options.print_json = text.empty();
    return Status();
}

void add_upscale(CLI::App &app, UpscaleOptions &options, std::function<int()> &chosen) {
    CLI::App *command = app.add_subcommand("upscale", "Upscale an image, or all images of a folder");
    command
        ->add_option("paths", options.paths,
                     "images, folders of them, or - for standard input; last a file, a folder (where IN is one or "
                     "several) or - for standard output")
        ->required()
        ->expected(2, -1)
        ->type_name("IN... OUT");
    CLI::Option *width = add_width(command, options.network);
    CLI::Option *speed =
        add_parsed(command, "--speed", options.budget_ms, parse_speed, "SPEED",
                   "30fps, 20ms or best: the widest network predicted to be that fast on this machine");
    speed->excludes(width);
    add_network_options(command, options.network);
    add_parsed(command, "--memory", options.network.memory_cap, parse_bytes, "SIZE",
               "at most this much working memory, and as much of an image at once, such as 512M");
    CLI::Option *overwrite = command->add_flag("--overwrite", options.overwrite, "replace outputs that exist");
    CLI::Option *skip =
        command
            ->add_flag("--skip-existing", options.skip_existing, "leave outputs that exist, for going on with a folder")
            ->excludes(overwrite);
    command->add_flag("-r,--recursive", options.recursive, "folders in the folder too");
    add_parsed(command, "--border", options.border, parse_border, "zeros|replicate",
               "what the network sees beyond the edges: zeros, as it was trained, or the edge pixels, which keeps flat "
               "edges flat; default: the latter for images thinner than it sees");
    add_parsed(command, "--format", options.write.format, parse_format, "png|jpeg|webp|tiff|avif|jxl",
               "of all outputs, whatever their names; default: as their names say, PNG on standard output");
    command->add_option("--quality", options.write.jpeg_quality, "of JPEG output, default 95")
        ->check(CLI::Range(1, 100))
        ->type_name("1..100");
    command
        ->add_option("--compare", options.compare,
                     "also write a page with each result and bicubic's enlargement under a slider")
        ->excludes(skip)
        ->type_name("PAGE.html");
    command->add_flag("-q,--quiet", options.quiet, "print errors only");
    command->footer(kUpscaleFooter);
    command->callback([&options, &chosen, speed] {
        options.has_speed = speed->count() > 0;
        chosen = [&options] { return run_upscale(options); };
    });
}

void add_video(CLI::App &app, VideoOptions &options, std::function<int()> &chosen) {
    CLI::App *command = app.add_subcommand("video", "Upscale y4m or raw video, from pipe to pipe or file to file");
    command->add_option("input", options.input, "a file, or - for standard input")->required()->type_name("IN");
    command->add_option("output", options.output, "a file, or - for standard output")->required()->type_name("OUT");
    CLI::Option *width = add_width(command, options.network);
    CLI::Option *speed =
        add_parsed(command, "--speed", options.budget_ms, parse_speed, "SPEED",
                   "30fps, 20ms or best: for each frame the widest network predicted to be that fast on this machine");
    speed->excludes(width);
    add_network_options(command, options.network);
    add_parsed(command, "--memory", options.network.memory_cap, parse_bytes, "SIZE",
               "at most this much working memory beside the frames, such as 512M");
    CLI::Option *format = add_parsed(command, "--format", options.stream.format, parse_frame_format, "NAME",
                                     "raw frames: nv12, p010, i420, yuv420p10le, rgb24, ...; default: y4m");
    CLI::Option *size =
        add_parsed(command, "--size", options.stream.size, parse_size, "WxH", "of raw frames, such as 640x360");
    format->needs(size);
    size->needs(format);
    add_parsed(command, "--range", options.stream.range, parse_range, "full|limited",
               "of frames that do not say; default: limited of YUV, full of RGB and gray");
    add_parsed(command, "--siting", options.stream.siting, parse_siting, "left|center|topleft",
               "of chroma in frames that do not say; default: left");
    add_parsed(command, "--matrix", options.stream.matrix, parse_matrix, "601|709|2020",
               "of YUV through a color network; default: 709 of high definition, else 601");
    command
        ->add_option("--max-pixels", options.stream.max_pixels,
                     "the largest frames that a y4m header may ask for; default 134217728, which 16K has")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32))
        ->type_name("N");
    command->add_flag("--overwrite", options.overwrite, "replace OUT if it exists");
    command->add_flag("-q,--quiet", options.quiet, "print errors only");
    command->footer(kVideoFooter);
    command->callback([&options, &chosen, speed] {
        options.has_speed = speed->count() > 0;
        chosen = [&options] { return run_video(options); };
    });
}

void add_profile(CLI::App &app, ProfileOptions &options, std::function<int()> &chosen) {
    CLI::App *command = app.add_subcommand("profile", "Measure a model's widths and targets on this machine");
    command->alias("calibrate");  // the command's name before profiles were called so
    add_network_options(command, options.network);
    add_parsed(command, "--time", options.budget_ms, parse_time, "TIME",
               "how long to measure each data type, such as 10s; default 5s");
    command->footer(kProfileFooter);
    command->callback([&] { chosen = [&options] { return run_profile(options); }; });
}

void add_info(CLI::App &app, InfoOptions &options, std::function<int()> &chosen) {
    CLI::App *command = app.add_subcommand("info", "Show machine, models, widths, targets and profiles");
    command->add_flag("--json", options.json, "for programs");
    command->add_flag("--self-test", options.self_test,
                      "compare every target with the plainest one; exit code 3 if one fails");
    command->callback([&] { chosen = [&options] { return run_info(options); }; });
}

void add_evaluate(CLI::App &app, EvaluateOptions &options, std::function<int()> &chosen) {
    CLI::App *command =
        app.add_subcommand("evaluate", "Shrink images, upscale them again and compare with the originals");
    command->add_option("images", options.images, "PNGs, JPEGs or folders of them")->required()->type_name("IMAGE");
    CLI::Option *width = add_parsed(command, "-w,--width", options, parse_width_or_all, "W",
                                    "channels (64), a share of them (0.25) or all; default: the widest trained");
    add_parsed(command, "--widths", options.network.widths, parse_widths, "W,W", "several, such as 16,64")
        ->excludes(width);
    add_network_options(command, options.network);
    command->add_flag("--self-ensemble", options.self_ensemble, "also the mean over the eight flips and transposes");
    command
        ->add_option("--small", options.small,
                     "a folder of small images with the originals' names; default: they are made")
        ->type_name("DIR");
    add_parsed(command, "--degrade", options.degrade, parse_degrade, "HOW",
               "what happens to the small images: photo, or kinds with a strength such as jpeg=75, noise=5, "
               "\"blur=0.2-1:0.4,jpeg=60-95\"; the same every time");
    command->add_option("--beside", options.beside, "show another evaluation's JSON of the same images too")
        ->type_name("JSON");
    command->add_option("--save", options.save, "keep the small image, bicubic's and ours in this folder")
        ->type_name("DIR");
    command->add_option("--markdown", options.markdown, "write the scores as Markdown")->type_name("FILE.md");
    command->add_option("--report", options.report, "write them as a page, with a chart and close-ups")
        ->type_name("FILE.html");
    add_parsed(command, "--json", options, parse_json_file, "[FILE.json]", "print them for programs, or write a file")
        ->expected(0, 1);
    command->add_flag("--overwrite", options.overwrite, "replace files that exist");
    command->footer(kEvaluateFooter);
    command->callback([&] { chosen = [&options] { return run_evaluate(options); }; });
}

void add_quantize(CLI::App &app, QuantizeOptions &options, std::function<int()> &chosen) {
    CLI::App *command =
        app.add_subcommand("quantize", "Measure the ranges that the data types q16 and int8 need, for a weights file");
    add_network_options(command, options.network);
    command->get_option("--model")->required();
    command->add_option("--images", options.images, "PNGs, JPEGs or folders of them to measure on")
        ->required()
        ->type_name("IMAGE");
    command->add_option("--test", options.test, "others, to count on how many values lie beyond the ranges")
        ->type_name("IMAGE");
    add_parsed(command, "--widths", options.network.widths, parse_widths, "W,W",
               "such as 16,64; default: every trained one that is compiled in");
    command->add_option("--out", options.output, "the calibrated weights file")
        ->required()
        ->type_name("FILE.safetensors");
    command->add_option("--headroom", options.headroom, "q16: ranges are the largest values times this; default 2")
        ->check(CLI::Range(1.0, kMostHeadroom))
        ->type_name("FACTOR");
    command->add_flag("--overwrite", options.overwrite, "replace OUT if it exists, also where it is the model's file");
    command->footer(kQuantizeFooter);
    command->callback([&] { chosen = [&options] { return run_quantize(options); }; });
}

// Names of models and targets, which the options' types do not say.
std::map<std::string, std::vector<std::string>> known_values() {
    std::vector<std::string> models, targets{"auto"};
    for (const Model &model : compiled_models()) {
        models.push_back(model.name);
        for (const Model::Target &target : model.targets)
            if (std::find(targets.begin(), targets.end(), target.name) == targets.end())
                targets.push_back(target.name);
    }
    return {{"model", models}, {"target", targets}};
}

void add_completion(CLI::App &app, Shell &shell, std::function<int()> &chosen) {
    CLI::App *command = app.add_subcommand("completion", "Print a script that completes this command line in a shell");
    const std::map<std::string, Shell> shells{{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
    command->add_option("shell", shell, "whose script")
        ->required()
        ->transform(CLI::CheckedTransformer(shells).description(""))
        ->type_name("bash|zsh|fish");
    command->footer(kCompletionFooter);
    command->callback([&app, &shell, &chosen] {
        chosen = [&app, &shell] {
            std::fputs(completion_script(shell, words_of(app, known_values())).c_str(), stdout);
            return kOk;
        };
    });
}

int run(int argc, char **argv) {
    CLI::App app("Super-resolution with compiled networks of several widths.", "slimscale");
    app.footer(kFooter);
    app.set_version_flag("--version", "slimscale " + version());
    app.require_subcommand(1);

    UpscaleOptions upscale;
    VideoOptions video;
    ProfileOptions profile;
    InfoOptions info;
    EvaluateOptions evaluate;
    QuantizeOptions quantize;
    Shell shell{};
    std::function<int()> chosen;
    add_upscale(app, upscale, chosen);
    add_video(app, video, chosen);
    add_profile(app, profile, chosen);
    add_info(app, info, chosen);
    add_evaluate(app, evaluate, chosen);
    add_quantize(app, quantize, chosen);
    add_completion(app, shell, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == 0)
            return app.exit(error);  // --help, --version
        complain("", std::string(error.what()) + " (slimscale --help)");
        return kBadUsage;
    }
    return chosen();
}

// A result that could not be printed, as on a full disk, is a failure.
int checked_output(int exit_code) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout))
        return exit_code;
    complain("", "standard output cannot be written; make room, or redirect it elsewhere");
    return exit_code == kOk ? kImageFailed : exit_code;
}

}  // namespace

int main(int argc, char **argv) {
    try {
        return checked_output(run(argc, argv));
    } catch (const std::bad_alloc &) {
        complain("", "not enough memory");
    } catch (const std::exception &error) {  // the standard library's; ours returns errors
        complain("", error.what());
    }
    return kCannotRun;
}
