// The walk over a plan, with a simulated device: every row is loaded and stored once and in order, and no step reads
// rows that its input does not have yet.
#include "runtime/executor/walk.h"

#include <algorithm>
#include <vector>

#include "contract/operation.h"
#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

// Image -> head -> 3x3 -> 3x3 that adds the head's and shuffles by 2 -> tail.
struct Network {
    slimscale_tensor tensors[5] = {{3, 1, 3}, {8, 1, 3}, {8, 1, 3}, {8, 2, 3}, {3, 2, 3}};
    slimscale_step steps[4] = {};
    slimscale_network_plan plan{8, 5, 4, 0, tensors, steps};

    Network() {
        using slimscale::contract::Operation;
        const Operation kinds[] = {Operation::head, Operation::conv3x3, Operation::conv3x3, Operation::tail};
        for (int i = 0; i < 4; i++) {
            steps[i].kind = static_cast<int>(kinds[i]);
            steps[i].groups = steps[i].shuffle = steps[i].input_count = 1;
            steps[i].inputs[0] = i;
            steps[i].add = -1;
            steps[i].output = i + 1;
            steps[i].input_scale = tensors[i].scale;
        }
        steps[2].add = 1;
        steps[2].shuffle = 2;
    }
};

class Recorder final : public FrameSteps {
public:
    Recorder(const Execution &execution, int fail_at) : e_(execution), done_(5, 0), fail_at_(fail_at) {}

    slimscale_status load(Rows rows, Error &error) override {
        CHECK(rows.begin == done_[0]);
        done_[0] = rows.end;
        return next(error);
    }
    slimscale_status run(const slimscale_step &step, Rows rows, Error &error) override {
        const int height = e_.layout(step.inputs[0]).height;
        const int needed = std::min(rows.end + 1, height);
        CHECK(done_[static_cast<size_t>(step.inputs[0])] >= std::min(needed, height));
        if (step.add >= 0)
            CHECK(done_[static_cast<size_t>(step.add)] >= std::min(rows.end, height));
        done_[static_cast<size_t>(step.output)] = std::min(rows.end, height) * step.shuffle;
        return next(error);
    }
    slimscale_status store(Rows rows, Error &error) override {
        CHECK(rows.begin == stored_);
        CHECK(rows.end <= done_[4]);
        stored_ = rows.end;
        return next(error);
    }

    int loaded() const { return done_[0]; }
    int stored() const { return stored_; }
    int calls() const { return calls_; }

private:
    slimscale_status next(Error &error) {
        return calls_++ == fail_at_ ? error.set(SLIMSCALE_DEVICE_FAILED, "made up") : SLIMSCALE_OK;
    }

    const Execution &e_;
    std::vector<int> done_;  // the computed rows of each tensor
    int stored_ = 0, calls_ = 0, fail_at_;
};

struct Walked {
    slimscale_status status;
    int loaded, stored, calls;
};

Walked walk_over(int height, int band_rows, int fail_at = -1) {
    Network network;
    TensorLayout tensors[5];
    Execution e{};
    e.plan = &network.plan;
    e.tensors = tensors;
    e.frame = lay_out(network.plan, /*width=*/9, height, band_rows, sizeof(float), tensors);
    Recorder recorder(e, fail_at);
    Error error;
    const slimscale_status status = walk(e, recorder, error);
    return {status, recorder.loaded(), recorder.stored(), recorder.calls()};
}

}  // namespace

TEST_CASE("every row is loaded and stored once, in bands and whole frames") {
    for (int height : {1, 3, 4, 5, 17, 40})
        for (int band_rows : {0, 4, 8, 64}) {
            INFO(height << " rows in bands of " << band_rows);
            const Walked walked = walk_over(height, band_rows);
            CHECK(walked.status == SLIMSCALE_OK);
            CHECK(walked.loaded == height);
            CHECK(walked.stored == 2 * height);
        }
}

TEST_CASE("the first failure ends the walk") {
    const int calls = walk_over(17, 4).calls;
    for (int fail_at = 0; fail_at < calls; fail_at++) {
        const Walked walked = walk_over(17, 4, fail_at);
        CHECK(walked.status == SLIMSCALE_DEVICE_FAILED);
        CHECK(walked.calls == fail_at + 1);
    }
}
