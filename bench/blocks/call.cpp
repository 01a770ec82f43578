#include "bench/blocks/call.h"

#include <algorithm>
#include <iterator>

#include "contract/operation.h"
#include "generators/blocks/blocks.h"

namespace slimscale::bench {

namespace {

using contract::Arg;
using contract::Argument;
using contract::Dimension;
using contract::Pipeline;
using Buffer = Halide::Runtime::Buffer<float>;

constexpr float kBias = 0.1f;
constexpr float kInputScale = 100;  // input_scale in q16

// Noise of mean 0 in [-scale / 2, scale / 2).
Buffer noise(const std::vector<int> &extents, float scale) {
    Buffer buffer(extents);
    uint32_t state = 1;
    buffer.for_each_value([&](float &value) {
        state = state * 1664525u + 1013904223u;
        value = scale * (static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - 0.5f);
    });
    return buffer;
}

Buffer constant(const std::vector<int> &extents, float value) {
    Buffer buffer(extents);
    buffer.fill(value);
    return buffer;
}

// The same numbers as f16 or bf16, which Halide's runtime knows by their bits alone.
Halide::Runtime::Buffer<uint16_t> halved(const Buffer &numbers, contract::DataType stored) {
    const bool bf16 = stored == contract::DataType::bf16;
    auto bits = Halide::Runtime::Buffer<uint16_t>::make_with_shape_of(numbers);
    bits.for_each_value(
        [&](uint16_t &to, float from) {
            to = bf16 ? Halide::bfloat16_t(from).to_bits() : Halide::float16_t(from).to_bits();
        },
        numbers);
    bits.raw_buffer()->type = halide_type_t(bf16 ? halide_type_bfloat : halide_type_float, 16);
    return bits;
}

int round_up(int channels) {
    return contract::filter_blocks(channels) * contract::kFilterBlock;
}

// The first operation that the pipelines of a block compute.
const contract::OperationFacts *operation_of(contract::Block block) {
    const auto found = std::find_if(std::begin(contract::kOperations), std::end(contract::kOperations),
                                    [&](const auto &facts) { return facts.block == block; });
    return found == std::end(contract::kOperations) ? nullptr : found;
}

bool reads_tensor(contract::Block block) {
    const contract::ArgumentList list = contract::arguments_of(block);
    return std::any_of(list.begin(), list.end(), [](const Argument &argument) { return argument.arg == Arg::input; });
}

}  // namespace

// Fills a call from the declarations of its arguments.
struct Call::Maker {
    Call &call;
    const Shape &shape;
    const Pipeline &p = call.key_.pipeline;
    int phases = shape.shuffle * shape.shuffle;

    // The extent of a dimension that the contract leaves open. Filters have an input channel more than is read, so that
    // their blocks do not lie a power of two apart.
    int open_extent(const Argument &argument, std::string_view name) const {
        const int taps = has_field(p.block, "taps") ? p.taps : 3, inputs = p.in * p.segments,
                  outputs = p.out > 0 ? p.out : p.in;
        const bool is_tensor = argument.arg == Arg::input || argument.arg == Arg::addend;
        if (name == "x")
            return shape.width + (is_tensor ? 1 + contract::kReadableColumns : 0);
        if (name == "y")
            return shape.height;
        if (name == "row")
            return shape.height + 1;
        if (name == "c")
            return (argument.arg == Arg::addend ? outputs : p.in) * shape.groups;
        if (name == "ci")
            return p.block == contract::Block::tail ? round_up(p.in) : inputs + (p.block != contract::Block::head);
        if (name == "ci/2")
            return inputs / contract::kPair + 1;
        if (name == "kx" || name == "ky")
            return taps;
        if (name == "k" || name == "l")
            return contract::kAlpha;
        if (name == "block")
            return contract::filter_blocks(p.out) * shape.groups;
        if (name == "o")
            return p.block == contract::Block::tail ? p.out : round_up(p.out) * shape.groups;
        if (name == "phase")
            return phases;
        return name == "group" ? shape.groups : shape.shuffle;  // u, v
    }

    std::vector<int> extents_of(const Argument &argument) const {
        std::vector<int> extents;
        for (int i = 0; i < argument.rank; i++) {
            const Dimension &d = argument.dims[i];
            const int extent = contract::value_of(d.extent, p);
            extents.push_back(extent != contract::kAny ? extent : open_extent(argument, d.name));
        }
        return extents;
    }

    // A tensor as the executor keeps it: columns begin at -1, and the last row is zero.
    Buffer tensor(const std::vector<int> &extents) const {
        Buffer buffer = noise(extents, 2.f);
        buffer.set_min(0, -1, 0);
        buffer.sliced(2, shape.height).fill(0);
        return buffer;
    }

