#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/comparison.h"
#include "cli/session.h"
#include "extras/images/channels.h"
#include "extras/images/metadata.h"
#include "extras/images/rows.h"
#include "host/alpha.h"
#include "host/console.h"
#include "host/jobs.h"

namespace slimscale::cli {

using namespace host;

namespace {

std::string ms_text(double ms) {
    return base::decimal(ms, ms < 100 ? 1 : 0) + " ms";
}

// "64 channels would take 80.2 ms, 32 channels 28.0 ms predicted, 29.1 ms measured (33.3 ms asked for)"
std::string speed_text(const Session &session, const UpscaleOptions &options, int width, int height,
                       const slimscale_report &report) {
    std::string text;
    for (const Prediction &prediction : predictions(session, width, height))
        if (prediction.channels > report.channels)
            text += std::to_string(prediction.channels) + " channels would take " + ms_text(prediction.ms) + ", ";
    text += std::to_string(report.channels) + " channels " + ms_text(report.predicted_ms) + " predicted, " +
            ms_text(report.actual_ms) + " measured (" + ms_text(options.budget_ms) + " asked for)";
    if (report.reason == SLIMSCALE_REASON_SLOWER || report.reason == SLIMSCALE_REASON_FASTER)
        text += std::string("; ") + slimscale_reason_text(report.reason);
    return report.meets_budget ? text : text + "; no narrower width to fall back on";
}

class Upscale {
public:
    // `page` is null where none is asked for.
    Upscale(const UpscaleOptions &options, Session &session, ComparisonPage *page)
        : options_(options), session_(session), page_(page) {}

    // Upscales one image. `summary` is the line about it, and `notes` say what its result lacks.
    Status run(const Job &job, std::string &summary, std::vector<std::string> &notes) {
        SLIMSCALE_RETURN_IF_ERROR(check_output(job));
        SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<images::RowReader> rows, open_rows(job));
        slimscale_report report = SLIMSCALE_REPORT_INIT;
        int width = 0, height = 0;
        if (rows && goes_in_rows(job, *rows)) {
            width = rows->image().width, height = rows->image().height;
            SLIMSCALE_RETURN_IF_ERROR(upscale_in_rows(job, *rows, notes, report));
        } else {
            images::Image input;
            const std::string path = job.input == kStandardStream ? "/dev/stdin" : job.input;
            SLIMSCALE_RETURN_IF_ERROR(rows ? images::read_all_rows(*rows, input) : images::read_image(path, input));
            width = input.width, height = input.height;
            SLIMSCALE_RETURN_IF_ERROR(upscale_whole(job, std::move(input), notes, report));
        }
        const int scale = session_.model.scale;
        summary = base::one_line(job.input + " -> " + job.output) + ": " + base::size_text(width, height) + " to " +
                  base::size_text(width * scale, height * scale) + ", " + session_.model.title + ", " +
                  std::to_string(report.channels) + " channels, " + report.target + ", " +
                  std::to_string(session_.upscaler.threads()) +
                  (session_.upscaler.threads() == 1 ? " thread, " : " threads, ") + ms_text(report.actual_ms);
        if (request().budget_ms > 0)
            summary += "\n    " + speed_text(session_, options_, width, height, report);
        return Status();
    }

    bool skips(const Job &job) const {
        std::error_code code;
        return options_.skip_existing && std::filesystem::exists(job.output, code);
    }

private:
    slimscale_request request() const { return session_.request(options_.budget_ms); }

    // Checks that the output can hold the result, and notes what it will lack.
    Status check_result(const Job &job, const images::Image &input, bool transparent,
                        std::vector<std::string> &notes) const {
        const int scale = session_.model.scale;
        SLIMSCALE_RETURN_IF_ERROR(
            images::check_format(job.format, input.width * scale, input.height * scale, transparent));
        notes = input.notes;
        for (const std::string &lost : images::lost_in(job.format, session_.upscaler.result_of(input)))
            notes.push_back(lost);
        return Status();
    }

