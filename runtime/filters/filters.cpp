#include "runtime/filters/filters.h"

#include <algorithm>
#include <cstring>

#include "runtime/filters/collapsed_tail.h"
#include "runtime/plan/tile_chunk.h"
#include "weights/winograd.h"

namespace slimscale::runtime {

namespace {

constexpr int kTaps = 9;
constexpr int kTransformed = winograd::kFrequencies * winograd::kFrequencies;

// CONV3's form for products on devices, besides the forms of the steps' kinds.
constexpr int kWinogradForm = SLIMSCALE_STEP_COLLAPSED_TAIL + 1;

// What one model's steps need of a filter; `kind` decides the form. A filter belongs to steps of one kind.
struct Use {
    int kind = -1;
    int inputs = 0, outputs = 0;  // most that any step reads, of one group and phase, all groups
    int kernel = 1, phases = 1;
    int group_outputs = 0;  // of one group and phase, if there are several groups
};

Use use_of(const slimscale_step &s, bool second) {
    Use u;
    u.kind = s.kind;
    const bool three = s.kind == SLIMSCALE_STEP_HEAD || s.kind == SLIMSCALE_STEP_CONV3 ||
                       s.kind == SLIMSCALE_STEP_TAIL || s.kind == SLIMSCALE_STEP_COLLAPSED_TAIL;
    u.kernel = three ? 3 : 1;
    u.phases = s.shuffle * s.shuffle;
    u.inputs = s.kind == SLIMSCALE_STEP_CONV1 ? (s.input_count - 1) * s.segment_stride + s.cin : s.cin;
    u.outputs = s.cout * s.groups;
    u.group_outputs = s.groups > 1 ? s.cout : 0;
    if (s.kind == SLIMSCALE_STEP_GATE) {  // C -> squeezed, squeezed -> C
        u.inputs = second ? s.cout : s.cin;
        u.outputs = second ? s.cin : s.cout;
    }
    if (s.kind == SLIMSCALE_STEP_COLLAPSED_TAIL) {  // C -> C per phase, C -> colors
        u.phases = second ? 1 : u.phases;
        u.outputs = second ? s.cout : s.cin;
    }
    return u;
}

bool matches(const BlobFilter &f, const Use &u) {
    const int group_outputs = static_cast<int>(f.outputs / f.groups);
    return static_cast<int>(f.kernel) == u.kernel && static_cast<int>(f.phases) == u.phases &&
           static_cast<int>(f.inputs) >= u.inputs && static_cast<int>(f.outputs) >= u.outputs &&
           (u.group_outputs == 0 || u.group_outputs == group_outputs) &&
           (f.groups == 1 || u.kind != SLIMSCALE_STEP_COLLAPSED_TAIL) &&
           (f.groups == 1 || group_outputs % kFilterBlock == 0);
}

int padded_inputs(const BlobFilter &f) {
    return round_up(static_cast<int>(f.inputs), kFilterBlock);
}

size_t weight_bytes(const BlobFilter &f, const FilterForm &form) {
    return round_up(static_cast<size_t>(form.phase) * f.phases * sizeof(float), kAlignment);
}

// Blocks of 16 in one of a filter's groups.
int64_t group_blocks(const BlobFilter &f) {
    return f.groups > 1 ? f.outputs / f.groups / kFilterBlock : block_count(f);
}

// Strides of a filter's form on CPUs; returns the bytes it takes, 0 if the blob's own memory serves.
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
        form.block = off_page(static_cast<int64_t>(f.inputs) * kFilterBlock, sizeof(float));
        form.frequency = form.block * form.blocks;
        form.phase = form.frequency * winograd::kFrequencies * winograd::kFrequencies;
        break;
    case SLIMSCALE_STEP_CONV1:
        form.block = off_page(plain_block, sizeof(float));
        form.phase = form.block * form.blocks;
        break;
    case SLIMSCALE_STEP_TAIL:
        form.block = 0;
        form.phase = static_cast<int64_t>(padded_inputs(f)) * 9 * f.outputs;
        break;
    default:
        form.group = form.block * group_blocks(f);
        return form.bytes = 0;
    }
    form.group = form.block * group_blocks(f);
    return form.bytes = weight_bytes(f, form);
}

