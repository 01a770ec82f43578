#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/saved_pictures.h"
#include "cli/session.h"
#include "extras/images/listing.h"
#include "extras/quality/evaluate.h"
#include "extras/quality/html.h"
#include "extras/quality/json.h"
#include "extras/quality/markdown.h"
#include "extras/quality/merge.h"
#include "host/console.h"
#include "host/jobs.h"
#include "host/subjects.h"

namespace slimscale::cli {

using namespace host;

namespace {

namespace fs = std::filesystem;

using quality::Evaluation;

// A file that the command writes, and the function that makes it.
struct Output {
    const char *option, *extension;
    std::string EvaluateOptions::*path;
    std::string (*text)(const Evaluation &);
};

constexpr Output kOutputs[] = {{"--markdown", ".md", &EvaluateOptions::markdown, quality::to_markdown},
                               {"--report", ".html", &EvaluateOptions::report, quality::to_html},
                               {"--json", ".json", &EvaluateOptions::json, quality::to_json}};

// Checks an output file before anything is measured, since that may take long.
Status check_output(const Output &output, const EvaluateOptions &options) {
    const std::string &path = options.*output.path;
    if (path.empty())
        return Status();
    if (fs::path(path).extension() != output.extension)
        return Error{std::string(output.option) + " " + path + ": the file's name must end in " + output.extension};
    return prepare_output(path, options.overwrite);
}

Status check_outputs(const EvaluateOptions &options, const std::vector<std::string> &images) {
    for (const Output &output : kOutputs)
        SLIMSCALE_RETURN_IF_ERROR(check_output(output, options));
    return options.save.empty() ? Status() : prepare_folder(options.save, images);
}

Status read_beside(const std::string &path, Evaluation &evaluation) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(path));
    SLIMSCALE_RETURN_IF_ERROR(quality::parse_json(text, evaluation), path + ": ");
    return Status();
}

std::vector<quality::SubjectName> names_of(const std::vector<quality::Subject> &subjects) {
    std::vector<quality::SubjectName> names(subjects.size());
    std::transform(subjects.begin(), subjects.end(), names.begin(), [](const auto &subject) { return subject.name; });
    return names;
}

Evaluation measure(Session &session, const EvaluateOptions &options, const std::vector<std::string> &images) {
    const std::string name = session.model.title;
    const std::vector<quality::Subject> subjects = subjects_of(session.upscaler, name);
    const SavedPictures saved(options.save, names_of(subjects), options.self_ensemble);
    const Progress progress(images.size());

    quality::Callbacks callbacks;
    callbacks.before = [&](size_t index, const std::string &image) {
        progress.show(index, image);
        return options.save.empty() || options.overwrite ? Status() : saved.existing(image);
    };
    callbacks.after = [&](const std::string &image, const quality::Pictures &pictures) {
        return options.save.empty() ? Status() : saved.save(image, pictures);
    };
    callbacks.left_out = [&](const quality::LeftOut &left_out) {
        progress.clear();
        complain(left_out.image, left_out.sentence);
    };
    quality::EvaluationOptions how;
    how.scale = session.model.scale;
    how.colors = session.model.colors;
    how.self_ensemble = options.self_ensemble;
    how.close_ups = !options.report.empty();
    how.small_folder = options.small;
    how.degrade = options.degrade;
    return quality::evaluate(images, subjects, how, callbacks);
}

void print_row(const quality::ImageScores &row) {
    const std::string name = base::one_line(fs::path(row.image).filename().native());
    const quality::Score &ours = row.subjects[0].plain.luma, &bicubic = row.bicubic.luma;
    std::printf("%-28s %8.2f %8.4f %8.2f %8.4f %10.1f\n", name.c_str(), ours.psnr, ours.ssim, bicubic.psnr,
                bicubic.ssim, row.subjects[0].ms);
}

// Prints the short table for one width, on luma.
void print_table(const Evaluation &evaluation) {
    const quality::SubjectName &subject = evaluation.subjects[0];
    std::printf("%s, %d channels, %s: luma, border of %d pixels left out\n", subject.name.c_str(), subject.channels,
                subject.setting.c_str(), quality::luma_border(evaluation.scale));
    std::printf("%-28s %8s %8s %8s %8s %10s\n", "", "PSNR dB", "SSIM", "bicubic", "SSIM", "ms");
    for (const quality::ImageScores &row : evaluation.images)
        print_row(row);
    if (evaluation.images.size() > 1)
        print_row(mean(evaluation));
}

void print(const Evaluation &evaluation, const EvaluateOptions &options) {
    if (options.print_json)
        std::printf("%s", quality::to_json(evaluation).c_str());
    else if (evaluation.images.empty())
        return;
    else if (evaluation.subjects.size() == 1 && !options.self_ensemble)
        print_table(evaluation);
    else
        std::printf("%s", quality::to_markdown(evaluation).c_str());
}

bool write_outputs(const Evaluation &evaluation, const EvaluateOptions &options) {
    bool written = true;
    for (const Output &output : kOutputs) {
        const std::string &path = options.*output.path;
        if (path.empty())
            continue;
        const Status status = base::write_file(path, output.text(evaluation));
        if (!status)
            complain("", status.error());
        written = written && status;
    }
    return written;
}

int failed(ExitCode code, const std::string &sentence) {
    complain("", sentence);
    return code;
}

}  // namespace

int run_evaluate(const EvaluateOptions &options) {
    std::vector<std::string> images;
    Status status = images::list_images(options.images, images);
    if (status)
        status = check_outputs(options, images);
    Evaluation beside;
    if (status && !options.beside.empty())
        status = read_beside(options.beside, beside);
    if (!status)
        return failed(kBadUsage, status.error());
    Session session;
    status = session.open(options.network, options.all_widths ? Widths::all_of_file : Widths::one);
    if (!status)
        return failed(kCannotRun, status.error());
    Evaluation evaluation = measure(session, options, images);
    if (!options.beside.empty())
        status = quality::merge(evaluation, beside);
    if (!status)
        return failed(kBadUsage, options.beside + " cannot stand beside this evaluation: " + status.error());
    for (const std::string &warning : evaluation.warnings)
        complain("", warning);
    const bool written = write_outputs(evaluation, options);
    print(evaluation, options);
    return written && evaluation.left_out.empty() ? kOk : kImageFailed;
}

}  // namespace slimscale::cli