    // The phases of a shuffle are interleaved in memory.
    Buffer output(const std::vector<int> &e) const {
        if (e.size() < 6)
            return Buffer(e);
        return Buffer(std::vector<int>{e[0], e[3], e[4], e[1], e[5], e[2]}).transposed({0, 3, 4, 1, 5, 2});
    }

    Buffer contents(const Argument &argument) const {
        const std::vector<int> extents = extents_of(argument);
        switch (argument.arg) {
        case Arg::input:
        case Arg::addend:
            return tensor(extents);
        case Arg::filter:
            return noise(extents, 1.f / static_cast<float>(p.in));
        case Arg::bias:
            return constant(extents, kBias);
        case Arg::input_scales:
            return constant(extents, kInputScale);
        case Arg::output_scale:
            return constant(extents, 1 / kInputScale);
        case Arg::output:
            return output(extents);
        default:
            return constant(extents, 0.5f);
        }
    }

    int32_t integer(Arg arg) const {
        switch (arg) {
        case Arg::ring:
        case Arg::add_ring:
        case Arg::height:
            return shape.height;
        case Arg::width:
            return shape.width;
        case Arg::segment_stride:
            return p.in;
        default:
            return 0;
        }
    }

    void add(const Argument &argument, int segment) const {
        if (argument.kind == contract::Kind::integer) {
            fill(call.call_, argument.arg, segment, integer(argument.arg));
        } else if (argument.kind == contract::Kind::number) {
            fill(call.call_, argument.arg, segment, argument.arg == Arg::input_scale ? kInputScale : 0.f);
        } else if (argument.element == contract::Element::weights && shape.type == contract::DataType::q16) {
            call.quantized_.emplace_back(extents_of(argument)).fill(1);
            fill(call.call_, argument.arg, segment, call.quantized_.back().raw_buffer());
        } else if (argument.element == contract::Element::stored && activation_bytes(shape.type) == 2) {
            call.halves_.push_back(halved(contents(argument), contract::stored_type(shape.type)));
            fill(call.call_, argument.arg, segment, call.halves_.back().raw_buffer());
        } else {
            call.buffers_.push_back(contents(argument));
            fill(call.call_, argument.arg, segment, call.buffers_.back().raw_buffer());
        }
    }

    // Operations of the filters, or of the sums and products per channel where there is no filter.
    double flops() const {
        const contract::OperationFacts &facts = *operation_of(p.block);
        const double pixels = double{1} * shape.width * shape.height,
                     taps = has_field(p.block, "taps") ? p.taps : facts.kernel;
        if (facts.kernel == 0)
            return pixels * p.in * (facts.runs == contract::Runs::frame ? 1 : 2);
        return 2 * pixels * taps * taps * p.in * p.out * p.segments * shape.groups * phases;
    }
};

Result<Call> Call::make(const Pipeline &pipeline, const Shape &shape) {
    SLIMSCALE_RETURN_IF_ERROR(blocks::block(pipeline));
    if (!operation_of(pipeline.block) || !reads_tensor(pipeline.block))
        return Error{"There is no benchmark for " + name_of(pipeline).str() + ": it takes too little time to matter."};
    Call call;
    call.key_ = {pipeline, {contract::Device::cpu, contract::Isa::baseline, shape.type}};
    const Maker maker{call, shape};
    for_each_argument(call.key_, [&](const Argument &argument, int segment) { maker.add(argument, segment); });
    call.flops_ = maker.flops();
    return call;
}

Buffer Call::output() const {
    const contract::ArgumentList list = contract::arguments_of(key_.pipeline.block);
    const contract::DataType stored = contract::stored_type(key_.target.type);
    if (stored == contract::DataType::f32 || std::prev(list.end())->element != contract::Element::stored)
        return buffers_.back();
    auto bits = halves_.back();
    Buffer numbers = Buffer::make_with_shape_of(bits);
    numbers.for_each_value(
        [&](float &to, uint16_t from) {
            to = stored == contract::DataType::bf16 ? static_cast<float>(Halide::bfloat16_t::make_from_bits(from))
                                                    : static_cast<float>(Halide::float16_t::make_from_bits(from));
        },
        bits);
    return numbers;
}

base::Result<Call> Call::make(std::string_view name, const Shape &shape) {
    Pipeline pipeline;
    if (!parse_pipeline(name, pipeline))
        return base::Error{blocks::no_such_pipeline(name)};
    return make(pipeline, shape);
}

}  // namespace slimscale::bench
