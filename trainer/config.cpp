#include "trainer/config.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "base/text.h"
#include "extras/quality/degrade.h"

namespace slimscale::trainer {
namespace {

// The one list of options: one visitor declares them, another prints them.
template <typename Visitor>
void visit_network(Config &c, Visitor &&visit) {
    std::string presets;
    for (const std::string &name : networks::preset_names())
        presets += (presets.empty() ? "preset: " : ", ") + name;
    visit.value("network", c.network, presets.c_str());
    visit.value("name", c.name, "name in the trained file; default: the preset's");
    visit.value("scale", c.scale, "2, 3 or 4; 1: restoration at the input's size, which needs --degrade");
    visit.value("colors", c.colors, "3: RGB, 1: luma");
    visit.value("channels", c.channels, "of the widest network; 0: the preset's");
    visit.value("blocks", c.blocks, "0: the preset's");
    visit.list("widths", c.widths, "channel counts to train, such as 16,32,64; default: the full one");
    visit.flag("input-skip", c.input_skip,
               "add the input, enlarged by repetition, to the output; the network then learns the difference");
    visit.flag("feature-residual", c.feature_residual,
               "compact: add the first convolution's features before the last activation");
    visit.value("expansion", c.expansion,
                "train each 3x3 collapsibly, through this many times its outputs (at most 256 channels); the trained "
                "file holds plain filters; 0: off");
    visit.flag("leading-slices", c.leading_slices, "slice concatenations (CARN) as the CSD authors do");
    visit.flag(
        "own-affine", c.own_affine,
        "for study: an output scale and bias per channel for every width; trained files have no place for them, so "
        "the run writes a checkpoint and no model.safetensors");
}

template <typename Visitor>
void visit_start(Config &c, Visitor &&visit) {
    visit.value("init", c.init,
                "trained file to start from: its leading channels are taken over, from another scale too");
    visit.choice("init-style", c.init_style, {"random", "nested"},
                 "nested: wider channels feed nothing into narrower ones at first, so that a wide network starts as "
                 "the narrow one");
    visit.value(
        "freeze", c.freeze,
        "one of --widths: all that it reads keeps the values of --init, and only wider widths are trained; 0: none");
    visit.value("seed", c.seed, "of weights, patches and widths");
}

template <typename Visitor>
void visit_data(Config &c, Visitor &&visit) {
    visit.list("data", c.data, "folders or files of training images (PNG, JPEG)");
    visit.list("exclude", c.exclude, "images to leave out, by file name without its ending");
    visit.value("teacher-images", c.teacher_images,
                "folder with a stronger network's outputs for all training images, under their names (slimscale_train "
                "shrink writes what that network has to enlarge)");
    visit.value("teacher-share", c.teacher_share, "share of the loss against them; the rest is against the originals");
    visit.value("degrade", c.degrade,
                "what happens to the low-resolution side: photo, or kinds such as "
                "\"blur=0.2-1:0.4,noise=0-8,jpeg=60-95\" (strengths, and behind the colon the share of patches)");
    visit.value("patch", c.patch, "side of a high-resolution patch, in pixels");
    visit.value("batch", c.batch, "patches per step and process");
    visit.value("memory-gb", c.memory_gb, "most memory for decoded images");
}

template <typename Visitor>
void visit_steps(Config &c, Visitor &&visit) {
    visit.value("steps", c.steps, "steps of the whole run, including those before --resume");
    visit.choice("optimizer", c.optimizer, {"adam", "sgd"}, "adam or sgd");
    visit.value("learning-rate", c.learning_rate, "learning rate after the warm-up");
    visit.choice("decay", c.decay, {"constant", "cosine", "step"}, "how the learning rate decays");
    visit.value("decay-to", c.decay_to, "cosine: share of the rate at the end");
    visit.value("decay-every", c.decay_every, "step: steps between two reductions");
    visit.value("decay-factor", c.decay_factor, "step: factor of each reduction");
    visit.value("warmup", c.warmup, "steps of linear growth at the start and whenever a width joins");
    visit.value("momentum", c.momentum, "of SGD");
    visit.value("beta2", c.beta2, "of Adam");
    visit.value("clip", c.clip, "largest norm of the gradient; 0: no limit");
    visit.value("ema", c.ema, "decay of the averaged weights that are validated and shipped; 0: none");
    visit.list("grow", c.grow, "steps at which the next wider width joins, one fewer than there are widths");
    visit.value("widths-per-step", c.widths_per_step,
                "sandwich rule: the widest, the narrowest and others at random; 0: all");
    visit.choice("loss", c.loss, {"l1", "charbonnier", "l2"}, "distance between output and original, on values 0..255");
    visit.value("l2-share", c.l2_share, "share of the last steps whose loss is l2");
    visit.value("lambda-teacher", c.lambda_teacher, "weight of the widest width's loss");
    visit.value("lambda-distill", c.lambda_distill,
                "weight of the loss between a narrower width's output and the widest's");
    visit.list("width-weights", c.width_weights, "weights of the losses, in the order of --widths; default: 1 each");
}

template <typename Visitor>
void visit_contrast(Config &c, Visitor &&visit) {
    ContrastConfig &contrast = c.contrast;
    visit.value("lambda-contrast", contrast.lambda, "weight of the contrastive loss; 0: none");
    visit.value("backbone", contrast.backbone,
                "VGG19, VGG16 or pruned VGG19 (.safetensors), in whose features the contrast is measured");
    visit.choice("negatives", contrast.negatives, {"others", "paper", "flipped"},
                 "others: bicubic upscalings of other images; paper: of the first --negative-count images, the own "
                 "one among them; flipped: bilinear upscalings of the last ones (MindSpore version)");
    visit.value("negative-count", contrast.count, "negatives per image");
    visit.value("contrast-every", contrast.every, "the contrast is computed once in so many steps");
    visit.value("contrast-crop", contrast.crop, "side of what the backbone sees, in pixels; 0: the whole patch");
    visit.value("contrast-images", contrast.images, "images of the batch that the contrast is computed for; 0: all");
    visit.choice("feature-range", contrast.range, {"imagenet", "unit", "bytes"},
                 "values that the backbone sees: normalized as it was trained, 0..1, or 0..255 (the CSD authors)");
}

template <typename Visitor>
void visit_machine(Config &c, Visitor &&visit) {
    visit.value("device", c.device, "cpu or cuda");
    visit.choice("precision", c.precision, {"f32", "bf16"},
                 "of the convolutions between head and tail; weights and optimizer stay f32");
    visit.value("f32-share", c.f32_share, "with bf16: share of the last steps that run in f32");
    visit.value("threads", c.threads, "0: as many as this process may use");
    visit.value("minutes", c.minutes,
                "after so many minutes of training the run saves and ends, and --resume goes on; 0: no limit");
    visit.value("loader-threads", c.loader_threads, "threads that cut patches in the background");
}

template <typename Visitor>
void visit_output(Config &c, Visitor &&visit) {
    visit.value("out", c.out, "folder for checkpoint, trained file, metrics and report");
    visit.value("checkpoint-every", c.checkpoint_every, "steps between two checkpoints");
    visit.value("log-every", c.log_every, "steps between two rows of metrics.csv");
    visit.list("validate", c.validate, "folders or files of images to validate on");
    visit.value("validate-every", c.validate_every, "steps between two validations");
    visit.value("validate-images", c.validate_images, "most images to validate on, the first ones");
    visit.value("license", c.license, "licence of the weights, for the trained file");
    visit.value("source", c.source, "where the weights come from, for the trained file");
}

template <typename Visitor>
void visit_all(Config &c, Visitor &&visit) {
    visit_network(c, visit);
    visit_start(c, visit);
    visit_data(c, visit);
    visit_steps(c, visit);
    visit_contrast(c, visit);
    visit_machine(c, visit);
    visit_output(c, visit);
}

// The spellings of an enum; a value's place in the list is its number.
using Choices = std::vector<std::string>;

class Declarer {
public:
    explicit Declarer(CLI::App &app) : app_(app) {}

