#include "trainer/run.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <optional>

#include "base/files.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/text.h"
#include "trainer/batches.h"
#include "trainer/checkpoint.h"
#include "trainer/console.h"
#include "trainer/cuda.h"
#include "trainer/distributed/agreement.h"
#include "trainer/distributed/processes.h"
#include "trainer/pictures.h"
#include "trainer/random.h"
#include "trainer/record.h"
#include "trainer/schedule.h"
#include "trainer/source.h"
#include "trainer/step.h"
#include "trainer/threads.h"
#include "trainer/validation.h"

namespace slimscale::trainer {
namespace {

namespace fs = std::filesystem;
using base::decimal;
using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_requested = 0;

// The first Ctrl-C or SIGTERM ends the run after its current step; a second one ends the process at once. Signals
// within a second count as one, since a launcher passes on a signal that its processes got already.
class SignalGuard {
public:
    SignalGuard() {
        stop_requested = 0;
        for (size_t i = 0; i < kCount; i++)
            before_[i] = std::signal(kSignals[i], on_signal);
    }
    ~SignalGuard() {
        for (size_t i = 0; i < kCount; i++)
            std::signal(kSignals[i], before_[i]);
    }
    SignalGuard(const SignalGuard &) = delete;
    SignalGuard &operator=(const SignalGuard &) = delete;

private:
    static void on_signal(int signal) {
        static volatile std::sig_atomic_t first_time = 0;
        const auto now = static_cast<std::sig_atomic_t>(std::time(nullptr));
        if (stop_requested == 0)
            first_time = now;
        stop_requested = 1;
        if (now - first_time <= 1)
            return;
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }

    static constexpr int kSignals[] = {SIGINT, SIGTERM};
    static constexpr size_t kCount = 2;
    void (*before_[kCount])(int);
};

class Run {
public:
    explicit Run(const Config &config) : config_(config), device_(torch::kCPU) {}

    Outcome go() {
        use_threads(config_.threads);
        if (Outcome joined = join(); joined.code != kOk)
            return joined;
        Outcome outcome = prepare();
        if (outcome.code == kOk)
            outcome = loop();
        return part(outcome);
    }

private:
    // ---- With other processes ----

    Outcome join() {
        const Result<Place> place = place_from_environment();
        if (!place)
            return {kBadUsage, place.error()};
        if (config_.device != "cpu") {
            if (Status status = load_cuda(place->local_rank); !status)
                return {kBadUsage, status.error()};
            device_ = torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(place->local_rank));
        }
        Result<std::unique_ptr<Processes>> processes = Processes::join(*place, config_.device);
        if (!processes)
            return {kFailed, processes.error()};
        processes_ = std::move(*processes);
        return {};
    }

    // Waits for all processes: if one left while the first still writes, the launcher could end the first.
    Outcome part(Outcome outcome) {
        if (outcome.code != kOk && outcome.code != kInterrupted)
            processes_->abort(outcome.sentence);
        else if (const Status waited = processes_->barrier(); !waited)
            return {kFailed, waited.error()};
        if (outcome.code == kInterrupted && !processes_->is_first())
            outcome.sentence.clear();  // the first process says it
        return outcome;
    }

    // Replaces gradients and losses by their means over the processes; if one process is to stop, all stop.
    Status exchange(Losses *losses) {
        std::vector<double *> numbers{&losses->total};
        for (std::map<int, double> *part : {&losses->l1, &losses->contrast})
            for (auto &[width, value] : *part)
                numbers.push_back(&value);
        std::vector<double> values{static_cast<double>(stop_requested)};
        for (const double *number : numbers)
            values.push_back(*number);
        SLIMSCALE_RETURN_IF_ERROR(processes_->average(state_.network->parameters(), &values));
        stopping_ = values[0] > 0;
        for (size_t i = 0; i < numbers.size(); i++)
            *numbers[i] = values[i + 1];
        return Status();
    }

    // ---- One process ----

    std::string path(const char *name) const { return (fs::path(config_.out) / name).native(); }

    Outcome prepare() {
        if (processes_->is_first())
            if (const Status made = make_folder(config_.out); !made)
                return {kBadUsage, made.error()};
        std::error_code code;
        const bool exists = fs::exists(path("checkpoint.safetensors"), code);
        if (exists && !config_.resume && !config_.fresh)
            return {kBadUsage, config_.out + " holds a run: --resume goes on with it, --fresh starts over"};

        const Status loaded = load(exists && config_.resume);
        return {loaded ? kOk : kBadUsage, loaded.error()};
    }