CollapsedTail collapsed_tail(const slimscale_step &step) {
    return {step.cin, step.cout, step.shuffle, round_up(step.cin, kFilterBlock), nullptr, nullptr};
}

size_t bias_bytes(const BlobFilter &f, const FilterForm &form) {
    return round_up(static_cast<size_t>(form.bias_phase) * f.phases * sizeof(float), kAlignment);
}

// Likewise on devices, where every form that a pipeline reads is made, with its bias behind.
size_t shape_device_form(const BlobFilter &f, int kind, FilterForm &form) {
    shape_form(f, kind, form);
    if (kind < 0)
        return form.bytes = 0;
    if (kind == SLIMSCALE_STEP_CONV3 || kind == kWinogradForm) {
        const bool direct = kind == SLIMSCALE_STEP_CONV3;
        const int64_t blocks = (group_blocks(f) * kFilterBlock + kDeviceFilterBlock - 1) / kDeviceFilterBlock;
        form.block = static_cast<int64_t>(kDeviceFilterBlock) * (direct ? kTaps : 1) * f.inputs;
        form.group = blocks * form.block;
        form.frequency = direct ? 0 : form.group * f.groups;
        form.phase = direct ? form.group * f.groups : form.frequency * kTransformed;
    }
    return form.bytes = weight_bytes(f, form) + bias_bytes(f, form);
}

// The form of a width's collapsed tail, all its filters and then all biases, on any target; 0 if it has none.
size_t shape_collapsed(const slimscale_network_plan &plan, FilterForm &form) {
    const slimscale_step &last = plan.steps[plan.step_count - 1];
    form = {};
    if (last.kind != SLIMSCALE_STEP_COLLAPSED_TAIL)
        return 0;
    const CollapsedTail tail = collapsed_tail(last);
    form.inputs = last.cin;
    form.phase = tail.filter_floats();
    form.bias_phase = kFilterBlock;
    return form.bytes = static_cast<size_t>(tail.filters() * (form.phase + form.bias_phase)) * sizeof(float);
}

// One block of 16 output channels of one phase: 16*inputs filters of 3x3 each become 36 frequencies. `pitch`: floats from
// one input channel to the next.
void transform_block(const BlobFilter &f, const float *plain, const FilterForm &form, int pitch, float *out) {
    for (uint32_t ci = 0; ci < f.inputs; ci++) {
        for (int o = 0; o < kFilterBlock; o++) {
            float g[3][3], u[6][6];
            for (int tap = 0; tap < 9; tap++)
                g[tap / 3][tap % 3] =
                    plain[(ci * 9 + static_cast<uint32_t>(tap)) * kFilterBlock + static_cast<uint32_t>(o)];
            winograd::transform_filter(g, u);
            for (int i = 0; i < 36; i++)
                out[i * form.frequency + static_cast<int64_t>(ci) * pitch + o] = u[i / 6][i % 6];
        }
    }
}

// Where a block of 16 output channels has its half of a device's block of 32.
float *half_block(const BlobFilter &f, const FilterForm &form, int block, float *phase) {
    const int64_t in_group = block % group_blocks(f), half = in_group * kFilterBlock % kDeviceFilterBlock;
    return phase + block / group_blocks(f) * form.group +
           in_group * kFilterBlock / kDeviceFilterBlock * form.block + half;
}

// One block of 16 output channels (ci, ky, kx, o16) into its half of a device's block (o32, kx, ky, ci).
void spread_block(const BlobFilter &f, const float *plain, float *out) {
    for (uint32_t row = 0; row < f.inputs * kTaps; row++)
        std::memcpy(out + row * kDeviceFilterBlock, plain + row * kFilterBlock, kFilterBlock * sizeof(float));
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
    bool device;
};