    template <typename T>
    void value(const char *name, T &value, const char *help) {
        app_.add_option(dashed(name), value, help)->capture_default_str();
    }
    template <typename T>
    void list(const char *name, std::vector<T> &value, const char *help) {
        app_.add_option(dashed(name), value, help)->delimiter(',');
    }
    void flag(const char *name, bool &value, const char *help) {
        const std::string both = value ? dashed(name) + ",!--no-" + name : dashed(name);
        app_.add_flag(both, value, help)->capture_default_str();
    }
    template <typename Enum>
    void choice(const char *name, Enum &value, const Choices &choices, const char *help) {
        const auto store = [&value, choices](const std::string &text) {
            value = static_cast<Enum>(std::find(choices.begin(), choices.end(), text) - choices.begin());
        };
        app_.add_option_function<std::string>(dashed(name), store, help)
            ->check(CLI::IsMember(choices))
            ->default_str(choices[static_cast<size_t>(value)]);
    }

private:
    static std::string dashed(const char *name) { return std::string("--") + name; }

    CLI::App &app_;
};

// Prints one `name=value` per line, as CLI11 reads config files.
class Printer {
public:
    template <typename T>
    void value(const char *name, const T &value, const char *) {
        line(name) << text(value) << "\n";
    }
    template <typename T>
    void list(const char *name, const std::vector<T> &values, const char *) {
        if (values.empty())
            return;
        std::ostream &out = line(name);
        for (size_t i = 0; i < values.size(); i++)
            out << (i == 0 ? "[" : ", ") << text(values[i]);
        out << "]\n";
    }
    void flag(const char *name, bool value, const char *) { line(name) << (value ? "true" : "false") << "\n"; }
    template <typename Enum>
    void choice(const char *name, Enum value, const Choices &choices, const char *) {
        this->value(name, choices[static_cast<size_t>(value)], "");
    }
    std::string str() const { return out_.str(); }

private:
    std::ostream &line(const char *name) { return out_ << name << "="; }
    static std::string text(const std::string &value) { return '"' + value + '"'; }
    template <typename Number>
    static std::string text(Number value) {
        std::array<char, 32> digits;
        return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
    }

