#include "generators/blocks/blocks.h"

#include <stdexcept>

#include "contract/arguments.h"
#include "contract/blob_format.h"
#include "generators/blocks/common.h"
#include "schedules/conv1x1.h"
#include "schedules/conv1x1_tiles.h"
#include "schedules/conv3x3.h"
#include "schedules/conv3x3_bytes.h"
#include "schedules/conv3x3_tiles.h"
#include "schedules/target_facts.h"

namespace slimscale::blocks {

namespace {

// The name that Halide gives to a sample's type.
std::string halide_type(contract::Sample sample) {
    constexpr const char *kNames[] = {"", "uint8", "uint16", "uint32"};
    return kNames[static_cast<size_t>(sample)];
}

Status check_channels(int count) {
    if (count <= 0 || count % 8 != 0)
        return Error{"channels must be a multiple of 8, not " + std::to_string(count)};
    return Status();
}

Status check_colors(int count) {
    if (count != 1 && count != 3)
        return Error{"colors must be 1 or 3, not " + std::to_string(count)};
    return Status();
}

// The error says why the numbers make no pipeline.
Status check_numbers(const Pipeline &p) {
    switch (p.block) {
    case contract::Block::head:
        SLIMSCALE_RETURN_IF_ERROR(check_colors(p.in));
        return check_channels(p.out);
    case contract::Block::tail:
        if (p.skip < 0 || p.skip > kMaxScale)
            return Error{"the input image is added at scales 1 to " + std::to_string(kMaxScale) + ", not " + std::to_string(p.skip)};
        SLIMSCALE_RETURN_IF_ERROR(check_channels(p.in));
        return check_colors(p.out);
    case contract::Block::squeeze_excite:
        if (p.out <= 0)
            return Error{"at least one squeezed channel is needed"};
        return check_channels(p.in);
    case contract::Block::load:
    case contract::Block::store:
        return check_colors(p.in + p.out);
    case contract::Block::clear:
        return Status();
    default:
        break;
    }
    if (p.segments < 1 || p.segments > contract::kMostSegments)
        return Error{"1 to " + std::to_string(contract::kMostSegments) + " segments are concatenated, not " + std::to_string(p.segments)};
    if (has_field(p.block, "in"))
        SLIMSCALE_RETURN_IF_ERROR(check_channels(p.in));
    return has_field(p.block, "out") ? check_channels(p.out) : Status();
}

bool on_devices_alone(contract::Block block) {
    return block == contract::Block::winograd_input || block == contract::Block::winograd_product ||
           block == contract::Block::winograd_output;
}

Status check_target(const Pipeline &p, Schedule schedule, DataType type) {
    if (on_devices_alone(p.block) && schedule != Schedule::gpu)
        return Error{"only GPUs compute it"};
    if (type == DataType::f16 && schedule != Schedule::gpu)
        return Error{"only GPUs store activations as f16"};
    if (stored_type(type) == DataType::bf16 && schedule != Schedule::fast)
        return Error{"only the fast schedules of CPUs store activations as bf16"};
    if (type == DataType::q16 && (schedule == Schedule::gpu || !contract::stores_activations(p.block)))
        return Error{"only pipelines of CPUs that read or write activations have fixed point (q16)"};
    return Status();
}

// Halide takes parameters as text. Numbers become text nowhere else.
std::map<std::string, std::string> params_of(const Pipeline &p, contract::Block block, Schedule schedule, DataType type) {
    std::map<std::string, std::string> params{{"schedule", std::string(name_of(schedule))}};
    const auto set = [&](const char *name, bool wanted, const std::string &value) {
        if (wanted)
            params[name] = value;
    };
    set("cin", p.in > 0, std::to_string(p.in));
    set("cout", p.out > 0, std::to_string(p.out));
    set("segments", has_field(p.block, "segments"), std::to_string(p.segments));
    set("taps", p.taps != 3, std::to_string(p.taps));
    set("add", p.add, "true");
    set("prelu", p.activation == contract::Activation::prelu, "true");
    set("skip", p.skip > 0, std::to_string(p.skip));
    set("q16", type == DataType::q16 && contract::has_q16(block), "true");
    const DataType stored = contract::stored_type(type);
    set("storage", stored != DataType::f32 && contract::stores_activations(block), std::string(name_of(stored)));
    const std::string word = halide_type(p.sample);
    set("component.type", p.block == contract::Block::load, word);
    set("words.type", p.block == contract::Block::store, word + "," + word + "," + word + "," + word);
    return params;
}

constexpr size_t kAllocationLoss = 5 * 256;  // alignment and Halide's padding of a few small allocations

// The naive schedule keeps all stages of one tile: both input stages (36 values per channel), sum, product and both output
// stages.
size_t naive_conv3x3_scratch(const Pipeline &p) {
    constexpr int kElements = contract::kElements, kHalf = contract::kAlpha * contract::kTile,
                  kPixels = contract::kTile * contract::kTile;
    const int floats = 2 * kElements * p.in + (2 * kElements + kHalf + kPixels) * p.out;
    return static_cast<size_t>(floats) * sizeof(float) + kAllocationLoss;
}

}  // namespace

std::string no_such_pipeline(std::string_view name) {
    return "No pipeline is called \"" + std::string(name) + "\": see the table in generators/README.md.";
}

Result<Block> block(std::string_view name, Schedule schedule, DataType type, const std::string &blocking) {
    Pipeline pipeline;
    if (!parse_pipeline(name, pipeline))
        return Error{no_such_pipeline(name)};
    return block(pipeline, schedule, type, blocking);
}

Result<Block> block(const Pipeline &pipeline, Schedule schedule, DataType type, const std::string &blocking) {
    Status status = check_numbers(pipeline);
    if (status)
        status = check_target(pipeline, schedule, type);
    if (!status)
        return Error{"Pipeline " + name_of(pipeline).str() + ": " + status.error() + "."};
    const contract::Block computed = contract::block_on(pipeline.block, schedule == Schedule::gpu, type);
    Block result{std::string(contract::names_of(computed).generator), params_of(pipeline, computed, schedule, type)};
    if (!blocking.empty())
        result.params["blocking"] = blocking;
    return result;
}

std::string blocking(const Pipeline &pipeline, Schedule schedule, const Halide::Target &target,
                     const schedules::Table &table) {
    schedules::Work work;
    if (schedule != Schedule::fast || schedules::has_amx(target) || !schedules::work_of(pipeline, work))
        return "";
    return schedules::text_of(schedules::choose(table, work, target).blocking, work.block);
}

size_t scratch_bytes(const Pipeline &p, Schedule schedule, DataType type, const Halide::Target &target,
                     const std::string &blocking) {
    if (!block(p))
        return 0;
    const bool q16 = type == DataType::q16;
    const schedules::Channels channels{p.in, p.out};
    if (schedule == Schedule::gpu)
        return kAllocationLoss;
    const contract::Block computed = contract::block_on(p.block, false, type);
    if (computed == contract::Block::conv3x3_tiles)
        return schedules::conv3x3_tiles_scratch_bytes(channels);
    if (computed == contract::Block::conv1x1_tiles)
        return schedules::conv1x1_tiles_scratch_bytes(channels, p.segments);
    if (computed == contract::Block::conv3x3_bytes)
        return schedules::conv3x3_bytes_scratch_bytes(channels);
    if (p.block == contract::Block::conv3x3)
        return schedule == Schedule::naive
                   ? naive_conv3x3_scratch(p)
                   : schedules::conv3x3_scratch_bytes(channels, q16, blocking_of(blocking, p, target));
    if (p.block == contract::Block::conv1x1 && schedule == Schedule::fast)
        return schedules::conv1x1_scratch_bytes(p.in, p.segments, q16, blocking_of(blocking, p, target), target);
    if (p.block == contract::Block::squeeze_excite)  // sums, means and both products
        return static_cast<size_t>(3 * p.in + 2 * p.out) * sizeof(float) + kAllocationLoss;
    return kAllocationLoss;
}

void StrictReporter::warning(const char *message) {
    throw std::runtime_error(message);
}

void StrictReporter::error(const char *message) {
    throw std::runtime_error(message);
}

}  // namespace slimscale::blocks
