// Squeeze-and-excitation (Hu et al., arXiv 1709.01507): sigmoid(W2 relu(W1 mean + b1) + b2), where the mean is made from
// row sums that are added in order.
#include "schedules/squeeze_excite.h"
#include "generators/blocks/common.h"
#include "schedules/gpu/blocks.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;

class SqueezeExcite : public Generator<SqueezeExcite> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> squeezed_{"cout", 1};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};

    Input<Buffer<float, 2>> sums_{"sums"};  // c, y
    Input<int> pixels_{"pixels"};
    Input<Buffer<float, 3>> filter1_{"filter1"};  // o16, ci, block
    Input<Buffer<float, 1>> bias1_{"bias1"};
    Input<Buffer<float, 3>> filter2_{"filter2"};
    Input<Buffer<float, 1>> bias2_{"bias2"};
    Output<Buffer<float, 1>> output_{"output"};  // c

    void generate() {
        RDom row(0, sums_.dim(1).extent(), "row");
        total_(c) = 0.f;
        total_(c) += sums_(c, row);
        mean_(c) = total_(c) / cast<float>(pixels_);

        squeeze_ = product(filter1_, mean_, bias1_, cin_, "squeeze");
        relu_(c) = max(squeeze_(c), 0.f);
        excite_ = product(filter2_, relu_, bias2_, squeezed_, "excite");
        output_(c) = 1.f / (1.f + exp(-excite_(c)));
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::squeeze_excite, cin_, squeezed_), schedule_)
            .promise(blocks::Arg::sums, sums_)
            .promise(blocks::Arg::filter1, filter1_)
            .promise(blocks::Arg::bias1, bias1_)
            .promise(blocks::Arg::filter2, filter2_)
            .promise(blocks::Arg::bias2, bias2_)
            .promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::naive)
            schedules::naive(output_, {total_, mean_, squeeze_, relu_, excite_});
        else if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::squeeze_excite({total_, mean_, squeeze_, relu_, excite_}, output_, {cin_, squeezed_});
        else
            schedules::squeeze_excite({total_, mean_, squeeze_, relu_, excite_}, output_, {cin_, squeezed_}, get_target());
    }

private:
    // filter * in + bias
    template <typename Filter, typename Bias>
    Func product(Filter &filter, Func in, Bias &bias, int inputs, const std::string &name) {
        Func result(name);
        RDom r(0, inputs, "r");
        result(c) = bias(c);
        result(c) += filter(c % contract::kFilterBlock, r, c / contract::kFilterBlock) * in(r);
        return result;
    }

    Var c{"c"};
    Func total_{"total"}, mean_{"mean"}, squeeze_, relu_{"relu"}, excite_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(SqueezeExcite, squeeze_excite)