    std::ostringstream out_;
};

Status check_rules(const Config &c) {
    struct Rule {
        bool broken;
        const char *sentence;
    };
    const Rule rules[] = {
        {c.data.empty(), "name training images: --data <folder>"},
        {c.out.empty(), "name a folder for the results: --out <folder>"},
        {c.patch < 8 * c.scale || c.patch % c.scale != 0,
         "--patch must be a multiple of the scale and at least 8 low-resolution pixels"},
        {c.batch < 1, "--batch must be at least 1"},
        {c.steps < 1, "--steps must be at least 1"},
        {!(c.learning_rate > 0), "--learning-rate must be positive"},
        {c.warmup < 0, "--warmup must not be negative"},
        {c.freeze != 0 && (std::count(c.widths.begin(), c.widths.end(), c.freeze) == 0 || c.freeze == c.widths.back()),
         "--freeze must be one of --widths, and not the widest"},
        {c.freeze != 0 && !c.grow.empty(), "--freeze and --grow exclude each other"},
        {c.freeze != 0 && c.own_affine, "--freeze and --own-affine exclude each other"},
        {c.expansion < 0, "--expansion must not be negative"},
        {!(c.teacher_share >= 0 && c.teacher_share <= 1), "--teacher-share must be within 0 and 1"},
        {!(c.l2_share >= 0 && c.l2_share <= 1), "--l2-share must be within 0 and 1"},
        {!(c.minutes >= 0), "--minutes must not be negative"},
        {!c.width_weights.empty() && c.width_weights.size() != c.widths.size(),
         "--width-weights takes one weight for each of --widths"},
        {!(c.ema >= 0 && c.ema < 1), "--ema must be at least 0 and below 1"},
        {!(c.f32_share >= 0 && c.f32_share <= 1), "--f32-share must be within 0 and 1"},
        {c.decay_every < 1, "--decay-every must be at least 1"},
        {c.checkpoint_every < 1 || c.log_every < 1 || c.validate_every < 1,
         "--checkpoint-every, --log-every and --validate-every must be at least 1"},
        {c.loader_threads < 1, "--loader-threads must be at least 1"},
        {c.device != "cpu" && c.device != "cuda", "--device must be cpu or cuda"},
        {c.contrast.lambda != 0 && c.contrast.backbone.empty(),
         "the contrast needs a backbone: --backbone vgg19.safetensors"},
        {c.contrast.every < 1 || c.contrast.count < 1, "--contrast-every and --negative-count must be at least 1"},
        {c.contrast.crop < 0 || c.contrast.crop > c.patch, "--contrast-crop must be within 0 and --patch"},
        {c.contrast.images < 0, "--contrast-images must not be negative"},
        {c.resume && c.fresh, "--resume and --fresh exclude each other"},
        {!c.grow.empty() && c.grow.size() + 1 != c.widths.size(), "--grow takes one step fewer than there are widths"},
        {!std::is_sorted(c.grow.begin(), c.grow.end()), "--grow must be ascending"},
    };
    for (const Rule &rule : rules)
        if (rule.broken)
            return Error{rule.sentence};
    return Status();
}

Status check_contrast(const Config &c) {
    // Four pools halve the sides, and padding by reflection then needs two pixels.
    constexpr int kLeastSide = 32;
    const ContrastConfig &contrast = c.contrast;
    if (contrast.lambda == 0)
        return Status();
    if (c.colors != 3)
        return Error{"the contrast compares RGB images: --colors 3, or --lambda-contrast 0"};
    if (c.widths.size() < 2)
        return Error{"the contrast compares a narrow width with the widest: name at least two --widths"};
    if ((contrast.crop > 0 ? contrast.crop : c.patch) < kLeastSide)
        return Error{"the contrast needs patches with sides of at least 32 pixels: raise --patch or --contrast-crop"};
    if (contrast.negatives == Negatives::others && c.batch < 2)
        return Error{"a batch of one has no other images: raise --batch, or choose --negatives paper"};
    return Status();
}

// The settings of Wang et al., arXiv 2105.11683, section 4.1, and of the authors' code: EDSR x4, with a quarter of its
// channels beside all of them.
void apply_paper(Config *c) {
    c->network = "edsr";
    c->scale = 4;
    c->widths = {64, 256};
    c->leading_slices = true;
    c->input_skip = false;
    c->patch = 192;
    c->batch = 16;
    c->steps = 400000;  // 400 epochs of 1000 steps
    c->learning_rate = 1e-4;
    c->decay = Decay::step;
    c->decay_every = 200000;
    c->decay_factor = 0.1;
    c->contrast.lambda = 200;
    c->contrast.negatives = Negatives::paper;
    c->contrast.count = 10;
    c->contrast.range = FeatureRange::bytes;
}

}  // namespace

void declare(CLI::App &app, Config *config) {
    app.set_config("--config", "", "file of options: one `name=value` per line, as a run prints them");
    // Runs first, before any other option is stored, so that explicit options win over the preset.
    app.add_option_function<std::string>(
           "--preset", [config](const std::string &) { apply_paper(config); }, "paper: CSD's published settings")
        ->check(CLI::IsMember({"paper"}))
        ->trigger_on_parse()
        ->configurable(false);
    visit_all(*config, Declarer(app));
    app.add_flag("--resume", config->resume, "go on from the checkpoint in --out, if there is one")
        ->configurable(false);
    app.add_flag("--fresh", config->fresh, "start over, replacing what is in --out")->configurable(false);
    app.add_flag("-q,--quiet", config->quiet, "no progress, errors only")->configurable(false);
}

std::string options_text(const Config &config) {
    Printer printer;
    visit_all(const_cast<Config &>(config), printer);  // only reads
    return printer.str();
}

networks::Network network_of(const Config &config) {
    networks::Network network =
        networks::preset(config.network, config.scale, config.colors).value_or(networks::Network{});
    if (!config.name.empty())
        network.name = config.name;
    if (config.channels > 0)
        network.channels = config.channels;
    if (config.blocks > 0)
        network.blocks = config.blocks;
    network.input_skip = config.input_skip;
    if (network.family == networks::Family::compact)
        network.feature_residual = config.feature_residual;
    if (config.leading_slices)
        network.slicing = networks::Slicing::leading;
    return network;
}

Status complete(Config *config) {
    if (!networks::preset(config->network, config->scale))
        return Error{"--network knows " + base::joined(networks::preset_names()) + ", not " + config->network};
    const networks::Network network = network_of(*config);
    SLIMSCALE_RETURN_IF_ERROR(networks::check_network(network));
    if (config->widths.empty())
        config->widths = {network.channels};
    std::sort(config->widths.begin(), config->widths.end());
    config->widths.erase(std::unique(config->widths.begin(), config->widths.end()), config->widths.end());
    for (const int width : config->widths)
        SLIMSCALE_RETURN_IF_ERROR(networks::check_width(network, width));
    if (!config->degrade.empty())
        SLIMSCALE_RETURN_IF_ERROR(quality::parse_degradations(config->degrade), "--degrade: ");
    if (config->scale == 1 && config->degrade.empty())
        return Error{
            "at --scale 1 there is nothing to learn without --degrade, such as --degrade noise=25 or --degrade photo"};
    SLIMSCALE_RETURN_IF_ERROR(check_rules(*config));
    return check_contrast(*config);
}

}  // namespace slimscale::trainer
