// The processes of one training run: each has its own share of a batch, and all take the same steps.
//
// The trainer treats a single process like several; everything here then does nothing.
#pragma once

#include <torch/torch.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "trainer/distributed/place.h"

namespace slimscale::trainer {

class Processes {
public:
    // How long the processes wait for one another at the start, and for a heartbeat later.
    static constexpr std::chrono::seconds kJoinTimeout{60}, kHeartbeatTimeout{30};

    // Waits for all others, at most `patience`. Gradients on `device` "cuda" go through NCCL where this build has it,
    // else through Gloo.
    static Result<std::unique_ptr<Processes>> join(const Place &place, const std::string &device,
                                                   std::chrono::milliseconds patience = kJoinTimeout);
    virtual ~Processes() = default;
    Processes(const Processes &) = delete;
    Processes &operator=(const Processes &) = delete;

    int rank() const { return place_.rank; }
    int size() const { return place_.size; }
    bool is_first() const { return place_.rank == 0; }  // the process that writes files and prints

    // The last call before the end must be barrier() or abort(), because the first process holds the store through
    // which the others communicate.
    //
    // All but abort() wait for the other processes as long as those live; all processes call them in the same order. An
    // error says which process is gone, or why it left, and only abort() may follow it.

    // Checks that `text`, lines of name=value, is the same in all processes; else all get an error with the line that
    // differs.
    virtual Status verify(const std::string &text) = 0;

    // Replaces the gradients of `parameters` and the `values` by their means over the processes. The same parameters
    // must have gradients everywhere.
    virtual Status average(const std::vector<torch::Tensor> &parameters, std::vector<double> *values) = 0;

    // Waits until all processes have called it.
    virtual Status barrier() = 0;

    // Ends the group without waiting: the calls in which other processes wait return the error "process <rank> ended:
    // <why>".
    virtual void abort(const std::string &why) = 0;

protected:
    explicit Processes(const Place &place) : place_(place) {}

    const Place place_;
};

}  // namespace slimscale::trainer
