// Four accumulators of 16 pixels x 16 output channels, fed by two tiles of pixels and two of filters, so that each tile loaded
// is used twice. The schedule as it is here has not been timed: no machine of the project has AMX (docs/decisions/0062). A
// prototype with the same tiles and steps, whose input was read in place, gave on a Sapphire Rapids processor at 128x128, one
// thread, with one accumulator and with four (16 channels: two): 883 and 970 GF/s at 16 channels, 1,250 and 1,550 at 32, 780
// and 1,450 at 64, 777 and 1,490 at 128; the peak from the first cache is 2,950.
//
// Halide 21 recognises few forms (src/ExtractTileOperations.cpp):
// - pixels first, filters second, both widened by a cast, from 0; the filter's index in exactly this order of additions;
// - constant strides, so pixels are copied to where they have some. That also leaves out rows of the ring, and gives zeros
//   where a count of channels does not fill a step;
// - 16 x 16 sums, stored by a wrapper whose rows are further apart than they are long.
// Filters that are not in pairs compile as well and give wrong sums, so only numbers tell.
#include "schedules/conv3x3_tiles.h"

#include <set>
#include <stdexcept>
#include <string>

#include "contract/layout.h"

namespace slimscale::schedules {

using namespace Halide;

namespace {

constexpr int kTileSide = 16;      // pixels and output channels in a tile
constexpr int kPixelTiles = 2;     // accumulators along x
constexpr int kStripColumns = 64;  // of pixels that are copied at a time
constexpr int kRowsHeld = 4;       // of copied pixels: the three that are read, to a power of two
constexpr const char *kPixelLoop = "pixel_tile", *kChannelLoop = "block";

int blocks_together(Channels channels) {
    return contract::filter_blocks(channels.out) % 2 == 0 ? 2 : 1;
}

// Turns the loop `loop` around an accumulator into n copies of all that is done with it, which the compiler keeps in as many
// tiles: unroll and jam, after Halide has formed tile instructions, since it forms none in unrolled loops.
class Copies : public Internal::IRMutator {
public:
    Copies(const std::string &loop, int n) : loop_(loop), n_(n) {}

private:
    using IRMutator::visit;

    // Gives the accumulators in `names` the names of a copy.
    class Renamed : public Internal::IRMutator {
    public:
        Renamed(const std::set<std::string> &names, const std::string &suffix) : names_(names), suffix_(suffix) {}

    private:
        using IRMutator::visit;

        std::string name(const std::string &old) const { return names_.count(old) ? old + suffix_ : old; }
        Expr visit(const Internal::Load *op) override {
            return Internal::Load::make(op->type, name(op->name), mutate(op->index), op->image, op->param,
                                        mutate(op->predicate), op->alignment);
        }
        Internal::Stmt visit(const Internal::Store *op) override {
            return Internal::Store::make(name(op->name), mutate(op->value), mutate(op->index), op->param,
                                         mutate(op->predicate), op->alignment);
        }

        const std::set<std::string> &names_;
        const std::string suffix_;
    };

    template <typename Make>
    Internal::Stmt one_after_the_other(Make make) const {
        Internal::Stmt all = make(n_ - 1);
        for (int i = n_ - 2; i >= 0; i--)
            all = Internal::Block::make(make(i), all);
        return all;
    }

    static std::string suffix(int i) { return "." + std::to_string(i); }

    Internal::Stmt copied(const Internal::Stmt &leaf) {
        return one_after_the_other([&](int i) {
            const Expr index = Internal::Variable::make(Int(32), loop_) * n_ + i;
            return Renamed(accumulators_, suffix(i)).mutate(Internal::substitute(loop_, index, leaf));
        });
    }

    Internal::Stmt visit(const Internal::Store *op) override { return copied(op); }
    Internal::Stmt visit(const Internal::Evaluate *op) override { return copied(op); }
    Internal::Stmt visit(const Internal::ProducerConsumer *op) override { return mutate(op->body); }
    Internal::Stmt visit(const Internal::Free *op) override {
        return one_after_the_other([&](int i) { return Internal::Free::make(op->name + suffix(i)); });
    }
    Internal::Stmt visit(const Internal::Allocate *op) override {
        accumulators_.insert(op->name);
        Internal::Stmt body = mutate(op->body);
        for (int i = n_ - 1; i >= 0; i--)
            body = Internal::Allocate::make(op->name + suffix(i), op->type, op->memory_type, op->extents, op->condition,
                                            body);
        return body;
    }