    // Loads everything that the first step needs, and begins the files of the run.
    Status load(bool from_checkpoint) {
        SLIMSCALE_RETURN_IF_ERROR(load_data());
        if (config_.contrast.lambda != 0)
            SLIMSCALE_RETURN_IF_ERROR(load_contrast());
        if (from_checkpoint)
            SLIMSCALE_RETURN_IF_ERROR(adopt_input_skip());
        SLIMSCALE_ASSIGN_OR_RETURN(state_, new_state(config_, device_));
        if (from_checkpoint)
            SLIMSCALE_RETURN_IF_ERROR(load_checkpoint(path("checkpoint.safetensors"), &state_));
        state_.options = options_text(config_);
        SLIMSCALE_RETURN_IF_ERROR(processes_->verify(agreement(config_, state_)));
        if (!processes_->is_first())
            return Status();
        SLIMSCALE_RETURN_IF_ERROR(write_text("options.toml", state_.options));
        return open_record();
    }

    // Takes input_skip from the checkpoint, to whose weights it belongs, even if the options say otherwise.
    Status adopt_input_skip() {
        SLIMSCALE_ASSIGN_OR_RETURN(const std::string options, checkpoint_options(path("checkpoint.safetensors")));
        config_.input_skip = options.find("input-skip=true") != std::string::npos;
        return Status();
    }

    Status load_data() {
        PictureOptions options;
        options.paths = config_.data;
        options.exclude = config_.exclude;
        options.teacher = config_.teacher_images;
        options.scale = config_.scale;
        options.colors = config_.colors;
        options.least_side = config_.patch;
        options.memory_gb = config_.memory_gb;
        SLIMSCALE_ASSIGN_OR_RETURN(pictures_, load_pictures(options), "--data: ");
        if (config_.validate.empty() || !processes_->is_first())
            return Status();
        options.paths = config_.validate;
        options.exclude.clear();
        options.teacher.clear();
        options.least_side = 1;
        options.limit = config_.validate_images;
        SLIMSCALE_ASSIGN_OR_RETURN(Pictures validation, load_pictures(options), "--validate: ");
        validation_ = std::move(validation.pairs);
        return degrade_validation();
    }

    // Degrades the pictures by their place in the list, and so in the same way in every run.
    Status degrade_validation() {
        if (config_.degrade.empty())
            return Status();
        SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<quality::Degradation> ways,
                                   quality::parse_degradations(config_.degrade), "--degrade: ");
        for (size_t i = 0; i < validation_.size(); i++) {
            Random random(/*seed=*/1, Stream::degradations, 0, i);
            SLIMSCALE_ASSIGN_OR_RETURN(validation_[i].low, quality::degrade(validation_[i].low, ways, random),
                                       "--validate: " + validation_[i].path + ": ");
        }
        return Status();
    }

    Status open_record() {
        SLIMSCALE_ASSIGN_OR_RETURN(Record record, Record::open(config_, validation_, state_.step));
        record_.emplace(std::move(record));
        return Status();
    }

    Status load_contrast() {
        SLIMSCALE_ASSIGN_OR_RETURN(contrast_, Contrast::load(config_.contrast, config_.scale, config_.seed, device_),
                                   "--backbone: ");
        return Status();
    }