// index runs over phases x blocks.
void run_transform(void *data, int index, int) {
    const auto &t = *static_cast<Transform *>(data);
    const int phase = index / t.form->blocks, block = index % t.form->blocks;
    const auto plain_block = static_cast<int64_t>(block_stride(*t.filter));
    const float *plain = t.plain + index * plain_block;
    float *out = t.out + phase * t.form->phase;
    if (t.kind == SLIMSCALE_STEP_TAIL) {
        if (index == 0)
            transpose_tail(*t.filter, plain, out);
    } else if (t.kind == kWinogradForm) {
        transform_block(*t.filter, plain, *t.form, kDeviceFilterBlock, half_block(*t.filter, *t.form, block, out));
    } else if (t.kind != SLIMSCALE_STEP_CONV3) {
        std::memcpy(out + block * t.form->block, plain, static_cast<size_t>(plain_block) * sizeof(float));
    } else if (t.device) {
        spread_block(*t.filter, plain, half_block(*t.filter, *t.form, block, out));
    } else {
        transform_block(*t.filter, plain, *t.form, kFilterBlock, out + block * t.form->block);
    }
}

// Visits every filter that a plan's step names: visit(filter index, use) until it returns false.
template <typename Visit>
bool for_each_use(const slimscale_model &model, Visit visit) {
    for (int p = 0; p < model.plan_count; p++)
        for (int i = 0; i < model.plans[p].step_count; i++) {
            const slimscale_step &s = model.plans[p].steps[i];
            if (s.filter >= 0 && !visit(s.filter, use_of(s, false)))
                return false;
            if (s.filter2 >= 0 && !visit(s.filter2, use_of(s, true)))
                return false;
        }
    return true;
}

}  // namespace

// Checks every use against the blob; notes the kind of each filter's users in `kinds`, -1 for unused ones.
slimscale_status Filters::check(const slimscale_model &model, const BlobView &blob, int *kinds, Error &error) {
    const int count = static_cast<int>(blob.header->filter_count);
    std::fill(kinds, kinds + count, -1);
    int bad = -1;
    const bool sound = for_each_use(model, [&](int f, const Use &u) {
        bad = f;
        if (f >= count || !matches(blob.filters[f], u))
            return false;
        if (u.kind == SLIMSCALE_STEP_COLLAPSED_TAIL)  // reads the blob's own
            return true;
        if (kinds[f] >= 0 && kinds[f] != u.kind)
            return false;
        kinds[f] = u.kind;
        return true;
    });
    if (sound)
        return SLIMSCALE_OK;
    return error.set(
        SLIMSCALE_INVALID_MODEL,
        "filter %d of the weights has another shape than the compiled %s needs; pack a file of that network", bad,
        model.name);
}

// Of CONV3's filters those forms that the opened widths read: direct, for products, or both.
void Filters::shape_winograd(const slimscale_tier &tier, int width_count, const BlobView &blob, int *kinds) {
    for (size_t f = 0; f < filter_count_; f++) {
        winograd_[f] = {};
        if (tier.winograd && kinds[f] == SLIMSCALE_STEP_CONV3)
            kinds[f] = -1;
    }
    for (int w = 0; tier.winograd && w < width_count; w++)
        for (int i = 0; i < widths_[w]->step_count; i++) {
            const slimscale_step &s = widths_[w]->steps[i];
            if (s.kind != SLIMSCALE_STEP_CONV3)
                continue;
            if (winograd_of(tier, s))
                shape_device_form(blob.filters[s.filter], kWinogradForm, winograd_[s.filter]);
            else
                kinds[s.filter] = SLIMSCALE_STEP_CONV3;
        }
}

