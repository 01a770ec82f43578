// Video from pipe to pipe. One thread reads, the calling one runs the network, one writes. Two frames wait on either
// side, and there are no others.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <new>
#include <set>
#include <thread>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/frame_queue.h"
#include "cli/session.h"
#include "host/console.h"
#include "host/jobs.h"

namespace slimscale::cli {

using namespace host;

namespace {

constexpr int kFramesInFlight = 2;  // on either side of the network
constexpr double kProgressSeconds = 0.5;

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// "23.4 frames/s"
std::string rate_text(size_t frames, double time) {
    return base::decimal(time > 0 ? static_cast<double>(frames) / time : 0, 1) + " frames/s";
}

// Starts a thread that does the work and keeps its failure in `status`.
template <class Work>
std::thread in_thread(Status &status, Work work) {
    return std::thread([&status, work] {
        try {
            status = work();
        } catch (const std::bad_alloc &) {
            status = Error{"not enough memory"};
        }
    });
}

class Video {
public:
    Video(const VideoOptions &options, Session &session, FrameReader &reader, video::ByteSink &sink)
        : options_(options), session_(session), reader_(reader), sink_(sink), input_(reader.layout()),
          output_(input_.scaled(session.model.scale)), input_chroma_(input_.neutral_chroma()),
          output_chroma_(output_.added_bytes()) {
        for (int i = 0; i < kFramesInFlight; i++) {
            free_inputs_.push({std::vector<uint8_t>(input_.stream_bytes()), ""});
            free_outputs_.push({std::vector<uint8_t>(output_.stream_bytes()), ""});
        }
    }

    // Upscales all frames. After a failure, the frames that were upscaled before it are still written, if possible.
    Status run() {
        const double start = seconds();
        SLIMSCALE_RETURN_IF_ERROR(write_header());
        Status read, written, upscaled;
        std::thread reader = in_thread(read, [this] { return read_frames(); });
        std::thread writer = in_thread(written, [this] { return write_frames(); });
        upscaled = upscale_frames();
        reader_.stop();  // if the output failed, the reader may still wait for an input that is silent for hours
        free_inputs_.stop();
        outputs_.close();
        reader.join();
        writer.join();
        time_ = seconds() - start;
        SLIMSCALE_RETURN_IF_ERROR(written, "after " + std::to_string(written_) + " frames: ");
        SLIMSCALE_RETURN_IF_ERROR(sink_.commit());
        SLIMSCALE_RETURN_IF_ERROR(upscaled);
        return read;
    }

    // "640x360 to 1280x720, edsr_small_x2, 300 frames, 64 channels 280, 48 channels 20, avx512, 2 threads, 23
    // frames/s"; where widths ran on several targets, "64 channels 280 on amx_bf16, 48 channels 20 on avx512_q16"
    std::string summary() const {
        std::set<std::string> targets;
        for (const auto &used : frames_at_)
            targets.insert(target_at(used.first));
        std::string text = base::size_text(input_.image.width, input_.image.height) + " to " +
                           base::size_text(output_.image.width, output_.image.height) + ", " + session_.model.title +
                           ", " + std::to_string(written_) + (written_ == 1 ? " frame" : " frames");
        for (auto used = frames_at_.rbegin(); used != frames_at_.rend(); ++used)
            text += ", " + std::to_string(used->first) + " channels" +
                    (frames_at_.size() > 1 ? " " + std::to_string(used->second) : "") +
                    (targets.size() > 1 ? " on " + target_at(used->first) : "");
        const int threads = session_.upscaler.threads();
        return text + (targets.size() == 1 ? ", " + *targets.begin() : "") + ", " + std::to_string(threads) +
               (threads == 1 ? " thread, " : " threads, ") + rate_text(written_, time_);
    }

private:
    std::string target_at(int channels) const {
        return slimscale_target_at(session_.upscaler.handle(), channels, nullptr);
    }

    Status write_header() {
        if (!reader_.header())
            return Status();
        const std::string line =
            video::header_line(*reader_.header(), output_.image.width, output_.image.height) + "\n";
        return sink_.write(line.data(), line.size());
    }

    Status read_frames() {
        Status status;
        while (auto frame = free_inputs_.pop()) {
            Result<bool> more = reader_.read(*frame);
            if (!more || !*more) {
                status = more.status();
                break;
            }
            inputs_.push(*std::move(frame));
        }
        inputs_.close();
        return status;
    }

    Status write_frames() {
        Status status;
        while (auto frame = outputs_.pop()) {
            status = write(*frame);
            if (!status)
                break;
            written_++;
            free_outputs_.push(*std::move(frame));
        }
        free_outputs_.stop();
        return status;
    }