    Outcome loop() {
        const SignalGuard signals;
        BatchOptions options;
        options.scale = config_.scale;
        options.patch = config_.patch;
        options.batch = config_.batch;
        options.seed = config_.seed;
        if (!config_.degrade.empty())
            options.degradations = *quality::parse_degradations(config_.degrade);  // complete() has seen that it parses
        options.rank = processes_->rank();
        options.processes = processes_->size();
        options.threads = config_.loader_threads;
        options.first_step = state_.step;
        options.end_step = config_.steps;
        Batches batches(pictures_.pairs, options);
        Console console(config_.quiet || !processes_->is_first(), state_.step, config_.steps);
        console.say("Training " + state_.network->network().name + " x" + std::to_string(config_.scale) + " on " +
                    std::to_string(pictures_.pairs.size()) + " images, step " + std::to_string(state_.step) + " of " +
                    std::to_string(config_.steps));
        for (const std::string &sentence : pictures_.unusable)
            console.say("Left out: " + base::one_line(sentence));
        console.say("Options (" + path("options.toml") + "):\n" + state_.options);
        if (config_.own_affine)
            console.say("No model.safetensors will be written: trained files have no place for --own-affine");
        const auto started = Clock::now();
        while (state_.step < config_.steps && !stopping_) {
            const std::chrono::duration<double, std::ratio<60>> minutes = Clock::now() - started;
            time_is_over_ = config_.minutes > 0 && minutes.count() >= config_.minutes;
            if (time_is_over_)
                stop_requested = 1;
            if (const Status stepped = one_step(batches.next(), console); !stepped)
                return {kFailed, stepped.error()};
            if (!processes_->is_first())
                continue;
            const bool last = state_.step == config_.steps || stopping_;
            if (state_.step % config_.validate_every == 0 || state_.step == config_.steps)
                if (const Status reported = report(console); !reported)
                    return {kFailed, reported.error()};
            if (state_.step % config_.checkpoint_every == 0 || last)
                if (const Status saved = save(); !saved)
                    return {kFailed, saved.error()};
        }
        if (state_.step < config_.steps && time_is_over_) {
            console.say("The time of --minutes is over at step " + std::to_string(state_.step) + "; --resume goes on");
            return {};
        }
        if (state_.step < config_.steps)
            return {kInterrupted, "stopped at step " + std::to_string(state_.step) + "; --resume goes on"};
        return {};
    }

    Status one_step(Batch batch, Console &console) {
        const auto start = Clock::now();
        batch.low = batch.low.to(device_);
        batch.high = batch.high.to(device_);
        if (batch.teacher.defined())
            batch.teacher = batch.teacher.to(device_);
        const int64_t step = state_.step;
        Losses losses = backward_step(config_, *state_.network, batch, step, contrast_.get());
        if (const Status exchanged = exchange(&losses); !exchanged)
            return Error{exchanged.error() + save_at_loss()};
        const Status applied =
            std::isfinite(losses.total) ? apply_step(config_, &state_) : Error{"the loss is not finite"};
        if (!applied)
            return Error{"step " + std::to_string(step) + ": " + applied.error() +
                         "; lower --learning-rate or set --clip; " + path("checkpoint.safetensors") +
                         " holds the last good state, if any"};
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        state_.seconds += seconds;
        const int images = config_.batch * processes_->size();
        console.step(state_.step, losses, images / seconds);
        return record_ ? record_->step(state_, losses, images, seconds) : Status();
    }

    // Saves after another process is gone; this one's state is that after the last step that all took.
    std::string save_at_loss() {
        const Status saved = processes_->is_first() ? save() : Status();
        return saved ? "; --resume goes on from the checkpoint" : "; " + saved.error();
    }

    // Measures the weights that would be written to the trained file, and shows the results.
    Status report(Console &console) {
        const ScopedWeights averaged(*state_.network, state_.averaged);
        const std::vector<int> widths = joined_widths(config_, state_.step - 1);
        if (!validation_.empty()) {
            const Validation result = validate(*state_.network, validation_, widths, device_);
            std::string line = "step " + std::to_string(state_.step) + " (" + decimal(state_.seconds, 0) + " s): PSNR";
            for (const auto &[width, psnr] : result.psnr)
                line += " " + std::to_string(width) + ":" + decimal(psnr, 3);
            console.say(line);
            SLIMSCALE_RETURN_IF_ERROR(record_->validation(state_, result));
        }
        return record_->write_page(state_, *state_.network, widths, device_);
    }

    Status save() {
        SLIMSCALE_RETURN_IF_ERROR(save_checkpoint(path("checkpoint.safetensors"), state_));
        if (config_.own_affine)
            return Status();
        weights::ModelFile file =
            to_model_file(*state_.network, joined_widths(config_, state_.step - 1), state_.values());
        file.license = config_.license;
        file.source = config_.source;
        file.notes = "step " + std::to_string(state_.step) + "\n" + state_.options;
        return weights::save_model(path("model.safetensors"), file);
    }

    Status write_text(const char *name, const std::string &text) { return base::write_file(path(name), text); }

    Config config_;
    std::unique_ptr<Processes> processes_;
    bool stopping_ = false;      // all processes stop after this step
    bool time_is_over_ = false;  // this process has trained for --minutes
    torch::Device device_;
    Pictures pictures_;
    std::vector<Pair> validation_;
    std::unique_ptr<Contrast> contrast_;
    TrainingState state_;
    std::optional<Record> record_;
};

}  // namespace

Outcome train(const Config &config) {
    return Run(config).go();
}

}  // namespace slimscale::trainer
