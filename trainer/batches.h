// Patches for training. The batch of a step is a pure function of seed, step and rank; threads cut it in the
// background.
#pragma once

#include <torch/torch.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "extras/quality/degrade.h"
#include "trainer/pictures.h"

namespace slimscale::trainer {

struct BatchOptions {
    int scale = 2;
    int patch = 96;  // high-resolution pixels a side
    int batch = 16;  // patches of this process
    uint64_t seed = 1;
    std::vector<quality::Degradation> degradations;  // of the low-resolution side; empty: none
    int rank = 0, processes = 1;                     // patch i of process r is patch r * batch + i of the step
    int threads = 1;
    int64_t first_step = 0;
    int64_t end_step = 0;
};

// float, (n, colors, y, x), 0..255.
struct Batch {
    torch::Tensor low, high;
    torch::Tensor teacher{};  // of high's shape; undefined if the pictures have no teacher
};

// Draws a picture by its share of all pixels, and its place, flips and transposition with equal probability. The
// low-resolution side is degraded before it is turned, together with its surroundings in the picture.
Batch cut_batch(const std::vector<Pair> &pairs, const BatchOptions &options, int64_t step);

class Batches {
public:
    // `pairs` must outlive the object. Precondition: every picture is at least as large as a patch.
    Batches(const std::vector<Pair> &pairs, const BatchOptions &options);
    ~Batches();
    Batches(const Batches &) = delete;
    Batches &operator=(const Batches &) = delete;

    // Returns the batches of the steps from first_step on, in order. Waits for a batch that is not cut yet.
    Batch next();

private:
    void work();

    const std::vector<Pair> &pairs_;
    const BatchOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<int64_t, Batch> ready_;
    int64_t next_to_cut_, next_to_give_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace slimscale::trainer
