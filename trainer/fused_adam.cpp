#include "trainer/fused_adam.h"

#include <memory>

namespace slimscale::trainer {
namespace {

using torch::Tensor;
using torch::optim::AdamOptions;
using torch::optim::AdamParamState;

// The operation walks all tensors of a parameter in the order of memory; gradients of convolutions may have another.
Tensor laid_out_like(const Tensor &parameter, const Tensor &gradient) {
    if (gradient.strides() == parameter.strides())
        return gradient;
    return torch::empty_like(parameter).copy_(gradient);
}

}  // namespace

Tensor FusedAdam::step(LossClosure closure) {
    TORCH_CHECK(!closure, "FusedAdam takes no closure");
    torch::NoGradGuard no_grad;
    for (torch::optim::OptimizerParamGroup &group : param_groups()) {
        const auto &options = static_cast<const AdamOptions &>(group.options());
        TORCH_CHECK(options.weight_decay() == 0 && !options.amsgrad(),
                    "FusedAdam has neither weight decay nor AMSGrad");
        std::vector<Tensor> parameters, gradients, first, second, steps;
        for (const Tensor &parameter : group.params()) {
            if (!parameter.grad().defined())
                continue;
            std::unique_ptr<torch::optim::OptimizerParamState> &state = this->state()[parameter.unsafeGetTensorImpl()];
            if (!state) {
                auto fresh = std::make_unique<AdamParamState>();
                fresh->step(0);
                fresh->exp_avg(torch::zeros_like(parameter));
                fresh->exp_avg_sq(torch::zeros_like(parameter));
                state = std::move(fresh);
            }
            auto &moments = static_cast<AdamParamState &>(*state);
            moments.step(moments.step() + 1);
            parameters.push_back(parameter);
            gradients.push_back(laid_out_like(parameter, parameter.grad()));
            first.push_back(moments.exp_avg());
            second.push_back(moments.exp_avg_sq());
            steps.push_back(
                torch::full({}, static_cast<float>(moments.step()), parameter.options().dtype(torch::kFloat)));
        }
        if (!parameters.empty())
            at::_fused_adam_(parameters, gradients, first, second, /*max_exp_avg_sqs=*/{}, steps, options.lr(),
                             std::get<0>(options.betas()), std::get<1>(options.betas()), /*weight_decay=*/0,
                             options.eps(), /*amsgrad=*/false, /*maximize=*/false);
    }
    return {};
}

}  // namespace slimscale::trainer
