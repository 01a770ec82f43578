// How a block of threads is laid over channels and pixels.
#pragma once

#include "Halide.h"

namespace slimscale::schedules::gpu {

constexpr int kVector = 4;  // floats in the widest load, 16 bytes

// Innermost first: groups of channels, then register tiles of pixels along x and y.
struct Threads {
    int groups, columns, rows;
};

// About 128 threads: at 168 registers each, 3 blocks fill the 65,536 of a multiprocessor.
inline Threads threads(int groups) {
    constexpr int kThreads = 128, kColumns = 8;
    Threads t{groups, 1, 1};
    while (t.columns < kColumns && 2 * t.columns * groups <= kThreads)
        t.columns *= 2;
    while (2 * t.rows * t.columns * groups <= kThreads)
        t.rows *= 2;
    return t;
}

// The register tile of one thread: channels, a multiple of kVector, of width x height pixels.
struct Tile {
    int channels, width, height;
};

// Makes threads at the right edge compute whole register tiles, so that their loops are constant. They store only what lies
// inside, with an `if` per pixel, since Halide splits predicated stores of vectors.
inline Halide::Func &whole_tiles(Halide::Func &sum, Tile tile) {
    return sum.bound_extent(sum.args()[1], tile.width).bound_extent(sum.args()[2], tile.height);
}

// Lays threads over an output (c, x, y) whose extent in y is a multiple of the register tile's height. Returns the innermost
// loop over threads, where a thread's sums are computed.
inline Halide::Var tile(Halide::Func &output, int channels, Tile tile) {
    using Halide::TailStrategy;
    const Threads t = threads(channels / tile.channels);
    Halide::Var c("c"), x("x"), y("y"), lane("lane"), vector("vector"), group("group"), ix("ix"), iy("iy");
    Halide::Var tx("tx"), ty("ty"), bx("bx"), by("by");
    output.split(c, group, lane, tile.channels)
        .split(lane, vector, lane, kVector)
        .split(x, x, ix, tile.width, TailStrategy::GuardWithIf)
        .split(y, y, iy, tile.height, TailStrategy::RoundUp)
        .split(x, bx, tx, t.columns, TailStrategy::GuardWithIf)
        .split(y, by, ty, t.rows, TailStrategy::GuardWithIf)
        .reorder(lane, vector, ix, iy, group, tx, ty, bx, by)
        .vectorize(lane)
        .unroll(vector)
        .unroll(ix)
        .unroll(iy)
        .gpu_threads(group, tx, ty)
        .gpu_blocks(bx, by)
        .never_partition_all();
    return group;
}

}  // namespace slimscale::schedules::gpu
