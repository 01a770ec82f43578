#include "trainer/ablation.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/table.h"
#include "base/text.h"
#include "extras/reports/metrics_log.h"

namespace slimscale::trainer {
namespace {

namespace fs = std::filesystem;
using base::decimal;

constexpr double kPaperLambda = 200;

struct Variant {
    const char *name, *meaning;
};
constexpr Variant kWidest{"widest", "the widest width alone"};
constexpr Variant kAlone{"alone", "the narrow width alone, from scratch"};
constexpr Variant kFromWidest{"from_widest", "the narrow width alone, started from the widest's leading channels"};
constexpr Variant kJoint{"joint", "both widths in one file, L1"};
constexpr Variant kJointContrast{"joint_contrast", "both widths in one file, L1 and contrast"};
constexpr Variant kOwnAffine{"own_affine", "the better of the two above, each width with its own scale and bias"};

// The results of one run.
struct Figures {
    std::map<int, double> psnr;  // by width, at the last step
    double bicubic = 0, seconds = 0;
};

using Table = std::map<std::string, std::vector<Figures>>;  // by variant, one per seed

class Ablation {
public:
    Ablation(const Config &config, const AblationOptions &options) : base_(config), seeds_(options.seeds) {
        if (base_.contrast.lambda == 0)
            base_.contrast.lambda = kPaperLambda;
    }

    Outcome go() {
        if (base_.widths.size() != 2)
            return {kBadUsage, "an ablation compares two widths: --widths 16,64"};
        if (base_.validate.empty())
            return {kBadUsage, "name images to measure on: --validate <folder>"};
        if (base_.contrast.backbone.empty())
            return {kBadUsage, "name the contrast's backbone: --backbone <file>"};
        if (seeds_.empty())
            return {kBadUsage, "name seeds: --seeds 1,2,3"};
        for (const Variant &variant : {kWidest, kAlone, kFromWidest, kJoint, kJointContrast})
            if (Outcome outcome = run_all(variant, config_of(variant)); outcome.code != kOk)
                return outcome;
        Config own = config_of(narrow(kJointContrast) > narrow(kJoint) ? kJointContrast : kJoint);
        own.own_affine = true;
        if (Outcome outcome = run_all(kOwnAffine, own); outcome.code != kOk)
            return outcome;
        const Status written = write();
        return {written ? kOk : kFailed, written.error()};
    }

private:
    int narrow_width() const { return base_.widths.front(); }
    int wide_width() const { return base_.widths.back(); }

    Config config_of(const Variant &variant) const {
        Config config = base_;
        const std::string name = variant.name;
        const bool joint = name == kJoint.name || name == kJointContrast.name;
        if (!joint)
            config.widths = {name == kWidest.name ? wide_width() : narrow_width()};
        if (name != kJointContrast.name)
            config.contrast.lambda = 0;
        config.grow.clear();
        return config;
    }

    std::string folder(const char *variant, uint64_t seed) const {
        return (fs::path(base_.out) / (std::string(variant) + "_seed" + std::to_string(seed))).native();
    }

    Outcome run_all(const Variant &variant, Config config) {
        for (const uint64_t seed : seeds_) {
            config.seed = seed;
            config.out = folder(variant.name, seed);
            if (std::string(variant.name) == kFromWidest.name)
                config.init = (fs::path(folder(kWidest.name, seed)) / "model.safetensors").native();
            Figures figures;
            if (!read(config, &figures)) {
                std::fprintf(stderr, "%s, seed %lu\n", variant.name, static_cast<unsigned long>(seed));
                config.resume = true;
                if (Outcome outcome = train(config); outcome.code != kOk)
                    return outcome;
                if (!read(config, &figures))
                    return {kFailed, config.out + ": the run left no figures"};
            }
            table_[variant.name].push_back(figures);
        }
        return {};
    }

    // Reads the last step's validation of a finished run. False: the run is not finished.
    static bool read(const Config &config, Figures *figures) {
        const Result<reports::Metrics> metrics = reports::read_metrics((fs::path(config.out) / "metrics.csv").native());
        if (!metrics)
            return false;
        for (const reports::MetricsRow &row : metrics->rows) {
            if (row.step != config.steps || row.values.count("psnr.bicubic") == 0)
                continue;
            for (const int width : config.widths)
                if (const auto found = row.values.find("psnr." + std::to_string(width)); found != row.values.end())
                    figures->psnr[width] = found->second;
            figures->bicubic = row.values.at("psnr.bicubic");
            figures->seconds = row.seconds;
        }
        return !figures->psnr.empty();
    }

    std::vector<double> column(const std::string &variant, int width) const {
        std::vector<double> values;
        for (const Figures &figures : table_.at(variant))
            if (const auto found = figures.psnr.find(width); found != figures.psnr.end())
                values.push_back(found->second);
        return values;
    }

    double narrow(const Variant &variant) const { return spread_of(column(variant.name, narrow_width())).mean; }

    static std::string text(const std::vector<double> &values) {
        if (values.empty())
            return "";
        const Spread spread = spread_of(values);
        return decimal(spread.mean, 3) + " ± " + decimal(spread.deviation, 3);
    }

    Status write() const {
        const auto width_title = [](int width) { return std::to_string(width) + " channels, dB"; };
        base::Table table{"",
                          {{"run"},
                           {width_title(narrow_width()), true},
                           {width_title(wide_width()), true},
                           {"minutes", true, /*decimals=*/1}},
                          {}};
        nlohmann::ordered_json json;
        for (const Variant &variant : {kAlone, kFromWidest, kWidest, kJoint, kJointContrast, kOwnAffine}) {
            std::vector<double> minutes;
            for (const Figures &figures : table_.at(variant.name))
                minutes.push_back(figures.seconds / 60);
            table.rows.push_back({variant.meaning, text(column(variant.name, narrow_width())),
                                  text(column(variant.name, wide_width())), spread_of(minutes).mean});
            for (const int width : base_.widths)
                json["psnr"][variant.name][std::to_string(width)] = column(variant.name, width);
        }
        table.rows.push_back({"bicubic", decimal(table_.at(kAlone.name)[0].bicubic, 3)});
        json["bicubic"] = table_.at(kAlone.name)[0].bicubic;
        json["seeds"] = seeds_;
        json["options"] = options_text(base_);
        const std::string markdown = base::to_markdown(table);
        std::fputs(markdown.c_str(), stdout);
        SLIMSCALE_RETURN_IF_ERROR(write_text("ablation.md", markdown));
        return write_text("ablation.json", json.dump(2) + "\n");
    }

    Status write_text(const char *name, const std::string &text) const {
        return base::write_file((fs::path(base_.out) / name).native(), text);
    }

    Config base_;
    std::vector<uint64_t> seeds_;
    Table table_;
};

}  // namespace

Spread spread_of(const std::vector<double> &values) {
    if (values.empty())
        return {};
    Spread spread;
    for (const double value : values)
        spread.mean += value / static_cast<double>(values.size());
    double squares = 0;
    for (const double value : values)
        squares += (value - spread.mean) * (value - spread.mean);
    spread.deviation = values.size() > 1 ? std::sqrt(squares / static_cast<double>(values.size() - 1)) : 0;
    return spread;
}

Outcome run_ablation(const Config &config, const AblationOptions &options) {
    return Ablation(config, options).go();
}

}  // namespace slimscale::trainer
