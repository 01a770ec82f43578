#include "runtime/filters/filters.h"

#include <algorithm>
#include <cstring>

#include "contract/compiled_target.h"
#include "runtime/filters/collapsed_tail.h"
#include "runtime/plan/steps.h"

namespace slimscale::runtime {

namespace {

bool is_collapsed(const slimscale_step &s) {
    return facts_of(s).packing == contract::Packing::collapsed;
}

// The number of concatenated inputs that the step's filter is applied to.
int key_segments(const slimscale_step &s) {
    return contract::has_field(facts_of(s).block, "segments") ? s.input_count : 1;
}

// The shape that a step needs of one of its filters.
struct Use {
    int inputs = 0,
        outputs = 0;  // the most that any step reads: inputs of one group, outputs of a phase over all groups
    int kernel = 1, phases = 1;
    int group_outputs = 0;  // of one group and phase, if there are several groups
    bool may_have_groups = true, prelu = false;
};

Use use_of(const slimscale_step &s, bool second) {
    Use u;
    const contract::OperationFacts &facts = facts_of(s);
    u.kernel = facts.kernel;
    u.phases = s.shuffle * s.shuffle;
    u.inputs = (key_segments(s) - 1) * s.segment_stride + s.cin;
    u.outputs = s.cout * s.groups;
    u.group_outputs = s.groups > 1 ? s.cout : 0;
    u.may_have_groups = !is_collapsed(s);
    u.prelu = s.prelu != 0;
    if (facts.runs == contract::Runs::frame) {  // C -> squeezed, squeezed -> C
        u.inputs = second ? s.cout : s.cin;
        u.outputs = second ? s.cin : s.cout;
    }
    if (is_collapsed(s)) {  // C -> C per phase, C -> colors
        u.phases = second ? 1 : u.phases;
        u.outputs = second ? s.cout : s.cin;
    }
    return u;
}

bool matches(const BlobFilter &f, const Use &u) {
    const int group_outputs = static_cast<int>(f.outputs / f.groups);
    return static_cast<int>(f.kernel) == u.kernel && static_cast<int>(f.phases) == u.phases &&
           (f.prelu != 0) == u.prelu && static_cast<int>(f.inputs) >= u.inputs &&
           static_cast<int>(f.outputs) >= u.outputs && (u.group_outputs == 0 || u.group_outputs == group_outputs) &&
           (f.groups == 1 || (u.may_have_groups && group_outputs % kFilterBlock == 0));
}

// Visits every filter that a plan's steps name: visit(filter index, step, whether it is the step's second) until it
// returns false.
template <typename Visit>
bool for_each_use(const slimscale_network_plan &plan, Visit visit) {
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &s = plan.steps[i];
        if ((s.filter >= 0 && !visit(s.filter, s, false)) || (s.filter2 >= 0 && !visit(s.filter2, s, true)))
            return false;
    }
    return true;
}

// Refuses a blob whose filters have other shapes than the steps of any compiled width need, and a filter that steps of
// two kinds name. `users`: one null pointer per filter. Collapsed tails read the blob's own filters beside other steps.
slimscale_status check_uses(const slimscale_model &model, const BlobView &blob, const slimscale_step **users,
                            Error &error) {
    const int count = static_cast<int>(blob.header->filter_count);
    int bad = 0;
    const auto sound = [&](int f, const slimscale_step &s, bool second) {
        bad = f;
        if (f >= count || !matches(blob.filters[f], use_of(s, second)))
            return false;
        if (is_collapsed(s))
            return true;
        if (users[f] && users[f]->kind != s.kind)
            return false;
        users[f] = &s;
        return true;
    };
    for (int p = 0; p < model.plan_count; p++)
        if (!for_each_use(model.plans[p], sound))
            return error.set(
                SLIMSCALE_INVALID_MODEL,
                "filter %d of the weights has another shape than the compiled %s needs; pack a file of that network",
                bad, model.name);
    return SLIMSCALE_OK;
}

CollapsedTail collapsed_tail(const slimscale_step &step) {
    return {step.cin, step.cout, step.shuffle, round_up(step.cin, kFilterBlock), nullptr, nullptr};
}

// The shape of a width's collapsed tail on any target: all its filters, then all biases. Empty if it has none.
PackedFilter shape_collapsed(const slimscale_network_plan &plan) {
    const slimscale_step &last = plan.steps[plan.step_count - 1];
    PackedFilter packed{};
    if (!is_collapsed(last))
        return packed;
    const CollapsedTail tail = collapsed_tail(last);
    packed.inputs = last.cin;
    packed.phase = tail.filter_floats();
    packed.bias_phase = kFilterBlock;
    packed.bytes = static_cast<size_t>(tail.filters() * (packed.phase + packed.bias_phase)) * sizeof(float);
    return packed;
}

// Makes the collapsed tail at `memory`. Returns the address for the next one.
unsigned char *pack_collapsed(const BlobView &blob, const slimscale_network_plan &plan, PackedFilter &packed,
                              const slimscale_thread_pool &pool, unsigned char *memory) {
    if (packed.bytes == 0)
        return memory;
    const slimscale_step &last = plan.steps[plan.step_count - 1];
    CollapsedTail tail = collapsed_tail(last);
    tail.weights = reinterpret_cast<float *>(memory);
    tail.bias = tail.weights + tail.filters() * packed.phase;
    collapse_tail(blob, last, tail, pool);
    packed.weights = tail.weights;
    packed.bias = tail.bias;
    return memory + packed.bytes;
}

struct Packing {
    const BlobFilter *filter;
    const float *plain;
    const PackedFilter *packed;
    float *out;
};

// index runs over phases x blocks.
void pack_task(void *data, int index, int) {
    const auto &p = *static_cast<Packing *>(data);
    const int phase = index / p.packed->blocks, block = index % p.packed->blocks;
    pack_block(*p.filter, p.plain + index * static_cast<int64_t>(block_stride(*p.filter)), *p.packed, block,
               p.out + phase * p.packed->phase);
}

// Sets the sizes in the same way. `with_bias`: biases are copied too, because the memory is not the host's.
unsigned char *pack(const BlobView &blob, uint32_t f, PackedFilter &packed, bool with_bias,
                    const slimscale_thread_pool &pool, unsigned char *memory) {
    if (packed.layout == FilterLayout::none)
        return memory;
    const BlobFilter &filter = blob.filters[f];
    packed.weights = blob.weights(f);
    packed.bias = blob.bias(f);
    packed.slope = filter.prelu ? blob.slope(f) : nullptr;
    if (packed.bytes == 0)
        return memory;
    Packing work{&filter, packed.weights, &packed, reinterpret_cast<float *>(memory)};
    pool.run(pool.opaque, packed.blocks * static_cast<int>(filter.phases), pack_task, &work);
    packed.weights = work.out;
    if (with_bias) {
        packed.bias = static_cast<const float *>(
            std::memcpy(memory + weight_bytes(filter, packed), packed.bias, tail_count(filter) * sizeof(float)));
        if (packed.slope)
            packed.slope = packed.bias + bias_count(filter);
    }
    return memory + packed.bytes;
}

}  // namespace

