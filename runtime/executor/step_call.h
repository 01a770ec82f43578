// One call of a step's pipeline for rows of its grid, as one worker: the views of its tensors, and the call.
#pragma once

#include <climits>

#include "runtime/executor/buffers.h"
#include "runtime/executor/execution.h"
#include "runtime/plan/steps.h"

namespace slimscale::runtime {

// Columns of a step's grid, [begin, end); an `end` beyond the frame means the frame's end.
struct Columns {
    int begin, end;
};
constexpr Columns kAllColumns{0, INT_MAX};

class StepCall {
public:
    StepCall(const Execution &execution, const slimscale_step &step, Rows grid_rows, int of_worker = 0,
             Columns grid_columns = kAllColumns)
        : e(execution), s(step), rows(grid_rows), columns(grid_columns), worker(of_worker) {}

    const Execution &e;
    const slimscale_step &s;
    const Rows rows;        // whole tiles, in one piece of the output's ring
    const Columns columns;  // whole tiles; others than all on CPUs only, for steps that run together or apart
    const int worker;

    const TensorLayout &layout(int tensor) const { return e.tensors[tensor]; }
    const PackedFilter &filter() const { return (*e.filters)[s.filter]; }
    Context *context() const { return &e.call->contexts[worker]; }
    contract::PipelineKey key() const { return key_of(*e.target, s); }
    float output_min() const;  // the outputs' lower bound: 0 with a ReLU, else minus infinity

    // Returns 0 or the error code of the pipeline.
    int run(Arguments &arguments) const { return run(s.pipeline, key(), arguments); }
    int run(int pipeline, const contract::PipelineKey &pipeline_key, Arguments &arguments) const;

    // `width` grid columns and those that a pipeline writes after them.
    int written(int width) const { return round_up(width, e.whole_columns); }

    // A view that begins `values` values after column -1 of row 0.
    void view(BufferView &view, int tensor, int64_t values, std::initializer_list<Dim> dims) const;
    void view(BufferView &view, const float *filter, std::initializer_list<Dim> dims) const;
    // A view of `channels` channels from `channel` on: c, x from -1, buffer row.
    void view_input(BufferView &input, int tensor, int channel, int channels) const;
    // The same for the call's columns only, with columns of the step's grid.
    void view_strip(BufferView &input, int tensor, int channel, int channels) const;
    int strip_columns() const;  // the call's columns and those that a pipeline writes after them
    // Sets the arguments for the tensor that a step adds: `channels` of it, from `channel` on. `addend` must live as
    // long as the call.
    void add_tensor(BufferView &addend, int channel, int channels, Arguments &arguments) const;
    // Sets the arguments of a tail with a skip: the whole input image, and the places of the output's column 0 and row
    // 0 on the step's grid. `image` must live as long as the call.
    void add_image(BufferView &image, int column0, int row0, Arguments &arguments) const;
    // A view of c, x from 0, y from 0 = grid row rows.begin. Phase p of the shuffle writes every s-th column and row.
    void view_output(BufferView &output, int channel, int channels, int phase) const;
};

// Calls piece() for each part of `rows` that lies in one piece of the output's ring, one after the other. The first
// failure names the step's pipeline.
slimscale_status run_in_pieces(const Execution &execution, const slimscale_step &step, Rows rows,
                               int (*piece)(const StepCall &), Error &error, int worker = 0,
                               Columns columns = kAllColumns);

}  // namespace slimscale::runtime
