#include "trainer/distributed/group.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <cstdlib>
#include <sstream>
#include <thread>

#include "trainer/distributed/buckets.h"
#include "trainer/distributed/gloo.h"
#include "trainer/distributed/heartbeat.h"
#include "trainer/distributed/nccl.h"

namespace slimscale::trainer {
namespace {

using namespace std::chrono_literals;
using torch::Tensor;

// c10d's operations have no timeout here: the heartbeat tells when another process is gone.
constexpr std::chrono::milliseconds kNoTimeout = 240h, kPollInterval = 1s, kAbortGrace = 1500ms;
constexpr std::chrono::microseconds kDevicePoll = 50us;

// Silences LibTorch's log: one sentence of ours reports a process that is gone, not pages of warnings.
void silence_torch_log() {
#ifndef C10_USE_GLOG
    if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr)
        FLAGS_caffe2_log_level = c10::GLOG_FATAL;
#endif
}

c10::intrusive_ptr<c10d::Store> open_store(const Place &place, std::chrono::milliseconds patience) {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(place.port);
    options.isServer = place.rank == 0 && !place.store_is_kept;
    options.numWorkers = static_cast<size_t>(place.size);
    options.timeout = patience;
    const std::string prefix = "slimscale/" + std::to_string(place.attempt);
    return c10::make_intrusive<c10d::PrefixStore>(prefix, c10::make_intrusive<c10d::TCPStore>(place.master, options));
}

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

// Compares two texts. The error names the first line that differs.
Status check_same(int rank, const std::string &text, const std::string &first_text) {
    if (text == first_text)
        return Status();
    std::vector<std::string> here = lines_of(text), there = lines_of(first_text);
    const size_t count = std::max(here.size(), there.size());
    here.resize(count);
    there.resize(count);
    size_t i = 0;
    while (i + 1 < count && here[i] == there[i])
        i++;
    return Error{"process " + std::to_string(rank) + " has " + here[i] + ", process 0 has " + there[i] +
                 ": all must have the same options and start from the same state"};
}

class Group final : public Processes {
public:
    Group(const Place &place, bool on_device, c10::intrusive_ptr<c10d::Store> store, std::chrono::milliseconds patience)
        : Processes(place), on_device_(on_device), store_(std::move(store)) {
        gloo_ = connect_gloo(c10::make_intrusive<c10d::PrefixStore>("gloo", store_), place.rank, place.size,
                             place.master, patience);
        gloo_->setTimeout(kNoTimeout);
        heartbeat_ = std::make_unique<Heartbeat>(store_->clone(), place, kHeartbeatTimeout);
    }

    // Backends whose operations wait for processes that are gone cannot be destroyed, so they are leaked.
    ~Group() override {
        if (!heartbeat_->stop())
            (void)heartbeat_.release();
        if (!broken_)
            return;
        (void)gloo_.release();
        (void)nccl_.release();
    }

    void use_nccl(c10::intrusive_ptr<c10d::Backend> nccl) { nccl_ = std::move(nccl); }

    Status verify(const std::string &text) override {
        return guarded([&]() -> Status {
            std::vector<std::string> texts;
            SLIMSCALE_RETURN_IF_ERROR(gather(text + "gradients=" + (nccl_ ? "NCCL" : "Gloo"), &texts));
            for (int r = 1; r < size(); r++)
                SLIMSCALE_RETURN_IF_ERROR(check_same(r, texts[r], texts[0]));
            return Status();
        });
    }

    Status average(const std::vector<Tensor> &parameters, std::vector<double> *values) override {
        return guarded([&]() -> Status {
            Tensor numbers = torch::tensor(*values, torch::kDouble);
            std::vector<Tensor> tensors{numbers};
            const c10::intrusive_ptr<c10d::Work> work = gloo_->allreduce(tensors);
            std::vector<Bucket> buckets = make_buckets(parameters);
            for (Bucket &bucket : buckets)
                send(&bucket, nccl_ ? *nccl_ : *gloo_, on_device_ && !nccl_);
            for (const Bucket &bucket : buckets) {
                SLIMSCALE_RETURN_IF_ERROR(nccl_ ? wait_for_device(*bucket.work) : wait(*bucket.work));
                take_average(bucket, size());
            }
            SLIMSCALE_RETURN_IF_ERROR(wait(*work));
            numbers.div_(size());
            values->assign(numbers.data_ptr<double>(), numbers.data_ptr<double>() + numbers.numel());
            return Status();
        });
    }

