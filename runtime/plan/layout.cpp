#include "runtime/plan/layout.h"

#include <algorithm>

#include "runtime/plan/steps.h"

namespace slimscale::runtime {

namespace {

int floor_mod(int a, int b) {
    return ((a % b) + b) % b;
}

// Whole frames: rows above and below that a tile grid anchored at -g (mod 4), shuffled by up to 4, may
// touch.
constexpr int kFrameRowSlack = 24;

// Bytes of a tensor's values. The loaded and the upscaled image, and the sums of attention, are always f32.
int value_bytes(const slimscale_network_plan &plan, int tensor, int activation_bytes) {
    const bool image = tensor == 0 || tensor == plan.steps[plan.step_count - 1].output;
    return image || plan.tensors[tensor].rank < 3 ? static_cast<int>(sizeof(float)) : activation_bytes;
}

void set_geometry(const slimscale_tensor &t, const FrameLayout &frame, TensorLayout &l) {
    l.width = frame.width * t.scale;
    l.height = frame.height * t.scale;
    l.pixel = t.channels;
    const int columns = 1 + round_up(l.width, kTileRows) + contract::kReadableColumns;
    l.row = off_page(static_cast<int64_t>(columns) * t.channels, static_cast<size_t>(l.value_bytes));
}

size_t tensor_bytes(const slimscale_tensor &t, const FrameLayout &frame, const TensorLayout &l) {
    const auto channels = static_cast<size_t>(t.channels);
    const auto value = static_cast<size_t>(l.value_bytes);
    if (t.rank == 1)
        return round_up(channels * value, kAlignment);
    if (t.rank == 2)
        return round_up(channels * value * static_cast<size_t>(frame.height * t.scale), kAlignment);
    return round_up(static_cast<size_t>(l.ring + 1) * static_cast<size_t>(l.row) * value, kAlignment);
}

void set_lags(const slimscale_network_plan &plan, TensorLayout *tensors) {
    tensors[0].lag = 0;
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &s = plan.steps[i];
        tensors[s.output].lag = grid_lag(s, tensors) * s.shuffle;
    }
}

// Rows that the ring must hold: from the oldest one that a consumer's band still reads to the newest one written, to
// whole tiles. The loaded image has whole bands, which devices write in one piece; the last tensor's colors are
// averaged to chroma over some rows.
void set_rings(const slimscale_network_plan &plan, int band_rows, TensorLayout *tensors) {
    for (int t = 0; t < plan.tensor_count; t++) {
        const int band = band_rows * plan.tensors[t].scale;
        const bool averaged = t == plan.steps[plan.step_count - 1].output && plan.tensors[t].channels > 1;
        int behind = averaged ? kStoreHistory : 0;  // rows before the band's own that consumers read
        for (int i = 0; i < plan.step_count; i++) {
            const slimscale_step &s = plan.steps[i];
            const int reach = grid_lag(s, tensors) - tensors[t].lag;
            for (int k = 0; k < s.input_count; k++)
                if (s.inputs[k] == t)
                    behind = std::max(behind, reach + facts_of(s).halo);
            if (s.add == t)
                behind = std::max(behind, reach);
            if (s.input_skip && t == 0)  // a row of the image for input_scale rows of the step's grid
                behind = std::max(behind, (reach + s.input_scale - 1) / s.input_scale);
        }
        tensors[t].base = tensors[t].lag;
        tensors[t].ring = round_up(band + behind, t == 0 ? band : kTileRows * plan.tensors[t].scale);
    }
}

void set_lives(const slimscale_network_plan &plan, TensorLayout *tensors) {
    for (int t = 0; t < plan.tensor_count; t++)
        tensors[t].first = tensors[t].last = tensors[t].slot_last = -1;
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &s = plan.steps[i];
        tensors[s.output].first = tensors[s.output].last = i;
        for (int k = 0; k < s.input_count; k++)
            tensors[s.inputs[k]].last = i;
        if (s.add >= 0)
            tensors[s.add].last = i;
        if (s.input_skip)
            tensors[0].last = i;
    }
    tensors[plan.steps[plan.step_count - 1].output].last = plan.step_count;  // stored after the last step
}

bool same_shape(const slimscale_network_plan &plan, const TensorLayout *tensors, int a, int b) {
    const slimscale_tensor &s = plan.tensors[a], &t = plan.tensors[b];
    return s.channels == t.channels && s.scale == t.scale && s.rank == t.rank &&
           tensors[a].value_bytes == tensors[b].value_bytes;
}