    Status write(const VideoFrame &frame) {
        if (reader_.header()) {
            const std::string line = "FRAME" + frame.parameters + "\n";
            SLIMSCALE_RETURN_IF_ERROR(sink_.write(line.data(), line.size()));
        }
        return sink_.write(frame.bytes.data(), frame.bytes.size());
    }

    Status upscale_frames() {
        Progress progress(0);
        size_t done = 0, shown = 0;
        double shown_at = seconds();
        while (auto input = inputs_.pop()) {
            auto output = free_outputs_.pop();
            if (!output)
                break;  // the writer has failed, and says why
            slimscale_report report = SLIMSCALE_REPORT_INIT;
            SLIMSCALE_RETURN_IF_ERROR(upscale(*input, *output, report), "frame " + std::to_string(done + 1) + ": ");
            output->parameters = std::move(input->parameters);
            outputs_.push(*std::move(output));
            free_inputs_.push(*std::move(input));
            done++;
            frames_at_[report.channels]++;
            const double now = seconds();
            if (options_.quiet || now - shown_at < kProgressSeconds)
                continue;
            progress.show("frame " + std::to_string(done) + ", " + rate_text(done - shown, now - shown_at) + ", " +
                          std::to_string(report.channels) + " channels");
            shown = done;
            shown_at = now;
        }
        return Status();
    }

    Status upscale(VideoFrame &input, VideoFrame &output, slimscale_report &report) {
        const slimscale_request request = session_.request(options_.budget_ms);
        const slimscale_image from = input_.view(input.bytes.data(), input_chroma_.data()),
                              to = output_.view(output.bytes.data(), output_chroma_.data());
        slimscale_handle *s = session_.upscaler.handle();
        return slimscale_run(s, &request, &from, &to, &report) == SLIMSCALE_OK ? Status() : Error{slimscale_error(s)};
    }

    const VideoOptions &options_;
    Session &session_;
    FrameReader &reader_;
    video::ByteSink &sink_;
    const FrameLayout input_, output_;
    std::vector<uint8_t> input_chroma_, output_chroma_;  // chroma that the stream does not have
    FrameQueue<VideoFrame> free_inputs_, inputs_, free_outputs_, outputs_;
    size_t written_ = 0;               // frames; only the writer accesses it until it is joined
    std::map<int, size_t> frames_at_;  // channels -> frames
    double time_ = 0;                  // seconds
};

Status check_output(const VideoOptions &options) {
    if (options.output != kStandardStream && options.input != kStandardStream &&
        base::same_file(options.input, options.output))
        return Error{"the output is the input itself; give another name"};
    return options.output == kStandardStream ? Status() : check_absent(options.output, options.overwrite);
}

// Whether there is memory for the frames that wait on either side of the network.
Status check_room(const FrameLayout &input, int scale) {
    const FrameLayout output = input.scaled(scale);
    return images::check_memory(kFramesInFlight * (input.stream_bytes() + output.stream_bytes()) + input.added_bytes() +
                                    output.added_bytes(),
                                "what holds frames of " + base::size_text(input.image.width, input.image.height));
}

int failed(ExitCode exit_code, const std::string &subject, const Status &status) {
    complain(subject, status.error());
    return exit_code;
}

int run_opened(const VideoOptions &options, Session &session, video::ByteSource source) {
    const std::string input = options.input == kStandardStream ? "standard input" : options.input;
    Result<FrameReader> reader = FrameReader::open(std::move(source), options.stream, session.model.colors);
    if (!reader)
        return failed(kImageFailed, input, reader.status());
    const slimscale_image &image = reader->layout().image;
    if (const Status room = check_room(reader->layout(), session.model.scale); !room)
        return failed(kImageFailed, input, room);
    if (const Status planned = session.upscaler.plan(image.width, image.height); !planned)
        return failed(kImageFailed, input, planned);
    Result<video::ByteSink> sink = video::ByteSink::open(options.output);
    if (!sink)
        return failed(kImageFailed, "", sink.status());
    Video video(options, session, *reader, *sink);
    const Status status = video.run();
    if (!options.quiet)
        note(video.summary());
    return status ? kOk : failed(kImageFailed, input, status);
}

}  // namespace

int run_video(const VideoOptions &options) {
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error with a sentence
    if (options.output == kStandardStream && isatty(STDOUT_FILENO) != 0)
        return failed(kBadUsage, "",
                      Error{"standard output is a terminal: send the video into a file or another program"});
    Result<video::ByteSource> source = video::ByteSource::open(options.input);
    if (!source)
        return failed(kBadUsage, "", source.status());
    if (const Status status = check_output(options); !status)
        return failed(kImageFailed, "", status);
    Session session;
    Status status = session.open(options.network, options.has_speed ? Widths::all : Widths::one);
    if (status && options.budget_ms > 0)
        status = session.need_profile();
    if (!status)
        return failed(kCannotRun, "", status);
    return run_opened(options, session, *std::move(source));
}

}  // namespace slimscale::cli
