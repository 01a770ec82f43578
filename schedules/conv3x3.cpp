#include "schedules/conv3x3.h"

#include <algorithm>

#include "schedules/target_facts.h"

namespace slimscale::schedules {

using namespace Halide;

namespace {

// The register tile of the 36 matrix products, and how many tiles of 4x4 pixels are transformed together.
struct Blocking {
    int lanes;    // output channels in a vector
    int vectors;  // vectors of output channels in a register tile
    int tiles;    // tiles in a register tile
    int strip;    // tiles in a strip
};

Blocking blocking(Channels channels, const Target &target) {
    Blocking b{};
    b.lanes = vector_lanes(target, channels.out);
    b.vectors = channels.out % (2 * b.lanes) == 0 ? 2 : 1;
    b.tiles = 6;
    const int bytes_per_tile = 36 * 4 * (channels.in + channels.out);
    b.strip = std::clamp(l2_bytes(target) / bytes_per_tile / b.tiles, 1, 8) * b.tiles;
    return b;
}

}  // namespace

void conv3x3(Conv3x3Stages &stages, Func output, Func add_rows, Channels channels, const Target &target) {
    const Blocking b = blocking(channels, target);
    const int input_lanes = vector_lanes(target, channels.in);
    auto &[rows, input_x, input_xy, sum, product, output_x, output_xy] = stages;

    Var c("c"), x("x"), y("y"), k("k"), l("l"), p("p"), q("q"), tx("tx"), ty("ty");
    Var tile_x("tile_x"), inner_x("inner_x"), inner_y("inner_y"), strip("strip"), task("task");
    Var vector("vector"), lane("lane"), group("group");

    output.tile(x, y, tx, ty, inner_x, inner_y, 4, 4, TailStrategy::RoundUp)
        .split(tx, strip, tile_x, b.strip, TailStrategy::GuardWithIf)
        .split(c, vector, lane, b.lanes)
        .reorder(lane, inner_x, inner_y, vector, tile_x, strip, ty)
        .vectorize(lane)
        .unroll(inner_x)
        .unroll(inner_y)
        .fuse(strip, ty, task)
        .parallel(task)
        .never_partition_all();

    output_xy.compute_at(output, vector).vectorize(c, b.lanes).unroll(p).unroll(q).store_in(MemoryType::Register);
    output_x.compute_at(output, vector).vectorize(c, b.lanes).unroll(p).unroll(l).store_in(MemoryType::Register);

    product.compute_at(output, task)
        .bound(c, 0, channels.out)
        .split(c, vector, lane, b.lanes * b.vectors)
        .split(tx, group, tx, b.tiles, TailStrategy::RoundUp)
        .reorder(lane, tx, vector, group, k, l, ty)
        .vectorize(lane, b.lanes)
        .unroll(lane)
        .unroll(tx)
        .never_partition_all();
    RVar r = sum.rvars(0)[0];
    sum.compute_at(product, vector).vectorize(c, b.lanes).unroll(c).unroll(tx).store_in(MemoryType::Register);
    sum.update().reorder(c, tx, r).vectorize(c, b.lanes).unroll(c).unroll(tx).unroll(r, 4);

    input_xy.compute_at(output, task)
        .bound(c, 0, channels.in)
        .bound(k, 0, 6)
        .bound(l, 0, 6)
        .split(c, vector, lane, input_lanes)
        .reorder(lane, k, l, vector, tx, ty)
        .vectorize(lane)
        .unroll(k)
        .unroll(l)
        .never_partition_all();
    input_x.compute_at(input_xy, vector)
        .bound(k, 0, 6)
        .bound(l, 0, 6)
        .vectorize(c, input_lanes)
        .unroll(k)
        .unroll(l)
        .store_in(MemoryType::Register);

    rows.compute_at(output, task);
    if (add_rows.defined()) {
        add_rows.compute_at(output, task);
    }
}

size_t conv3x3_scratch_bytes(Channels channels, const Target &target) {
    const Blocking b = blocking(channels, target);
    return static_cast<size_t>(36 * 4 * b.strip * (channels.in + channels.out));
}

}  // namespace slimscale::schedules
