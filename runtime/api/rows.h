// A frame whose rows come and go in bands. Keeps the rows that are still needed, and runs each of the plan's bands as
// soon as its input is there.
#pragma once

#include "runtime/api/queue.h"
#include "runtime/executor/frame_plan.h"
#include "runtime/frames/row_window.h"

namespace slimscale::runtime {

class RowStream {
public:
    // Computes what `frame` needs, which was checked and whose width was chosen. Allocates nothing.
    void prepare(FramePlan &plan, const QueuedFrame &frame, const ColorTransform &network, int scale);
    int latency_rows() const { return latency_; }
    size_t bytes() const { return bytes_; }

    // Allocates what prepare() computed. False: the allocator has no memory.
    bool begin(const slimscale_allocator &allocator);
    void end() { active_ = false; }
    bool active() const { return active_; }

    // slimscale_push_rows and slimscale_take_rows, after the images were checked. A failure ends the frame.
    slimscale_status push(FramePlan &plan, const slimscale_image &rows, int &pushed, Error &error);
    slimscale_status take(FramePlan &plan, const slimscale_image &rows, int &taken, Error &error);

    const slimscale_image &input() const { return frame_.input; }
    const slimscale_image &output() const { return frame_.output; }
    int rows_to_push() const { return frame_.input.height - in_.end(); }
    int rows_to_take() const { return frame_.output.height - taken_; }
    slimscale_report report{};  // actual_ms: what push and take have taken
    bool paced = false;         // the request asks for a time, so that the frame's time counts for the next ones

private:
    // Rows of the frame from the first to the last that something reads.
    struct Reach {
        int first, end;
        void add(int row) {
            first = row < first ? row : first;
            end = row + 1 > end ? row + 1 : end;
        }
    };
    BandRows band(FramePlan &plan, int index) const { return plan.rows_of_band(frame_.width_index, index); }
    Reach input_of(const BandRows &rows) const;
    int final_rows(int stored) const;
    slimscale_status advance(FramePlan &plan, Error &error);

    QueuedFrame frame_;
    Loading loading_;
    Storing storing_;
    RowWindow in_, out_;
    size_t in_bytes_ = 0, bytes_ = 0;
    Block memory_;
    bool active_ = false;
    int bands_ = 0, latency_ = 0, out_rows_ = 0;  // out_rows_: the most rows in out_
    int next_band_ = 0, taken_ = 0;
};

}  // namespace slimscale::runtime
