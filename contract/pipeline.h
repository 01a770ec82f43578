// What a compiled pipeline computes, as a value, with one printer and one parser of its name ("conv1x1_add_64_48_n3"),
// and of the name of the function that computes it on a target ("slimscale_conv1x1_add_64_48_n3_f32_avx2").
#pragma once

#include "contract/argument.h"
#include "contract/target.h"

namespace slimscale::contract {

enum class Block : uint8_t {
#define SLIMSCALE_BLOCK(name, schedules, prefix, fields, computes, ...) name,
#include "contract/blocks.inc"
};

// ReLU and no activation are values of the argument output_min, not different pipelines.
enum class Activation : uint8_t { none, prelu };

// The words of an image in pipelines for images on devices. Halves are u16 and floats u32.
enum class Sample : uint8_t { none, u8, u16, u32 };

struct Pipeline {
    Block block = Block::conv3x3;
    // The channels of one group, shuffle phase and concatenated segment. squeeze_excite: `out` is the squeezed count.
    int in = 0, out = 0;
    int segments = 1;  // conv1x1: concatenated inputs
    int taps = 3;      // tail: 3, or 4 for a phase of a collapsed tail
    bool add = false;  // a tensor is added before the activation
    Activation activation = Activation::none;
    int skip = 0;  // tail: each pixel of the input image is added to skip x skip pixels of the step's grid; 0: none is
    Sample sample = Sample::none;

