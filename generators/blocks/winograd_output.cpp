// The last of the three pipelines of Winograd's F(4x4, 3x3) on GPUs: it transforms a tile's 36 products to 4x4 pixels,
// max(output_min, pixels + bias [+ addend]), or the PReLU of pixels + bias [+ addend].
#include "generators/blocks/common.h"
#include "generators/blocks/winograd_transforms.h"
#include "schedules/gpu/winograd.h"

namespace {

using namespace Halide;
using namespace slimscale;

class WinogradOutput : public Generator<WinogradOutput> {
public:
    GeneratorParam<int> cout_{"cout", 128};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> prelu_{"prelu", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};  // no other
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<float, 5>> products_{"products"};  // c, tx, ty, k, l
    Input<Buffer<float, 1>> bias_{"bias"};
    Output<Buffer<void, 3>> output_{"output"};  // c, x, y

    void configure() {
        const Type stored = blocks::type_of(storage_);
        output_.set_type(stored);
        activation_ = blocks::add_activation(*this, prelu_);
        if (add_) {
            addend_ = blocks::add_addend(*this, stored);
            row0_ = add_input<int>("row0");
        }
    }

    void generate() {
        using blocks::Six;
        constexpr int kSide = contract::kTile;
        Func &rows = stages_.rows, &pixels = stages_.result;  // C++17 lets no lambda capture structured bindings
        const auto along = Six::of([&](int n) { return products_(c, tx, ty, n, l); });
        rows(c, p, l, tx, ty) = mux(p, blocks::output_transform(along));
        const auto down = Six::of([&](int n) { return rows(c, p, n, tx, ty); });
        pixels(c, p, q, tx, ty) = mux(q, blocks::output_transform(down));
        Expr result = pixels(c, x % kSide, y % kSide, x / kSide, y / kSide) + bias_(c);
        if (add_)
            result += addend_.at(c, x, addend_.rows(*row0_, "add_rows")(y), output_.dim(1).extent() - 1);
        output_(c, x, y) = cast(output_.type(), activation_.of(result, c));
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::winograd_output, 0, cout_), schedule_)
            .promise(blocks::Arg::products, products_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::slope, activation_.slope)
            .promise(blocks::Arg::addend, addend_.tensor);
        schedules::gpu::winograd_output(stages_, output_, cout_);
    }

private:
    Var c{"c"}, x{"x"}, y{"y"}, k{"k"}, l{"l"}, p{"p"}, q{"q"}, tx{"tx"}, ty{"ty"};
    blocks::Activation activation_;
    blocks::RingInput addend_;
    Input<int> *row0_ = nullptr;
    schedules::gpu::WinogradOutputStages stages_{Func("rows"), Func("pixels")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(WinogradOutput, winograd_output)