slimscale_status Filters::open(const slimscale_model &model, const slimscale_tier &tier,
                               const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                               const slimscale_allocator &allocator, const slimscale_thread_pool &pool, Device *device,
                               Error &error) {
    on_device_ = device != nullptr;
    widths_ = widths;
    filter_count_ = blob.header->filter_count;
    const size_t count = filter_count_, tails = static_cast<size_t>(width_count), form_count = 2 * count + tails;
    const size_t forms_bytes = round_up(sizeof(FilterForm) * form_count, kAlignment);
    if (!table_.allocate(allocator, forms_bytes + sizeof(int) * count))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the filter table");
    forms_ = reinterpret_cast<FilterForm *>(table_.data());
    winograd_ = forms_ + count + tails;
    int *kinds = reinterpret_cast<int *>(table_.data() + forms_bytes);
    if (check(model, blob, kinds, error) != SLIMSCALE_OK)
        return error.status;
    if (tier.q16) {  // of these only the bias is left, and lies in the blob
        if (quantized_.open(model, kinds, widths, width_count, blob, allocator, pool, error) != SLIMSCALE_OK)
            return error.status;
        std::replace_if(kinds, kinds + count, has_fixed_point, -1);
    }

    size_t bytes = 0;
    shape_winograd(tier, width_count, blob, kinds);
    for (size_t f = 0; f < count; f++)
        bytes += (device ? shape_device_form : shape_form)(blob.filters[f], kinds[f], forms_[f]) + winograd_[f].bytes;
    for (size_t w = 0; w < tails; w++)
        bytes += shape_collapsed(*widths[w], forms_[count + w]);
    if (!memory_.allocate(allocator, bytes))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no %zu bytes for the packed filters of %s", bytes,
                         model.name);
    std::memset(memory_.data(), 0, memory_.size());
    unsigned char *next = memory_.data();
    for (size_t f = 0; f < count; f++)
        next = transform(blob, static_cast<uint32_t>(f), forms_[f], kinds[f], pool, next);
    for (size_t f = 0; f < count; f++)
        next = transform(blob, static_cast<uint32_t>(f), winograd_[f], kWinogradForm, pool, next);
    for (size_t w = 0; w < tails; w++)
        next = collapse(blob, *widths[w], forms_[count + w], pool, next);
    return device ? move_to(*device, form_count, error) : SLIMSCALE_OK;
}

// The host's copy goes; the forms' pointers become the device's addresses.
slimscale_status Filters::move_to(Device &device, size_t form_count, Error &error) {
    if (device_memory_.allocate(device, memory_.size(), error) != SLIMSCALE_OK ||
        device.copy_rows(Device::Way::to_device, {device_memory_.data(), 0}, {memory_.data(), 0}, memory_.size(), 1,
                         error) != SLIMSCALE_OK ||
        device.finish(error) != SLIMSCALE_OK)
        return error.status;
    const auto moved = [&](const float *on_host) {
        const auto offset = reinterpret_cast<const unsigned char *>(on_host) - memory_.data();
        return reinterpret_cast<const float *>(device_memory_.data() + offset);
    };
    for (size_t f = 0; f < form_count; f++) {
        if (forms_[f].bytes == 0)
            continue;
        forms_[f].weights = moved(forms_[f].weights);
        forms_[f].bias = moved(forms_[f].bias);
    }
    memory_.release();
    return SLIMSCALE_OK;
}

void Filters::close() {
    device_memory_.release();
}

void Filters::forget() {
    device_memory_.forget();
}

unsigned char *Filters::collapse(const BlobView &blob, const slimscale_network_plan &plan, FilterForm &form,
                                 const slimscale_thread_pool &pool, unsigned char *memory) {
    if (form.bytes == 0)
        return memory;
    const slimscale_step &last = plan.steps[plan.step_count - 1];
    CollapsedTail tail = collapsed_tail(last);
    tail.weights = reinterpret_cast<float *>(memory);
    tail.bias = tail.weights + tail.filters() * form.phase;
    collapse_tail(blob, last, tail, pool);
    form.weights = tail.weights;
    form.bias = tail.bias;
    return memory + form.bytes;
}

// Makes one filter's form at `memory`; returns where the next one may lie.
unsigned char *Filters::transform(const BlobView &blob, uint32_t f, FilterForm &form, int kind,
                                  const slimscale_thread_pool &pool, unsigned char *memory) {
    form.bias = blob.bias(f);
    form.weights = blob.weights(f);
    if (form.bytes == 0)
        return memory;
    Transform work{&blob.filters[f], form.weights, &form, reinterpret_cast<float *>(memory), kind, on_device_};
    form.weights = work.out;
    pool.run(pool.opaque, form.blocks * static_cast<int>(blob.filters[f].phases), run_transform, &work);
    if (on_device_) {
        const size_t bytes = static_cast<size_t>(form.bias_phase) * blob.filters[f].phases * sizeof(float);
        unsigned char *bias = memory + weight_bytes(blob.filters[f], form);
        form.bias = static_cast<const float *>(std::memcpy(bias, form.bias, bytes));
    }
    return memory + form.bytes;
}

}  // namespace slimscale::runtime