    const std::string loop_;
    const int n_;
    std::set<std::string> accumulators_;
};

class WithoutLets : public Internal::IRMutator {
    using IRMutator::visit;
    Internal::Stmt visit(const Internal::LetStmt *op) override {
        return mutate(Internal::substitute(op->name, op->value, op->body));
    }
};

class HasAccumulator : public Internal::IRVisitor {
public:
    bool found = false;

private:
    using IRVisitor::visit;
    void visit(const Internal::Allocate *op) override {
        found = found || op->memory_type == MemoryType::AMXTile;
        IRVisitor::visit(op);
    }
};

// Does this to the loops over a variable around an accumulator. Their extents are multiples of n.
class Jam : public Internal::IRMutator {
public:
    Jam(const std::string &variable, int n) : variable_(variable), n_(n) {}

private:
    using IRMutator::visit;
    Internal::Stmt visit(const Internal::For *op) override {
        HasAccumulator inside;
        op->body.accept(&inside);
        if (n_ < 2 || !inside.found || !is_over_variable(op->name))
            return IRMutator::visit(op);
        return Internal::For::make(op->name, op->min, Internal::simplify(op->extent / n_), op->for_type,
                                   op->partition_policy, op->device_api,
                                   Copies(op->name, n_).mutate(WithoutLets().mutate(op->body)));
    }

    // Halide renames loops that it lets begin at 0.
    bool is_over_variable(const std::string &loop) const {
        return Internal::ends_with(loop, "." + variable_) || Internal::ends_with(loop, "." + variable_ + ".rebased");
    }

    const std::string variable_;
    const int n_;
};

}  // namespace

int inputs_per_step(int channels_in) {
    return padded_inputs(channels_in) % contract::kTileInputs == 0 ? contract::kTileInputs : kTileSide;
}

int padded_inputs(int channels_in) {
    return (channels_in + kTileSide - 1) / kTileSide * kTileSide;
}

void conv3x3_tiles(Conv3x3TilesStages &stages, Func output, Channels channels) {
    auto &[rows, pixels, sum, sums] = stages;
    const int columns = kTileSide * kPixelTiles, outputs = kTileSide * blocks_together(channels);
    const int lanes = channels.out % kTileSide == 0 ? kTileSide : kTileSide / 2;

    Var c("c"), x("x"), y("y"), o16("o16"), block(kChannelLoop), pixel_tile(kPixelLoop);
    Var strip("strip"), tile("tile"), inner_x("inner_x"), group("group"), inner_c("inner_c"), lane("lane");
    output.bound(c, 0, channels.out)
        .split(x, strip, x, kStripColumns, TailStrategy::GuardWithIf)
        .split(x, tile, inner_x, columns, TailStrategy::GuardWithIf)
        .split(c, group, inner_c, outputs, TailStrategy::GuardWithIf)
        .split(inner_c, inner_c, lane, lanes)
        .reorder(lane, inner_c, inner_x, group, tile, y, strip)
        .vectorize(lane)
        .parallel(strip)
        .never_partition_all();

    // A row is copied once for all output rows of the call.
    Var part("part");
    const int part_lanes = channels.in % kTileSide == 0 ? kTileSide : kTileSide / 2;
    rows.compute_at(pixels, y);
    pixels.store_at(output, strip)
        .compute_at(output, y)
        .fold_storage(y, kRowsHeld)
        .bound(c, 0, padded_inputs(channels.in))
        .split(c, part, lane, part_lanes)
        .reorder(lane, part, x, y)
        .vectorize(lane)
        .unroll(part)
        .never_partition_all();

    sums.compute_at(output, group)
        .store_in(MemoryType::Stack)
        .bound(o16, 0, kTileSide)
        .bound_extent(x, columns)
        .bound_extent(block, blocks_together(channels))
        .align_storage(o16, 2 * kTileSide)
        .split(x, pixel_tile, x, kTileSide)
        .reorder(o16, x, block, pixel_tile, y)
        .vectorize(o16)
        .vectorize(x);
    Var inner_o("inner_o");
    const std::vector<RVar> r = sum.rvars(0);  // channels of a step, kx, ky, steps
    sum.compute_at(sums, block)
        .store_in(MemoryType::AMXTile)
        .bound(o16, 0, kTileSide)
        .tile(o16, x, inner_o, inner_x, kTileSide, kTileSide)
        .vectorize(inner_o)
        .vectorize(inner_x);
    sum.update()
        .tile(o16, x, inner_o, inner_x, kTileSide, kTileSide, TailStrategy::GuardWithIf)
        .reorder({r[0], inner_o, inner_x, r[1], r[2], r[3], o16, x, block, y})
        .atomic()
        .vectorize(r[0])
        .vectorize(inner_o)
        .vectorize(inner_x);
}

void hold_several_accumulators(Pipeline pipeline, Channels channels) {
    pipeline.add_custom_lowering_pass(new Jam(kChannelLoop, blocks_together(channels)));
    pipeline.add_custom_lowering_pass(new Jam(kPixelLoop, kPixelTiles));
}

size_t conv3x3_tiles_scratch_bytes(Channels channels) {
    constexpr size_t kBytes = 2, kLost = 256;  // of a number; by alignment and Halide's own padding
    return static_cast<size_t>(padded_inputs(channels.in)) * (kStripColumns + 2) * kRowsHeld * kBytes + kLost;
}

}  // namespace slimscale::schedules
