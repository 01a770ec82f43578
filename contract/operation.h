// Descriptors of operations, the kinds of steps: everything in which they differ besides arithmetic.
#pragma once

#include "contract/arguments.h"

namespace slimscale::contract {

enum class Operation : uint8_t {
#define SLIMSCALE_OPERATION(name, block, kernel, halo, packing, runs) name,
#include "contract/operations.inc"
};

// How a filter is packed when a model is opened, from the blocks of the weights (o16, kx, ky, ci, block). Index orders
// are innermost first.
enum class Packing : uint8_t {
    none,        // the operation has no filter
    plain,       // as in the weights
    spaced,      // o16, ci, block: as in the weights, with blocks kept off multiples of a page
    winograd,    // o16, ci, block, k, l for each phase, transformed; on devices o32, kx, ky, ci, block, or o32, ci,
                 // block, element
    transposed,  // ci (to a multiple of kFilterBlock), kx, ky, o
    collapsed,   // ci, kx, ky, o for each phase and edge, of two filters and for each opened width
};

// How the pipeline of an operation is called; contract/operations.inc explains the values.
enum class Runs : uint8_t { together, apart, frame, collapsed };

// A row of contract/operations.inc.
struct OperationFacts {
    Operation operation;
    std::string_view name;
    Block block;
    int kernel;
    int halo;
    Packing packing;
    Runs runs;

    constexpr bool writes_image() const { return block == Block::tail; }
    constexpr bool has_q16() const { return contract::has_q16(block); }
};

constexpr OperationFacts kOperations[] = {
#define SLIMSCALE_OPERATION(name, block, kernel, halo, packing, runs) \
    {Operation::name, #name, Block::block, kernel, halo, Packing::packing, Runs::runs},
#include "contract/operations.inc"
};
constexpr int kOperationCount = static_cast<int>(sizeof kOperations / sizeof kOperations[0]);

constexpr const OperationFacts &facts_of(Operation operation) {
    return kOperations[static_cast<size_t>(operation)];
}

constexpr int kCollapsedTaps = 4;  // the taps of a collapsed tail's filters along an axis

// Multiply-accumulates per pixel of the grid that a step computes on, over all groups and phases, as the network has
// them: a collapsed tail counts as the two convolutions that it replaces. `segments` is the number of concatenated
// inputs. Work that is done once per frame or once per channel is not counted.
constexpr int64_t macs_per_pixel(Operation operation, int64_t in, int64_t out, int64_t segments, int64_t groups,
                                 int64_t phases) {
    const OperationFacts &facts = facts_of(operation);
    const int64_t taps = int64_t{facts.kernel} * facts.kernel;
    if (facts.runs == Runs::frame)
        return 0;
    if (facts.packing == Packing::collapsed)
        return taps * in * (in + out) * phases;
    return taps * in * out * segments * groups * phases;
}

}  // namespace slimscale::contract