// Gives tensor `t` the memory of an earlier one of its shape that no later step reads, or new memory at `end`; returns
// the new end. Tensors come in the order in which they are written. A step's output never shares with its inputs.
size_t place(const slimscale_network_plan &plan, int t, size_t end, TensorLayout *tensors) {
    tensors[t].slot_last = -1;
    for (int other = 0; other < plan.tensor_count; other++) {
        TensorLayout &slot = tensors[other];
        const bool placed = slot.first < tensors[t].first && slot.slot_last >= 0;
        if (!placed || slot.slot_last >= tensors[t].first || !same_shape(plan, tensors, other, t))
            continue;
        slot.slot_last = tensors[t].last;
        tensors[t].offset = slot.offset;
        return end;
    }
    tensors[t].slot_last = tensors[t].last;
    tensors[t].offset = end;
    return end + tensors[t].bytes;
}

size_t share_memory(const slimscale_network_plan &plan, TensorLayout *tensors) {
    set_lives(plan, tensors);
    size_t end = place(plan, 0, 0, tensors);
    for (int i = 0; i < plan.step_count; i++)
        end = place(plan, plan.steps[i].output, end, tensors);
    return end;
}

void set_whole_frame(const slimscale_network_plan &plan, TensorLayout *tensors) {
    for (int t = 0; t < plan.tensor_count; t++) {
        tensors[t].base = 0;
        tensors[t].ring = round_up(tensors[t].height, kTileRows) + kFrameRowSlack;
    }
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &s = plan.steps[i];
        tensors[s.output].base = s.shuffle * (grid_lag(s, tensors) % kTileRows);
    }
}

}  // namespace

int grid_lag(const slimscale_step &step, const TensorLayout *tensors) {
    int lag = step.add >= 0 ? tensors[step.add].lag : 0;
    for (int k = 0; k < step.input_count; k++)
        lag = std::max(lag, tensors[step.inputs[k]].lag + facts_of(step).halo);
    return lag;
}

FrameLayout lay_out(const slimscale_network_plan &plan, int width, int height, int band_rows, int activation_bytes,
                    TensorLayout *tensors) {
    FrameLayout frame{width, height, band_rows, 1, 0};
    for (int t = 0; t < plan.tensor_count; t++) {
        tensors[t] = {};
        tensors[t].value_bytes = value_bytes(plan, t, activation_bytes);
        set_geometry(plan.tensors[t], frame, tensors[t]);
    }
    set_lags(plan, tensors);
    const TensorLayout &image = tensors[plan.steps[plan.step_count - 1].output];
    if (band_rows > 0) {
        set_rings(plan, band_rows, tensors);
        const int scale = plan.tensors[plan.steps[plan.step_count - 1].output].scale;
        frame.bands = (image.height + image.lag + band_rows * scale - 1) / (band_rows * scale);
    } else {
        set_whole_frame(plan, tensors);
    }
    for (int t = 0; t < plan.tensor_count; t++)
        tensors[t].bytes = tensor_bytes(plan.tensors[t], frame, tensors[t]);
    if (band_rows > 0) {
        for (int t = 0; t < plan.tensor_count; t++) {
            tensors[t].offset = frame.workspace_bytes;
            frame.workspace_bytes += tensors[t].bytes;
        }
    } else {
        frame.workspace_bytes = share_memory(plan, tensors);
    }
    return frame;
}

Rows in_one_piece(const slimscale_step &step, const TensorLayout *tensors, Rows rows) {
    const TensorLayout &out = tensors[step.output];
    const int first = (rows.begin * step.shuffle + out.base) % out.ring;
    return {rows.begin, std::min(rows.end, rows.begin + (out.ring - first) / step.shuffle)};
}

Rows step_rows(const slimscale_step &step, const TensorLayout *tensors, const FrameLayout &frame, int band) {
    const int lag = grid_lag(step, tensors), height = frame.height * step.input_scale;
    Rows rows{};
    if (frame.band_rows > 0) {
        rows.begin = band * frame.band_rows * step.input_scale - lag;
        rows.end = rows.begin + frame.band_rows * step.input_scale;
    } else {
        rows.begin = -(lag % kTileRows);
        rows.end = height;
    }
    if (rows.begin <= -kTileRows)
        rows.begin = std::max(rows.begin, -floor_mod(-rows.begin, kTileRows));
    if (rows.end > height)
        rows.end = height;
    if (!rows.empty())
        rows.end = rows.begin + round_up(rows.end - rows.begin, kTileRows);
    return rows;
}

}  // namespace slimscale::runtime
