#include "compiler/gpu_work.h"

#include "contract/layout.h"
#include "contract/operation.h"

namespace slimscale::generators {
namespace {

using contract::Block;
using contract::Pipeline;

constexpr double kWidth = 640, kHeight = 360, kPixels = kWidth * kHeight, kFloatBytes = 4;
// How many values a tensor has in Winograd's domain for each value of its own.
constexpr double kWinograd = double{contract::kElements} / (contract::kTile * contract::kTile);

// The work of `fma` multiply-adds and `channels` values of tensors at every pixel.
Work per_pixel(double fma, double channels) {
    return {kPixels * fma, kPixels * channels * kFloatBytes};
}

bool is_elementwise(Block block) {
    for (const auto &facts : contract::kOperations)
        if (facts.block == block && facts.packing == contract::Packing::none && facts.runs == contract::Runs::apart)
            return true;
    return false;
}

// The work of operations on values at the same place in all tensors.
Work elementwise(const Pipeline &p) {
    int tensors = 0;
    for (const contract::Argument &argument : contract::arguments_of(p.block))
        tensors += argument.kind == contract::Kind::buffer && argument.rank == 3;
    return per_pixel(p.in, tensors * p.in);
}

}  // namespace

Work work_of(const Pipeline &p) {
    const double in = p.in, out = p.out, added = p.add ? out : 0;
    switch (p.block) {
    case Block::conv3x3:
        return per_pixel(9 * in * out, in + out + added);
    case Block::head:
        return per_pixel(9 * in * out, in + out);
    case Block::conv1x1:
        return per_pixel(p.segments * in * out, p.segments * in + out + added);
    case Block::tail:
        return per_pixel(p.taps * p.taps * in * out, in + out);
    case Block::winograd_input:
        return per_pixel(0, in + kWinograd * in);
    case Block::winograd_product:
        return per_pixel(kWinograd * in * out, kWinograd * (in + out));
    case Block::winograd_output:
        return per_pixel(0, kWinograd * out + out + added);
    case Block::row_sum:
        return per_pixel(0, in);
    case Block::squeeze_excite:
        return {0, kHeight * in * kFloatBytes};
    default:
        return is_elementwise(p.block) ? elementwise(p) : Work{};
    }
}

}  // namespace slimscale::generators