slimscale_status Filters::allocate_table(const slimscale_model &model, int width_count,
                                         const slimscale_allocator &allocator, Error &error) {
    const size_t tails = static_cast<size_t>(width_count);
    packed_count_ = 2 * filter_count_ + tails;
    const size_t packed_bytes = sizeof(PackedFilter) * packed_count_;
    if (!table_.allocate(allocator, packed_bytes + 2 * sizeof(FilterLayout) * filter_count_))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the filter table of %s", model.name);
    packed_ = reinterpret_cast<PackedFilter *>(table_.data());
    winograd_ = packed_ + filter_count_;
    collapsed_ = winograd_ + filter_count_;
    layouts_ = reinterpret_cast<FilterLayout *>(table_.data() + packed_bytes);
    winograd_layouts_ = layouts_ + filter_count_;
    std::fill(layouts_, layouts_ + 2 * filter_count_, FilterLayout::none);
    return SLIMSCALE_OK;
}

// Chooses the layouts that the opened widths read. A conv3x3 filter on a GPU may be needed for the direct kernel, for
// the Winograd kernels, or for both.
void Filters::choose_layouts(const slimscale_compiled_target &target, int width_count) {
    for (int w = 0; w < width_count; w++)
        for_each_use(*widths_[w], [&](int f, const slimscale_step &s, bool) {
            const FilterLayout layout = layout_of(target, s);
            if (layout == FilterLayout::winograd32)
                winograd_layouts_[f] = layout;
            else if (layout != FilterLayout::none)
                layouts_[f] = layout;
            return true;
        });
}