    constexpr bool operator==(const Pipeline &o) const {
        return block == o.block && in == o.in && out == o.out && segments == o.segments && taps == o.taps &&
               add == o.add && activation == o.activation && skip == o.skip && sample == o.sample;
    }
    constexpr bool operator!=(const Pipeline &o) const { return !(*this == o); }
};

// A pipeline with these channels and none of the options.
constexpr Pipeline pipeline(Block block, int in, int out = 0) {
    Pipeline p;
    p.block = block;
    p.in = in;
    p.out = out;
    return p;
}

// The three pipelines that compute a wide 3x3 convolution on devices.
struct WinogradPipelines {
    Pipeline input, product, output;
};

constexpr WinogradPipelines winograd_of(const Pipeline &convolution) {
    WinogradPipelines three{pipeline(Block::winograd_input, convolution.in),
                            pipeline(Block::winograd_product, convolution.in, convolution.out),
                            pipeline(Block::winograd_output, 0, convolution.out)};
    three.output.add = convolution.add;
    three.output.activation = convolution.activation;
    return three;
}

// ---- Names ---------------------------------------------------------------------------------------------------------

struct BlockNames {
    Block block;
    std::string_view generator;  // its name in Halide's registry
    std::string_view prefix, fields;
    std::string_view computes;
};

constexpr BlockNames kBlockNames[] = {
#define SLIMSCALE_BLOCK(name, schedules, prefix, fields, computes, ...) {Block::name, #name, prefix, fields, computes},
#include "contract/blocks.inc"
};

constexpr const BlockNames &names_of(Block block) {
    return kBlockNames[static_cast<size_t>(block)];
}

constexpr std::string_view kSampleNames[] = {"", "u8", "u16", "u32"};

// Removes the next word from the front of `fields` and returns it; "" at the end of the list.
constexpr std::string_view next_field(std::string_view &fields) {
    const size_t space = fields.find(' ');
    const bool last = space == std::string_view::npos;
    const std::string_view field(fields.data(), last ? fields.size() : space);
    fields.remove_prefix(last ? fields.size() : space + 1);
    return field;
}

constexpr bool has_field(Block block, std::string_view wanted) {
    std::string_view fields = names_of(block).fields;
    while (!fields.empty())
        if (next_field(fields) == wanted)
            return true;
    return false;
}

using PipelineName = Text<64>;

inline PipelineName name_of(const Pipeline &p) {
    PipelineName name;
    const auto number = [&](std::string_view before, int value) {
        name.append(before);
        name.append_number(value);
    };
    const auto number_behind = [&](std::string_view text, int value) {  // 0 and 1 go without saying
        name.append(text);
        if (value > 1)
            name.append_number(value);
    };
    name.append(names_of(p.block).prefix);
    for (std::string_view fields = names_of(p.block).fields; !fields.empty();) {
        const std::string_view field = next_field(fields);
        if (field == "prelu")
            name.append(p.activation == Activation::prelu ? "_prelu" : "");
        else if (field == "add")
            name.append(p.add ? "_add" : "");
        else if (field == "skip")
            number_behind(p.skip > 0 ? "_skip" : "", p.skip);
        else if (field == "taps")
            name.append(p.taps == 4 ? "4" : "");
        else if (field == "in")
            number("_", p.in);
        else if (field == "out")
            number("_", p.out);
        else if (field == "segments")
            number("_n", p.segments);
        else if (field == "sample") {
            name.append("_");
            name.append(kSampleNames[static_cast<size_t>(p.sample)]);
        }
    }
    return name;
}

namespace detail {

inline bool take_count(std::string_view &text, std::string_view before, int &count) {
    return take(text, before) && (count = take_number(text)) >= 0;
}

inline bool take_sample(std::string_view &text, Sample &sample) {
    if (!take(text, "_"))
        return false;
    for (const Sample candidate : {Sample::u8, Sample::u16, Sample::u32})
        if (take(text, kSampleNames[static_cast<size_t>(candidate)])) {
            sample = candidate;
            return true;
        }
    return false;
}

inline bool take_field(std::string_view &text, std::string_view field, Pipeline &p) {
    if (field == "in")
        return take_count(text, "_", p.in);
    if (field == "out")
        return take_count(text, "_", p.out);
    if (field == "segments")
        return take_count(text, "_n", p.segments);
    if (field == "sample")
        return take_sample(text, p.sample);
    if (field == "prelu")
        p.activation = take(text, "_prelu") ? Activation::prelu : Activation::none;
    if (field == "add")
        p.add = take(text, "_add");
    if (field == "skip" && take(text, "_skip")) {
        p.skip = 1;
        if (!text.empty() && text[0] != '_')
            return (p.skip = take_number(text)) > 1;
    }
    if (field == "taps")
        p.taps = take(text, "4") ? 4 : 3;
    return true;
}

inline bool parse_as(const BlockNames &names, std::string_view text, Pipeline &p) {
    p = pipeline(names.block, 0);
    if (names.prefix.empty() || !take(text, names.prefix))
        return false;
    for (std::string_view fields = names.fields; !fields.empty();)
        if (!take_field(text, next_field(fields), p))
            return false;
    return text.empty();
}

}  // namespace detail

// The inverse of name_of: the name of the result is `text`. Returns false and leaves `pipeline` untouched if `text` is
// no name. Whether a pipeline with these numbers exists is decided by blocks::block.
inline bool parse_pipeline(std::string_view text, Pipeline &pipeline) {
    for (const BlockNames &names : kBlockNames)
        if (Pipeline parsed; detail::parse_as(names, text, parsed)) {
            pipeline = parsed;
            return true;
        }
    return false;
}

// ---- Pipelines on targets ------------------------------------------------------------------------------------------

// A pipeline on a target, as it is compiled.
struct PipelineKey {
    Pipeline pipeline;
    Target target;

    constexpr bool operator==(const PipelineKey &o) const { return pipeline == o.pipeline && target == o.target; }
};

using FunctionName = Text<112>;

// "slimscale_conv3x3_16_16_f32_avx2", "slimscale_conv3x3_16_16_q16_avx2_q16".
inline FunctionName name_of(const PipelineKey &key) {
    FunctionName name;
    name.append("slimscale_");
    name.append(name_of(key.pipeline).view());
    name.append("_");
    name.append(name_of(key.target.type));
    name.append("_");
    name.append(name_of(key.target).view());
    return name;
}

// The inverse of name_of. Returns false and leaves `key` untouched if `text` is no name of a function.
inline bool parse_key(std::string_view text, PipelineKey &key) {
    if (!take(text, "slimscale_"))
        return false;
    for (const std::string_view type : kTypeNames)
        for (size_t at = text.find(type); at != std::string_view::npos; at = text.find(type, at + 1)) {
            PipelineKey parsed;
            const bool apart = at > 0 && text[at - 1] == '_' && text.substr(at + type.size(), 1) == "_";
            if (!apart || !parse_pipeline(text.substr(0, at - 1), parsed.pipeline) ||
                !parse_target(text.substr(at + type.size() + 1), parsed.target) || name_of(parsed.target.type) != type)
                continue;
            key = parsed;
            return true;
        }
    return false;
}

}  // namespace slimscale::contract
