#include "trainer/prelu.h"

namespace slimscale::trainer {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Prelu : torch::autograd::Function<Prelu> {
    static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &slope) {
        const Tensor of_channels = slope.view({1, -1, 1, 1});
        context->save_for_backward({x, of_channels});
        return at::_prelu_kernel(x, of_channels);
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &slope = saved[1], &gradient = gradients[0];
        const Tensor above = at::threshold_backward(gradient, x, 0);
        const Tensor below = gradient - above;
        const Tensor of_slope =
            (below * x).sum(torch::IntArrayRef{0, 2, 3}, /*keepdim=*/false, torch::kFloat).to(slope.scalar_type());
        return {above.addcmul(below, slope), of_slope};
    }
};

}  // namespace

Tensor prelu(const Tensor &x, const Tensor &slope) {
    return Prelu::apply(x, slope);
}

}  // namespace slimscale::trainer