    Status upscale_whole(const Job &job, images::Image input, std::vector<std::string> &notes,
                         slimscale_report &report) {
        SLIMSCALE_RETURN_IF_ERROR(check_result(job, input, !images::fully_opaque(input), notes));
        const int scale = session_.model.scale;
        const Excerpt excerpt = excerpt_of(input.width, input.height, scale);
        const images::Image bicubic =
            page_ && !page_->is_full() ? bicubic_excerpt(input, excerpt, scale) : images::Image();
        images::Image output;
        SLIMSCALE_RETURN_IF_ERROR(session_.upscaler.upscale(std::move(input), request(), output, report));
        SLIMSCALE_RETURN_IF_ERROR(make_folder_of(job));
        const std::string path = job.output == kStandardStream ? "/dev/stdout" : job.output;
        SLIMSCALE_RETURN_IF_ERROR(images::write_image(path, output, write_options(job)), path + ": ");
        if (page_)
            SLIMSCALE_RETURN_IF_ERROR(page_->add(job.input, excerpt, bicubic, output, report), "its comparison: ");
        return Status();
    }

    Status upscale_in_rows(const Job &job, images::RowReader &file, std::vector<std::string> &notes,
                           slimscale_report &report) {
        SLIMSCALE_RETURN_IF_ERROR(check_held(file));
        std::unique_ptr<images::RowReader> in_memory;
        bool opaque = true;
        if (why_whole(file)) {
            images::Image input;
            SLIMSCALE_RETURN_IF_ERROR(images::read_all_rows(file, input));
            opaque = images::fully_opaque(input);
            if (!opaque)
                bleed_colors(input);
            in_memory = images::rows_of(std::move(input));
        }
        images::RowReader &rows = in_memory ? *in_memory : file;
        SLIMSCALE_RETURN_IF_ERROR(check_result(job, rows.image(), !opaque, notes));
        SLIMSCALE_RETURN_IF_ERROR(make_folder_of(job));
        SLIMSCALE_ASSIGN_OR_RETURN(
            const std::unique_ptr<images::RowWriter> output,
            images::write_rows(job.output, session_.upscaler.result_of(rows.image()), write_options(job)),
            job.output + ": ");
        SLIMSCALE_RETURN_IF_ERROR(session_.upscaler.upscale(rows, opaque, request(), *output, report));
        SLIMSCALE_RETURN_IF_ERROR(rows.finish());
        SLIMSCALE_RETURN_IF_ERROR(output->finish(), job.output + ": ");
        return Status();
    }

    // The opened file of a PNG or JPEG; null for what only read_image reads.
    static Result<std::unique_ptr<images::RowReader>> open_rows(const Job &job) {
        return job.input == kStandardStream ? std::unique_ptr<images::RowReader>() : images::open_rows(job.input);
    }

    // Whether an image is so large that it becomes another file in rows, and can. The others are read and written
    // whole.
    bool goes_in_rows(const Job &job, const images::RowReader &file) const {
        if (page_ || job.output == kStandardStream || !images::is_written_in_rows(job.format))
            return false;
        const images::Image &image = file.image();
        const auto scale = static_cast<uint64_t>(session_.model.scale);
        const uint64_t bytes = image.sample_bytes() * (1 + scale * scale);
        const bool turned = images::turns_sides(file.orientation());
        const uint64_t cap = options_.network.memory_cap;
        return bytes > (cap > 0 ? std::min<uint64_t>(cap, kMostWhole) : kMostWhole) &&
               session_.upscaler.takes_rows(turned ? image.height : image.width, turned ? image.width : image.height);
    }

    // Why an input is held in memory as a whole; null if it is not.
    static const char *why_whole(const images::RowReader &file) {
        return !file.in_order()           ? "interlaced"
               : file.orientation() != 1  ? "turned by its EXIF orientation"
               : file.image().has_alpha() ? "with transparency"
                                          : nullptr;
    }

    // Whether there is memory for what cannot come in rows: the input, or its coefficients.
    Status check_held(const images::RowReader &file) const {
        const char *whole = why_whole(file);
        const uint64_t bytes = whole ? file.whole_bytes() : file.held_bytes();
        const uint64_t cap = options_.network.memory_cap;
        if (cap > 0 && bytes > cap)
            return Error{std::string("it is ") + (whole ? whole : "a JPEG of several scans") +
                         " and takes no rows: reading it needs " + base::bytes_text(bytes) +
                         " of memory, more than --memory allows; give more, or save it upright, baseline and not "
                         "interlaced"};
        return images::check_memory(bytes, "it");
    }

