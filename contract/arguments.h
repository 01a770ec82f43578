// The arguments of a pipeline on a target, in order: the one source of what generators declare, executors pack, tests
// check and the documentation lists.
#pragma once

#include "contract/pipeline.h"

namespace slimscale::contract {

namespace declared {
#define SLIMSCALE_BLOCK(name, schedules, prefix, fields, computes, ...) constexpr Argument k_##name[] = {__VA_ARGS__};
#include "contract/blocks.inc"
}  // namespace declared

struct ArgumentList {
    const Argument *first;
    size_t count;
    constexpr const Argument *begin() const { return first; }
    constexpr const Argument *end() const { return first + count; }
};

constexpr ArgumentList kArguments[] = {
#define SLIMSCALE_BLOCK(name, schedules, prefix, fields, computes, ...) \
    {declared::k_##name, sizeof declared::k_##name / sizeof(Argument)},
#include "contract/blocks.inc"
};

// All arguments of a block, including those that only some of its pipelines have.
constexpr ArgumentList arguments_of(Block block) {
    return kArguments[static_cast<size_t>(block)];
}

// The block whose pipelines compute `block` on a target: mostly `block` itself.
constexpr Block block_on(Block block, bool device, DataType type) {
    if (block == Block::conv3x3 && device)
        return Block::conv3x3_direct;
    if (block == Block::conv3x3 && type == DataType::int8)
        return Block::conv3x3_bytes;
    if (!in_tiles(type))
        return block;
    return block == Block::conv3x3 ? Block::conv3x3_tiles : block == Block::conv1x1 ? Block::conv1x1_tiles : block;
}

// Whether pipelines of the block compute in AMX tiles.
constexpr bool in_tiles(Block block) {
    return block == Block::conv3x3_tiles || block == Block::conv3x3_bytes || block == Block::conv1x1_tiles;
}

// Whether `pipeline`, compiled for this data type, has this argument of its block.
constexpr bool applies(const Argument &argument, const Pipeline &pipeline, DataType type) {
    switch (argument.when) {
    case When::add:
        return pipeline.add;
    case When::prelu:
        return pipeline.activation == Activation::prelu;
    case When::clamp:
        return pipeline.activation != Activation::prelu;
    case When::skip:
        return pipeline.skip > 0;
    case When::q16:
        return type == DataType::q16;
    case When::f32:
        return type != DataType::q16;
    case When::always:
        break;
    }
    return true;
}

// Whether pipelines of the block have a fixed-point variant.
constexpr bool has_q16(Block block) {
    for (const Argument &argument : arguments_of(block))
        if (argument.when == When::q16)
            return true;
    return false;
}

// Whether pipelines of the block read or write activations, which may be stored as f16 or bf16.
constexpr bool stores_activations(Block block) {
    for (const Argument &argument : arguments_of(block))
        if (argument.kind == Kind::buffer && argument.element == Element::stored)
            return true;
    return false;
}

constexpr int kMostSegments = 4;
constexpr int kMostArguments = 64;  // of a call, with the context: store takes 58

// Calls visit(argument, segment) for the arguments of a pipeline, in the order of the call. `segment` counts the
// concatenated inputs and is 0 for arguments that occur once. All arguments of one segment precede the next segment's.
template <typename Visit>
constexpr void for_each_argument(const PipelineKey &key, Visit visit) {
    const Pipeline &pipeline = key.pipeline;
    const ArgumentList list = arguments_of(block_on(pipeline.block, key.target.on_device(), key.target.type));
    for (size_t i = 0; i < list.count;) {
        size_t end = i;
        while (end < list.count && list.first[end].per_segment)
            end++;
        if (end == i) {
            if (applies(list.first[i], pipeline, key.target.type))
                visit(list.first[i], 0);
            i++;
            continue;
        }
        for (int s = 0; s < pipeline.segments; s++)
            for (size_t k = i; k < end; k++)
                visit(list.first[k], s);
        i = end;
    }
}

// The number of arguments that a call passes, without the user context.
constexpr int argument_count(const PipelineKey &key) {
    int count = 0;
    for_each_argument(key, [&](const Argument &, int) { count++; });
    return count;
}

// An argument's name in the compiled function: "input2" of the third segment.
inline Text<24> name_of(const Argument &argument, int segment) {
    Text<24> name;
    name.append(argument.name);
    if (argument.per_segment)
        name.append_number(segment);
    return name;
}

// A declared extent or stride as a number of elements; kAny stays kAny.
constexpr int value_of(int declared, const Pipeline &pipeline) {
    return declared == kIn ? pipeline.in : declared == kOut ? pipeline.out : declared;
}

}  // namespace slimscale::contract
