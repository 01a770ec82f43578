// Four accumulators of 16 pixels x 16 output channels, fed by two tiles of pixels and two of filters, so that each tile loaded
// is used twice.
//
// Halide 21 recognises few forms (src/ExtractTileOperations.cpp):
// - pixels first, filters second, both widened by a cast, from 0; the filter's index in exactly this order of additions;
// - constant strides, so pixels are copied to where they have some. That also leaves out rows of the ring, and gives zeros
//   where a count of channels does not fill a step;
// - 16 x 16 sums, stored by a wrapper whose rows are further apart than they are long.
// Filters that are not in pairs compile as well and give wrong sums, so only numbers tell.
#include "schedules/tiles.h"

#include <set>
#include <string>

#include "contract/layout.h"

namespace slimscale::schedules {

using namespace Halide;

namespace {

constexpr int kPixelTiles = 2;  // accumulators along x
constexpr const char *kPixelLoop = "pixel_tile", *kChannelLoop = "block";

int blocks_together(int channels_out) {
    return contract::filter_blocks(channels_out) % 2 == 0 ? 2 : 1;
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

int lanes_of(int channels) {
    return channels % kTileSide == 0 ? kTileSide : kTileSide / 2;
}

TileLoops tile_loops(Func output, int channels_out) {
    const int columns = kTileSide * kPixelTiles, outputs = kTileSide * blocks_together(channels_out);
    TileLoops loops;
    Var c("c"), x("x"), tile("tile"), inner_x("inner_x"), inner_c("inner_c"), lane("lane");
    output.bound(c, 0, channels_out)
        .split(x, loops.strip, x, kStripColumns, TailStrategy::GuardWithIf)
        .split(x, tile, inner_x, columns, TailStrategy::GuardWithIf)
        .split(c, loops.group, inner_c, outputs, TailStrategy::GuardWithIf)
        .split(inner_c, inner_c, lane, lanes_of(channels_out))
        .reorder(lane, inner_c, inner_x, loops.group, tile, loops.y, loops.strip)
        .vectorize(lane)
        .parallel(loops.strip)
        .never_partition_all();
    return loops;
}

void sum_in_tiles(Func sum, Func sums, Func output, const TileLoops &loops, int channels_out) {
    Var x("x"), y("y"), o16("o16"), block(kChannelLoop), pixel_tile(kPixelLoop), inner_o("inner_o"), inner_x("inner_x");
    sums.compute_at(output, loops.group)
        .store_in(MemoryType::Stack)
        .bound(o16, 0, kTileSide)
        .bound_extent(x, kTileSide * kPixelTiles)
        .bound_extent(block, blocks_together(channels_out))
        .align_storage(o16, 2 * kTileSide)
        .split(x, pixel_tile, x, kTileSide)
        .reorder(o16, x, block, pixel_tile, y)
        .vectorize(o16)
        .vectorize(x);
    sum.compute_at(sums, block)
        .store_in(MemoryType::AMXTile)
        .bound(o16, 0, kTileSide)
        .tile(o16, x, inner_o, inner_x, kTileSide, kTileSide)
        .vectorize(inner_o)
        .vectorize(inner_x);
    const std::vector<RVar> r = sum.rvars(0);
    std::vector<VarOrRVar> order{r[0], inner_o, inner_x};
    order.insert(order.end(), r.begin() + 1, r.end());
    order.insert(order.end(), {o16, x, block, y});
    sum.update()
        .tile(o16, x, inner_o, inner_x, kTileSide, kTileSide, TailStrategy::GuardWithIf)
        .reorder(order)
        .atomic()
        .vectorize(r[0])
        .vectorize(inner_o)
        .vectorize(inner_x);
}

void hold_several_accumulators(Pipeline pipeline, int channels_out) {
    pipeline.add_custom_lowering_pass(new Jam(kChannelLoop, blocks_together(channels_out)));
    pipeline.add_custom_lowering_pass(new Jam(kPixelLoop, kPixelTiles));
}

}  // namespace slimscale::schedules
