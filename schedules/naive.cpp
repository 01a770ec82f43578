#include "schedules/naive.h"

namespace slimscale::schedules {

using Halide::Func;
using Halide::TailStrategy;
using Halide::Var;

void naive(Func output, const std::vector<Func> &stages) {
    for (Func stage : stages)
        stage.compute_at(output, output.args().front());
}

void naive_tiled(Func output, const std::vector<Func> &stages, int width, int height) {
    const Var c = output.args()[0], x = output.args()[1], y = output.args()[2];
    Var tile_x("tile_x"), tile_y("tile_y"), inner_x("inner_x"), inner_y("inner_y");
    output.tile(x, y, tile_x, tile_y, inner_x, inner_y, width, height, TailStrategy::RoundUp);
    output.reorder(c, inner_x, inner_y, tile_x, tile_y);
    for (Func stage : stages)
        stage.compute_at(output, tile_x);
}

}  // namespace slimscale::schedules
