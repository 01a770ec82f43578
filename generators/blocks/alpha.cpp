// Enlarges alpha with Keys' cubic (a = -0.5): along y from four rows first, then along x from four columns, with edges
// repeated.
#include <array>
#include <cmath>

#include "generators/blocks/common.h"
#include "generators/blocks/images.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

constexpr int kTaps = 4;

// What an output sample of a phase reads along an axis.
struct Neighbours {
    int first = 0;  // relative to the input sample that it belongs to
    std::array<float, kTaps> weights{};
};

float cubic(double d) {
    return static_cast<float>(d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2);
}

Neighbours neighbours(int phase, int scale) {
    const double position = (phase + 0.5) / scale - 0.5;
    Neighbours result;
    result.first = static_cast<int>(std::floor(position)) - 1;
    for (int k = 0; k < kTaps; k++)
        result.weights[static_cast<size_t>(k)] = cubic(std::fabs(position - (result.first + k)));
    return result;
}

class Alpha : public Generator<Alpha> {
public:
    GeneratorParam<int> scale_{"scale", 2, 2, 4};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};

    Input<Buffer<void, 2>> image_{"image"};  // x, y
    Input<int> width_{"width"}, height_{"height"}, row0_{"row0"};
    Output<Buffer<void, 2>> output_{"output"};  // x, y: samples of the same type

    void generate() {
        Expr sum = 0.f, row = y + row0_;
        for (int k = 0; k < kTaps; k++) {
            Expr down = 0.f;
            for (int j = 0; j < kTaps; j++)
                down += weight(row, j) * cast<float>(image_(place(x, k, width_), place(row, j, height_)));
            sum += weight(x, k) * down;
        }
        output_(x, y) = blocks::to_integer(output_.type(), strict_float(sum));  // strict, for the same bytes as on CPUs
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::alpha, 0), schedule_)
            .promise(blocks::Arg::image, image_)
            .promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::image(output_);
    }

private:
    // The scale, hidden from constant folding: Halide divides by a constant 3 with 64-bit integers, which Vulkan devices
    // need not have.
    Expr divisor() { return select(width_ > 0, Expr(static_cast<int>(scale_)), 1); }

    // f(neighbours of the phase that output coordinate `at` has).
    template <typename F>
    Expr by_phase(Expr at, F f) {
        Expr result = f(neighbours(scale_ - 1, scale_));
        for (int p = scale_ - 2; p >= 0; p--)
            result = select(at % divisor() == p, f(neighbours(p, scale_)), result);
        return result;
    }

    Expr weight(Expr at, int tap) {
        return by_phase(at, [&](const Neighbours &n) { return Expr(n.weights[static_cast<size_t>(tap)]); });
    }

    // The input's coordinate that tap `tap` of output coordinate `at` reads.
    Expr place(Expr at, int tap, Expr extent) {
        Expr first = at / divisor() + by_phase(at, [](const Neighbours &n) { return Expr(n.first); });
        return clamp(first + tap, 0, extent - 1);
    }

    Var x{"x"}, y{"y"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Alpha, alpha)