    static Status make_folder_of(const Job &job) {
        return job.output == kStandardStream ? Status() : host::make_folder_of(job.output);
    }

    images::WriteOptions write_options(const Job &job) const {
        images::WriteOptions options = options_.write;
        options.format = job.format;
        if (const uint64_t cap = options_.network.memory_cap; cap > 0)
            options.jpeg_waiting_bytes = std::min(options.jpeg_waiting_bytes, cap);
        return options;
    }

    Status check_output(const Job &job) const {
        if (job.output == kStandardStream)
            return Status();
        if (base::same_file(job.input, job.output))
            return Error{"the output is the input itself; give another name"};
        return check_absent(job.output, options_.overwrite);
    }

    // An image whose input and result take more than this goes in rows. Below, tables made for the picture make a JPEG
    // smaller, and results can be compared and sent to standard output.
    static constexpr uint64_t kMostWhole = uint64_t{256} << 20;

    const UpscaleOptions &options_;
    Session &session_;
    ComparisonPage *page_;
};

// Runs every job; returns how many failed.
size_t run_jobs(const UpscaleOptions &options, Session &session, const std::vector<Job> &jobs, ComparisonPage *page) {
    Upscale upscale(options, session, page);
    Progress progress(jobs.size());
    size_t failed = 0;
    for (size_t i = 0; i < jobs.size(); i++) {
        if (upscale.skips(jobs[i]))
            continue;
        const std::string name = jobs[i].input == kStandardStream ? "standard input" : jobs[i].input;
        progress.show(i, name);
        Status status;
        std::string summary;
        std::vector<std::string> notes;
        try {
            status = upscale.run(jobs[i], summary, notes);
        } catch (const std::bad_alloc &) {
            status = Error{"not enough memory for an image of this size"};
        }
        progress.clear();
        if (!status) {
            complain(name, status.error());
            failed++;
            continue;
        }
        for (const std::string &sentence : notes)
            note(name + ": " + sentence);
        if (options.quiet)
            continue;
        // If the image goes to standard output, its summary goes to standard error.
        std::FILE *to = jobs[i].output == kStandardStream ? stderr : stdout;
        std::fprintf(to, "%s\n", summary.c_str());
        std::fflush(to);
    }
    return failed;
}

}  // namespace

int run_upscale(const UpscaleOptions &options) {
    JobOptions wanted;
    wanted.inputs.assign(options.paths.begin(), options.paths.end() - 1);
    wanted.output = options.paths.back();
    wanted.recursive = options.recursive;
    wanted.format = options.write.format;
    const Result<Jobs> listed = list_jobs(wanted);
    Status status = listed.status();
    if (status && wanted.output == kStandardStream && isatty(STDOUT_FILENO) != 0)
        status = Error{"standard output is a terminal: send the image into a file or another program"};
    if (status && !options.compare.empty())
        status = ComparisonPage::check(options.compare, *listed, options.overwrite);
    if (!status) {
        complain("", status.error());
        return kBadUsage;
    }
    const std::vector<Job> &jobs = listed->jobs;
    if (listed->others > 0 && !options.quiet)
        note(std::to_string(listed->others) + (listed->others == 1 ? " file is" : " files are") +
             " no image and left out");
    Session session;
    status = session.open(options.network, options.has_speed ? Widths::all : Widths::one);
    if (status && options.budget_ms > 0)
        status = session.need_profile();
    if (!status) {
        complain("", status.error());
        return kCannotRun;
    }
    session.upscaler.use_border(options.border);
    ComparisonPage page(session.model.title, session.model.scale, slimscale_device(session.upscaler.handle()),
                        session.upscaler.threads());
    const size_t failed = run_jobs(options, session, jobs, options.compare.empty() ? nullptr : &page);
    if (failed > 0 && jobs.size() > 1)
        note(std::to_string(failed) + " of " + std::to_string(jobs.size()) + " images failed");
    if (!page.empty())
        status = page.save(options.compare);
    if (!status)
        complain("", status.error());
    return failed > 0 || !status ? kImageFailed : kOk;
}

}  // namespace slimscale::cli