    Status barrier() override {
        return guarded([&] { return sum(torch::zeros({1})); });
    }

    void abort(const std::string &why) override {
        if (!broken_)
            heartbeat_->report("process " + std::to_string(rank()) + " ended: " + why);
        broken_ = true;
        if (rank() == 0 && !place_.store_is_kept)
            std::this_thread::sleep_for(kAbortGrace);  // all can read the store, which ends with this process
    }

private:
    template <typename Operation>
    Status guarded(const Operation &operation) {
        try {
            return operation();
        } catch (const std::exception &error) {
            return fail(heartbeat_->find_fault(reason_of(error)));
        }
    }

    // Gathers the texts of all processes, by rank, as a sum: each puts its text where the others put zeros.
    Status gather(const std::string &text, std::vector<std::string> *texts) {
        const Tensor sizes = torch::zeros({size()}, torch::kLong);
        sizes[rank()] = static_cast<int64_t>(text.size());
        SLIMSCALE_RETURN_IF_ERROR(sum(sizes));
        const Tensor bytes = torch::zeros({size(), sizes.max().item<int64_t>()}, torch::kByte);
        std::copy(text.begin(), text.end(), bytes[rank()].data_ptr<uint8_t>());
        SLIMSCALE_RETURN_IF_ERROR(sum(bytes));
        for (int r = 0; r < size(); r++) {
            const auto *start = bytes[r].data_ptr<uint8_t>();
            texts->emplace_back(start, start + sizes[r].item<int64_t>());
        }
        return Status();
    }

    Status sum(const Tensor &tensor) {
        std::vector<Tensor> tensors{tensor};
        return wait(*gloo_->allreduce(tensors));
    }

    Error fail(const std::string &fault) {
        broken_ = true;
        return Error{fault};
    }

    Status wait(c10d::Work &work) {
        while (true) {
            try {
                work.wait(kPollInterval);
                return Status();
            } catch (const std::exception &error) {
                if (work.isCompleted() && !work.isSuccess())
                    return fail(heartbeat_->find_fault(reason_of(error)));
            }
            if (std::string fault = heartbeat_->fault(); !fault.empty())
                return fail(fault);
        }
    }

    // Polls, because NCCL does not notice that a process is gone, and kernels after its own wait() would hang.
    Status wait_for_device(c10d::Work &work) {
        while (!work.isCompleted()) {
            if (std::string fault = heartbeat_->fault(); !fault.empty())
                return fail(fault);
            std::this_thread::sleep_for(kDevicePoll);
        }
        work.wait();
        return Status();
    }

    const bool on_device_;
    const c10::intrusive_ptr<c10d::Store> store_;
    c10::intrusive_ptr<c10d::Backend> gloo_, nccl_;
    std::unique_ptr<Heartbeat> heartbeat_;
    bool broken_ = false;
};

}  // namespace

Result<std::unique_ptr<Processes>> join_group(const Place &place, const std::string &device,
                                              std::chrono::milliseconds patience) {
    silence_torch_log();
    const bool on_device = device != "cpu";
    try {
        const c10::intrusive_ptr<c10d::Store> store = open_store(place, patience);
        auto group = std::make_unique<Group>(place, on_device, store, patience);
        if (on_device)
            group->use_nccl(
                connect_nccl(c10::make_intrusive<c10d::PrefixStore>("nccl", store), place.rank, place.size));
        return std::unique_ptr<Processes>(std::move(group));
    } catch (const std::exception &error) {
        return Error{"the " + std::to_string(place.size) + " processes do not find each other at " + place.master +
                     ":" + std::to_string(place.port) + " (MASTER_ADDR, MASTER_PORT): " + reason_of(error)};
    }
}

}  // namespace slimscale::trainer
