#include "trainer/record.h"

#include <algorithm>
#include <filesystem>

#include "extras/images/image.h"
#include "extras/quality/pictures.h"
#include "extras/reports/training_page.h"
#include "trainer/schedule.h"

namespace slimscale::trainer {
namespace {

using images::Image;
using reports::MetricsRow;

constexpr int kCropSide = 96;  // high-resolution pixels of the pictures on the page
constexpr size_t kCropImages = 3;
constexpr double kCropZoom = 2;

std::string column(const char *part, int width) {
    return std::string(part) + std::to_string(width);
}

// The columns of a run with these options, the same for an unbroken and a resumed run.
std::vector<std::string> columns(const Config &config) {
    std::vector<std::string> names{"loss.total"};
    for (const int width : config.widths)
        names.push_back(column("loss.l1.", width));
    if (config.contrast.lambda != 0)
        for (const int width : config.widths)
            if (width != config.widths.back())
                names.push_back(column("loss.contrast.", width));
    for (const int width : config.widths)
        names.push_back(column("psnr.", width));
    names.emplace_back("psnr.bicubic");
    return names;
}

// A square from the picture's middle.
Image middle(const Image &image) {
    const int width = std::min(kCropSide, image.width), height = std::min(kCropSide, image.height);
    return quality::cropped(image, (image.width - width) / 2, (image.height - height) / 2, width, height);
}

Status add_picture(const std::string &caption, const Image &image, reports::PictureRow *row) {
    std::vector<uint8_t> png;
    SLIMSCALE_RETURN_IF_ERROR(images::encode_image(middle(image), images::FileFormat::png, {}, png));
    row->pictures.push_back({caption, std::move(png)});
    return Status();
}

}  // namespace

Record::Record(const Config &config, const std::vector<Pair> &validation, reports::MetricsLog log)
    : config_(&config), validation_(&validation), log_(std::move(log)),
      bicubic_(validation.empty() ? 0 : bicubic_psnr(validation, config.scale)) {}

std::string Record::path(const char *name) const {
    return (std::filesystem::path(config_->out) / name).native();
}

Result<Record> Record::open(const Config &config, const std::vector<Pair> &validation, int64_t step) {
    const std::string path = (std::filesystem::path(config.out) / "metrics.csv").native();
    std::error_code code;
    if (step == 0)
        std::filesystem::remove(path, code);
    SLIMSCALE_ASSIGN_OR_RETURN(reports::MetricsLog log, reports::MetricsLog::open(path, columns(config)));
    SLIMSCALE_RETURN_IF_ERROR(log.truncate_after(step));
    return Record(config, validation, std::move(log));
}

Status Record::step(const TrainingState &state, const Losses &losses, int images, double seconds) {
    const auto add = [this](const std::string &name, double value) {
        sums_[name].first += value;
        sums_[name].second++;
    };
    add("loss.total", losses.total);
    for (const auto &[width, value] : losses.l1)
        add(column("loss.l1.", width), value);
    for (const auto &[width, value] : losses.contrast)
        add(column("loss.contrast.", width), value);
    seconds_ += seconds;
    images_ += images;
    if (state.step % config_->log_every != 0 && state.step != config_->steps)
        return Status();

    MetricsRow row;
    row.step = state.step;
    row.seconds = state.seconds;
    row.images_per_second = static_cast<double>(images_) / seconds_;
    row.learning_rate = learning_rate(*config_, state.step - 1);
    for (const auto &[name, sum] : sums_)
        row.values[name] = sum.first / sum.second;
    sums_.clear();
    seconds_ = 0;
    images_ = 0;
    return log_.append(row);
}

Status Record::validation(const TrainingState &state, const Validation &result) {
    MetricsRow row;
    row.step = state.step;
    row.seconds = state.seconds;
    row.values["psnr.bicubic"] = bicubic_;
    for (const auto &[width, psnr] : result.psnr)
        row.values[column("psnr.", width)] = psnr;
    return log_.append(row);
}

Status Record::write_page(const TrainingState &state, SlimNetworkImpl &network, const std::vector<int> &widths,
                          torch::Device device) const {
    SLIMSCALE_ASSIGN_OR_RETURN(const reports::Metrics metrics, reports::read_metrics(path("metrics.csv")));
    reports::TrainingState page;
    page.network = network.network().name;
    page.scale = config_->scale;
    page.widths = config_->widths;
    std::reverse(page.widths.begin(), page.widths.end());
    page.step = state.step;
    page.steps = config_->steps;
    page.rows = metrics.rows;
    page.config = state.options;
    for (size_t i = 0; i < std::min(kCropImages, validation_->size()); i++) {
        const Pair &pair = (*validation_)[i];
        reports::PictureRow row;
        row.title = std::filesystem::path(pair.path).filename().native();
        row.zoom = kCropZoom;
        row.pixelated = true;
        SLIMSCALE_RETURN_IF_ERROR(add_picture("original", pair.high, &row));
        SLIMSCALE_RETURN_IF_ERROR(add_picture("bicubic", bicubic(pair), &row));
        for (auto width = widths.rbegin(); width != widths.rend(); ++width)
            SLIMSCALE_RETURN_IF_ERROR(
                add_picture(column("width ", *width), upscale(network, pair.low, *width, device), &row));
        page.pictures.push_back(std::move(row));
    }
    return reports::save_page(path("report.html"), reports::training_page(page));
}

}  // namespace slimscale::trainer