size_t Filters::shape(const BlobView &blob, int width_count, bool in_place) {
    size_t bytes = 0;
    for (size_t f = 0; f < filter_count_; f++) {
        packed_[f] = shape_packed(blob.filters[f], layouts_[f], in_place);
        winograd_[f] = shape_packed(blob.filters[f], winograd_layouts_[f], in_place);
        bytes += packed_[f].bytes + winograd_[f].bytes;
    }
    for (int w = 0; w < width_count; w++) {
        collapsed_[w] = shape_collapsed(*widths_[w]);
        bytes += collapsed_[w].bytes;
    }
    return bytes;
}

slimscale_status Filters::open(const slimscale_model &model, const slimscale_compiled_target &target,
                               const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                               const slimscale_allocator &allocator, const slimscale_thread_pool &pool, Device &device,
                               Error &error) {
    widths_ = widths;
    filter_count_ = blob.header->filter_count;
    if (allocate_table(model, width_count, allocator, error) != SLIMSCALE_OK)
        return error.status;
    // The table's room for packed filters is not used yet, and holds a pointer per filter meanwhile.
    static_assert(sizeof(PackedFilter) >= sizeof(const slimscale_step *), "a pointer per filter fits");
    auto **users = reinterpret_cast<const slimscale_step **>(table_.data());
    std::fill(users, users + filter_count_, nullptr);
    if (check_uses(model, blob, users, error) != SLIMSCALE_OK)
        return error.status;
    choose_layouts(target, width_count);
    if (contract::type_of(target) == contract::DataType::q16 &&
        quantized_.open(model, layouts_, widths, width_count, blob, allocator, pool, error) != SLIMSCALE_OK)
        return error.status;
    if (contract::type_of(target) == contract::DataType::int8 &&
        in_bytes_.open(model, layouts_, widths, width_count, blob, allocator, pool, error) != SLIMSCALE_OK)
        return error.status;

    const bool in_place = device.shares_host_memory();
    const size_t bytes = shape(blob, width_count, in_place);
    if (!memory_.allocate(allocator, bytes))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no %zu bytes for the packed filters of %s", bytes,
                         model.name);
    std::memset(memory_.data(), 0, memory_.size());
    unsigned char *next = memory_.data();
    for (size_t f = 0; f < filter_count_; f++)
        next = pack(blob, static_cast<uint32_t>(f), packed_[f], !in_place, pool, next);
    for (size_t f = 0; f < filter_count_; f++)
        next = pack(blob, static_cast<uint32_t>(f), winograd_[f], !in_place, pool, next);
    for (int w = 0; w < width_count; w++)
        next = pack_collapsed(blob, *widths[w], collapsed_[w], pool, next);
    return in_place ? SLIMSCALE_OK : move_to(device, error);
}

// Moves the packed filters to the device: pointers become addresses of the device, and the host's copy is released.
slimscale_status Filters::move_to(Device &device, Error &error) {
    if (device_memory_.allocate(device, memory_.size(), error) != SLIMSCALE_OK ||
        device.copy_rows(Device::Way::to_device, {device_memory_.data(), 0}, {memory_.data(), 0}, memory_.size(), 1,
                         error) != SLIMSCALE_OK ||
        device.finish(error) != SLIMSCALE_OK)
        return error.status;
    const auto moved = [&](const float *on_host) {
        const auto offset = reinterpret_cast<const unsigned char *>(on_host) - memory_.data();
        return reinterpret_cast<const float *>(device_memory_.data() + offset);
    };
    for (size_t f = 0; f < packed_count_; f++) {
        if (packed_[f].bytes == 0)
            continue;
        packed_[f].weights = moved(packed_[f].weights);
        packed_[f].bias = moved(packed_[f].bias);
        if (packed_[f].slope)
            packed_[f].slope = moved(packed_[f].slope);
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

}  // namespace slimscale::runtime
