#include "trainer/batches.h"

#include <algorithm>

#include "extras/quality/pictures.h"
#include "trainer/random.h"

namespace slimscale::trainer {
namespace {

using images::Image;

constexpr int64_t kAhead = 4;  // most batches that are cut, or being cut, and not taken yet

struct Placement {
    size_t pair;
    int x, y;  // low-resolution pixels
    bool mirror, flip, transpose;
};

// The number of all low-resolution samples: a picture is drawn by its share of them.
uint64_t all_samples(const std::vector<Pair> &pairs) {
    uint64_t sum = 0;
    for (const Pair &pair : pairs)
        sum += pair.low.samples.size();
    return sum;
}

Placement place(const std::vector<Pair> &pairs, uint64_t samples, const BatchOptions &options, int64_t step,
                int index) {
    Random random(options.seed, Stream::patches, static_cast<uint64_t>(step),
                  static_cast<uint64_t>(options.rank) * options.batch + index);
    uint64_t sample = random.below(samples);
    size_t chosen = 0;
    while (sample >= pairs[chosen].low.samples.size())
        sample -= pairs[chosen++].low.samples.size();
    const images::Image &low = pairs[chosen].low;
    const int side = options.patch / options.scale;
    Placement p{};
    p.pair = chosen;
    p.x = static_cast<int>(random.below(static_cast<uint64_t>(low.width - side) + 1));
    p.y = static_cast<int>(random.below(static_cast<uint64_t>(low.height - side) + 1));
    const uint64_t bits = random.bits();
    p.mirror = (bits & 1) != 0;
    p.flip = (bits & 2) != 0;
    p.transpose = (bits & 4) != 0;
    return p;
}

// Copies a square of `side` pixels at (x0, y0) into planes of float, flipped and transposed as `p` says.
void cut(const images::Image &picture, int x0, int y0, int side, const Placement &p, float *out) {
    const int channels = picture.channels;
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            int from_x = p.transpose ? y : x, from_y = p.transpose ? x : y;
            from_x = p.mirror ? side - 1 - from_x : from_x;
            from_y = p.flip ? side - 1 - from_y : from_y;
            const size_t pixel = static_cast<size_t>(y0 + from_y) * picture.width + (x0 + from_x);
            for (int c = 0; c < channels; c++)
                out[(static_cast<size_t>(c) * side + y) * side + x] = picture.samples[pixel * channels + c];
        }
    }
}

// The low-resolution square at (x, y), degraded together with its surroundings. libjpeg fails only if memory is short;
// the patch then stays as it is.
Image degraded(const Image &low, int x, int y, int side, const BatchOptions &options, int64_t step, int index) {
    constexpr int kMargin = quality::kDegradationMargin;
    const int left = std::max(0, x - kMargin), top = std::max(0, y - kMargin);
    const int right = std::min(low.width, x + side + kMargin), bottom = std::min(low.height, y + side + kMargin);
    Random random(options.seed, Stream::degradations, static_cast<uint64_t>(step),
                  static_cast<uint64_t>(options.rank) * options.batch + index);
    const Image around = quality::cropped(low, left, top, right - left, bottom - top);
    const Result<Image> result = quality::degrade(around, options.degradations, random);
    return quality::cropped(result ? *result : around, x - left, y - top, side, side);
}

}  // namespace

Batch cut_batch(const std::vector<Pair> &pairs, const BatchOptions &options, int64_t step) {
    const int colors = pairs[0].high.channels, side = options.patch / options.scale;
    Batch batch{torch::empty({options.batch, colors, side, side}),
                torch::empty({options.batch, colors, options.patch, options.patch})};
    if (pairs[0].teacher.width > 0)
        batch.teacher = torch::empty_like(batch.high);
    const uint64_t samples = all_samples(pairs);
    for (int i = 0; i < options.batch; i++) {
        const Placement p = place(pairs, samples, options, step, i);
        const Pair &pair = pairs[p.pair];
        float *low = batch.low.data_ptr<float>() + i * batch.low.stride(0);
        if (options.degradations.empty())
            cut(pair.low, p.x, p.y, side, p, low);
        else
            cut(degraded(pair.low, p.x, p.y, side, options, step, i), 0, 0, side, p, low);
        cut(pair.high, p.x * options.scale, p.y * options.scale, options.patch, p,
            batch.high.data_ptr<float>() + i * batch.high.stride(0));
        if (batch.teacher.defined())
            cut(pair.teacher, p.x * options.scale, p.y * options.scale, options.patch, p,
                batch.teacher.data_ptr<float>() + i * batch.teacher.stride(0));
    }
    return batch;
}

Batches::Batches(const std::vector<Pair> &pairs, const BatchOptions &options)
    : pairs_(pairs), options_(options), next_to_cut_(options.first_step), next_to_give_(options.first_step) {
    for (int i = 0; i < options.threads; i++)
        threads_.emplace_back([this] { work(); });
}

Batches::~Batches() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread &thread : threads_)
        thread.join();
}

void Batches::work() {
    torch::NoGradGuard no_grad;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || next_to_cut_ < next_to_give_ + kAhead; });
        if (stopping_ || next_to_cut_ >= options_.end_step)
            return;
        const int64_t step = next_to_cut_++;
        lock.unlock();
        Batch batch = cut_batch(pairs_, options_, step);
        lock.lock();
        ready_.emplace(step, std::move(batch));
        changed_.notify_all();
    }
}

Batch Batches::next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return ready_.count(next_to_give_) > 0; });
    Batch batch = std::move(ready_.extract(next_to_give_++).mapped());
    changed_.notify_all();
    return batch;
}

}  // namespace slimscale::trainer
