#include "trainer/contrast/distances.h"

namespace slimscale::trainer {
namespace {

using torch::Tensor;
using Rows = std::vector<std::vector<int64_t>>;

class SumOfDistances : public torch::autograd::Function<SumOfDistances> {
public:
    static Tensor forward(torch::autograd::AutogradContext *context, const Tensor &anchors, const Tensor &negatives,
                          const Rows &rows) {
        Tensor sum = torch::zeros({}, anchors.options());
        const Tensor signs = torch::zeros_like(anchors);
        for (size_t a = 0; a < rows.size(); a++) {
            const Tensor anchor = anchors[static_cast<int64_t>(a)];
            Tensor sign = signs[static_cast<int64_t>(a)];
            for (const int64_t row : rows[a]) {
                const Tensor difference = anchor - negatives[row];
                sum += difference.abs().sum();
                sign += difference.sign();
            }
        }
        context->save_for_backward({signs});
        return sum / anchors.numel();
    }

    static torch::autograd::tensor_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::tensor_list gradients) {
        const Tensor signs = context->get_saved_variables()[0];
        return {signs * (gradients[0] / signs.numel()), Tensor(), Tensor()};
    }
};

}  // namespace

Tensor sum_of_distances(const Tensor &anchors, const Tensor &negatives, const Rows &rows) {
    return SumOfDistances::apply(anchors, negatives, rows);
}

}  // namespace slimscale::trainer
