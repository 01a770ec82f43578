// A strip of 16 tiles (4 output rows; a table may ask for other lengths) is the unit of work and of parallelism: its
// transformed inputs and products stay in the cache, while the filters of the 36 Winograd-domain elements are read once per
// strip.
//
// AMD EPYC (Zen 4), 128x128, one thread, effective GF/s: the direct form's operations, so that 400 % of the FMA peak is
// the limit (`bench_blocks --threads 1`, best of 40, at 42a885d, other work on the machine; peaks 112 and 45
// GF/s; docs/performance.md has Zen 5):
//     channels      16   24   32   40   48   64   96  128  192  256
//     AVX2         268  310  301  280  291  299  334  320  338  297
//     SSE2         107                      126                 116   (no FMA: multiplication and addition are two)
// At 64 channels two thirds of the time are the products, at 96 % of the FMA peak; the rest the transforms. What
// mattered:
// - Vertical transforms once per column, in a window that slides along the strip, channels innermost: 12 % of the whole
//   against six rows read per tile and 16 channels, which waits for the cache.
// - Winograd-domain elements inside tiles in memory (c, k, l, tile): 6 % against (c, tile, k, l), whose 36 streams lie a
//   multiple of 2 KB apart and evict each other.
// - Register tiles of 4 tiles are as fast as 5 or 6 in AVX2 (8 accumulators just hide the latency of 4 cycles at two a
//   cycle), and round a row of tiles up by less: 5 % at 32 tiles. AVX-512 takes 16 accumulators (docs/decisions/0049).
#include "schedules/conv3x3.h"

#include "schedules/products.h"
#include "schedules/target_facts.h"

namespace slimscale::schedules {

using namespace Halide;
using contract::kAlpha, contract::kTile;

namespace {

constexpr int kWindow = 8;  // columns: the 6 of a tile, rounded up to a power of two

}  // namespace

void conv3x3(Conv3x3Stages &stages, Func output, Func add_rows, Channels channels, bool q16, const Blocking &b,
             const Target &target) {
    const int input_lanes = vector_lanes(target, channels.in);
    auto &[rows, input_y, input_xy, sum, product, output_x, output_xy] = stages;

    Var c("c"), x("x"), y("y"), k("k"), l("l"), p("p"), q("q"), tx("tx"), ty("ty"), g("g"), u("u"), v("v");
    Var tile("tile"), inner_x("inner_x"), inner_y("inner_y"), strip("strip"), task("task");
    Var vector("vector"), lane("lane"), group("group"), tiles("tiles");

    output.tile(x, y, tx, ty, inner_x, inner_y, kTile, kTile, TailStrategy::RoundUp)
        .split(tx, strip, tile, b.strip, TailStrategy::GuardWithIf)
        .split(c, vector, lane, b.lanes)
        .reorder(lane, inner_x, inner_y, vector, g, tile, u, v, ty, strip)
        .vectorize(lane)
        .unroll(inner_x)
        .unroll(inner_y)
        .fuse(ty, strip, task)
        .parallel(task)
        .never_partition_all();
    rows.compute_at(output, task);
    if (add_rows.defined())
        add_rows.compute_at(output, task);

    // Inputs are transformed once for all phases: down the columns as the window slides, then along the rows.
    input_y.store_at(output, task)
        .compute_at(input_xy, tx)
        .fold_storage(x, kWindow)
        .bound(l, 0, kAlpha)
        .split(c, vector, lane, input_lanes)
        .reorder(lane, l, vector, g, x, ty)
        .vectorize(lane)
        .unroll(l)
        .never_partition_all();
    input_xy.compute_at(output, task)
        .reorder_storage(c, k, l, tx, ty)
        .bound(c, 0, channels.in)
        .bound(k, 0, kAlpha)
        .bound(l, 0, kAlpha)
        .split(c, vector, lane, input_lanes)
        .reorder(lane, k, vector, l, g, tx, ty)
        .vectorize(lane)
        .unroll(k)
        .never_partition_all();

    // The 36 matrix products.
    const auto [inner, outer] = b.order == kGroupsOutside ? std::pair{tiles, group} : std::pair{group, tiles};
    product.compute_at(output, u)
        .reorder_storage(c, k, l, tx, ty)
        .bound(c, 0, channels.out)
        .split(c, group, c, b.lanes * b.vectors)
        .split(c, vector, lane, b.lanes)
        .split(tx, tiles, tx, b.tiles, TailStrategy::RoundUp)
        .reorder(lane, vector, tx, inner, outer, k, l, g, ty)
        .vectorize(lane)
        .unroll(vector)
        .unroll(tx)
        .never_partition_all();
    if (b.unroll_groups())
        product.unroll(group);
    sum.compute_at(product, inner).vectorize(c, b.lanes).unroll(c).unroll(tx).store_in(MemoryType::Register);
    schedule_products(sum, 0, {tx}, q16, b);

    // Outputs are transformed along the rows, then down the columns, a vector of channels of a whole tile at a time, which
    // the registers hold in part only.
    output_x.compute_at(output, vector).vectorize(c, b.lanes).unroll(p).unroll(l).store_in(MemoryType::Register);
    output_xy.compute_at(output, vector).vectorize(c, b.lanes).unroll(p).unroll(q).store_in(MemoryType::Register);
}

size_t conv3x3_scratch_bytes(Channels channels, bool q16, const Blocking &b) {
    constexpr int kAllocations = 5, kLostPerAllocation = 256;  // alignment and Halide's own padding
    const int window = kWindow * kAlpha * channels.in * static_cast<int>(sizeof(float));
    return static_cast<size_t>(b.strip * tile_bytes(channels, q16) + window) + kAllocations * kLostPerAllocation;
}

}  // namespace slimscale::schedules
