#include "runtime/filters.h"

#include <algorithm>
#include <cstring>

#include "weights/winograd.h"

namespace slimscale::runtime {

namespace {

constexpr int kFloatsPerPage = 4096 / sizeof(float);

// Blocks a multiple of 4 KB apart would share their L1 sets when a narrow width reads the front of each.
int64_t off_page(int64_t floats) { return floats % kFloatsPerPage == 0 ? floats + kFilterBlock : floats; }

// What one model's steps need of a filter; `kind` decides the form. A filter belongs to steps of one kind.
struct Use {
    int kind = -1;
    int inputs = 0, outputs = 0;  // most that any step reads, of one group and phase, all groups
    int kernel = 1, phases = 1;
    int group_outputs = 0;        // of one group and phase, if there are several groups
};

Use use_of(const slimscale_step &s, bool second) {
    Use u;
    u.kind = s.kind;
    const bool three = s.kind == SLIMSCALE_STEP_HEAD || s.kind == SLIMSCALE_STEP_CONV3 || s.kind == SLIMSCALE_STEP_TAIL;
    u.kernel = three ? 3 : 1;
    u.phases = s.shuffle * s.shuffle;
    u.inputs = s.kind == SLIMSCALE_STEP_CONV1 ? (s.input_count - 1) * s.segment_stride + s.cin : s.cin;
    u.outputs = s.cout * s.groups;
    u.group_outputs = s.groups > 1 ? s.cout : 0;
    if (s.kind == SLIMSCALE_STEP_GATE) {  // C -> squeezed, squeezed -> C
        u.inputs = second ? s.cout : s.cin;
        u.outputs = second ? s.cin : s.cout;
    }
    return u;
}

bool matches(const BlobFilter &f, const Use &u) {
    const int group_outputs = static_cast<int>(f.outputs / f.groups);
    return static_cast<int>(f.kernel) == u.kernel && static_cast<int>(f.phases) == u.phases &&
           static_cast<int>(f.inputs) >= u.inputs && static_cast<int>(f.outputs) >= u.outputs &&
           (u.group_outputs == 0 || u.group_outputs == group_outputs) && (f.groups == 1 || group_outputs % kFilterBlock == 0);
}

int padded_inputs(const BlobFilter &f) { return round_up(static_cast<int>(f.inputs), kFilterBlock); }

// Strides of a filter's form; returns the floats it takes, 0 if the blob's own memory serves.
size_t shape_form(const BlobFilter &f, int kind, FilterForm &form) {
    form.inputs = static_cast<int>(f.inputs);
    form.blocks = static_cast<int>(block_count(f));
    form.bias_phase = form.blocks * kFilterBlock;
    const auto plain_block = static_cast<int64_t>(block_stride(f));
    form.block = plain_block;
    form.phase = plain_block * form.blocks;
    form.frequency = 0;
    switch (kind) {
    case SLIMSCALE_STEP_CONV3:
        form.block = off_page(static_cast<int64_t>(f.inputs) * kFilterBlock);
        form.frequency = form.block * form.blocks;
        form.phase = form.frequency * winograd::kFrequencies * winograd::kFrequencies;
        break;
    case SLIMSCALE_STEP_CONV1:
        form.block = off_page(plain_block);
        form.phase = form.block * form.blocks;
        break;
    case SLIMSCALE_STEP_TAIL:
        form.block = 0;
        form.phase = static_cast<int64_t>(padded_inputs(f)) * 9 * f.outputs;
        break;
    default:
        form.owned = false;
        return 0;
    }
    form.owned = true;
    return static_cast<size_t>(form.phase) * f.phases;
}

// One block of 16 output channels of one phase: 16*inputs filters of 3x3 each become 36 frequencies.
void transform_block(const BlobFilter &f, const float *plain, const FilterForm &form, float *out) {
    for (uint32_t ci = 0; ci < f.inputs; ci++) {
        for (int o = 0; o < kFilterBlock; o++) {
            float g[3][3], u[6][6];
            for (int tap = 0; tap < 9; tap++) g[tap / 3][tap % 3] = plain[(ci * 9 + static_cast<uint32_t>(tap)) * kFilterBlock + static_cast<uint32_t>(o)];
            winograd::transform_filter(g, u);
            for (int i = 0; i < 36; i++) out[i * form.frequency + static_cast<int64_t>(ci) * kFilterBlock + o] = u[i / 6][i % 6];
        }
    }
}

void transpose_tail(const BlobFilter &f, const float *plain, float *out) {
    const int padded = padded_inputs(f);
    for (uint32_t o = 0; o < f.outputs; o++)
        for (uint32_t tap = 0; tap < 9; tap++)
            for (uint32_t ci = 0; ci < f.inputs; ci++)
                out[(o * 9 + tap) * static_cast<uint32_t>(padded) + ci] =
                    plain[((o / kFilterBlock * f.inputs + ci) * 9 + tap) * kFilterBlock + o % kFilterBlock];
}

struct Transform {
    const BlobFilter *filter;
    const float *plain;
    const FilterForm *form;
    float *out;
    int kind;
};

// index runs over phases x blocks.
void run_transform(void *data, int index, int) {
    const auto &t = *static_cast<Transform *>(data);
    const int phase = index / t.form->blocks, block = index % t.form->blocks;
    const auto plain_block = static_cast<int64_t>(block_stride(*t.filter));
    const float *plain = t.plain + index * plain_block;
    float *out = t.out + phase * t.form->phase + block * t.form->block;
    if (t.kind == SLIMSCALE_STEP_CONV3) transform_block(*t.filter, plain, *t.form, out);
    if (t.kind == SLIMSCALE_STEP_CONV1) std::memcpy(out, plain, static_cast<size_t>(plain_block) * sizeof(float));
    if (t.kind == SLIMSCALE_STEP_TAIL && index == 0) transpose_tail(*t.filter, plain, out);
}

// Visits every filter that a plan's step names: visit(filter index, use) until it returns false.
template <typename Visit>
bool for_each_use(const slimscale_model &model, Visit visit) {
    for (int p = 0; p < model.plan_count; p++)
        for (int i = 0; i < model.plans[p].step_count; i++) {
            const slimscale_step &s = model.plans[p].steps[i];
            if (s.filter >= 0 && !visit(s.filter, use_of(s, false))) return false;
            if (s.filter2 >= 0 && !visit(s.filter2, use_of(s, true))) return false;
        }
    return true;
}

}  // namespace

slimscale_status Filters::open(const slimscale_model &model, const BlobView &blob, const slimscale_allocator &allocator,
                               const slimscale_thread_pool &pool, Error &error) {
    const int count = static_cast<int>(blob.header->filter_count);
    int bad = -1;
    if (!for_each_use(model, [&](int f, const Use &u) { bad = f; return f < count && matches(blob.filters[f], u); }))
        return error.set(SLIMSCALE_INVALID_MODEL, "filter %d of the weights has another shape than the compiled %s needs; pack a file of that network", bad, model.name);

    const size_t table_bytes = round_up(sizeof(FilterForm) * static_cast<size_t>(count), kAlignment) + sizeof(int) * static_cast<size_t>(count);
    if (!table_.allocate(allocator, table_bytes)) return error.set(SLIMSCALE_OUT_OF_MEMORY, "no memory for the filter table (%zu bytes)", table_bytes);
    forms_ = reinterpret_cast<FilterForm *>(table_.data());
    int *kinds = reinterpret_cast<int *>(table_.data() + round_up(sizeof(FilterForm) * static_cast<size_t>(count), kAlignment));
    std::fill(kinds, kinds + count, -1);
    for_each_use(model, [&](int f, const Use &u) { kinds[f] = u.kind; return true; });

    size_t floats = 0;
    for (int f = 0; f < count; f++) floats += round_up(shape_form(blob.filters[f], kinds[f], forms_[f]), kAlignment);
    if (!memory_.allocate(allocator, floats * sizeof(float))) return error.set(SLIMSCALE_OUT_OF_MEMORY, "no memory for the packed filters (%zu bytes); open fewer widths or a smaller network", floats * sizeof(float));
    std::memset(memory_.data(), 0, memory_.size());

    auto *next = reinterpret_cast<float *>(memory_.data());
    for (int f = 0; f < count; f++) {
        FilterForm &form = forms_[f];
        const BlobFilter &filter = blob.filters[f];
        form.bias = blob.bias(static_cast<uint32_t>(f));
        form.weights = blob.weights(static_cast<uint32_t>(f));
        if (!form.owned) continue;
        Transform transform{&filter, form.weights, &form, next, kinds[f]};
        form.weights = next;
        next += round_up(static_cast<size_t>(form.phase) * filter.phases, kAlignment);
        pool.run(pool.opaque, form.blocks * static_cast<int>(filter.phases), run_transform, &transform);
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
