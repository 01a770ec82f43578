// The trainer's own forms of what LibTorch has, beside LibTorch's.
#include <vector>

#include "tests/catch.h"
#include "trainer/fused_adam.h"
#include "trainer/prelu.h"

using namespace slimscale;
using torch::Tensor;

namespace {

double largest(const Tensor &x) {
    return x.abs().max().item<double>();
}

}  // namespace

TEST_CASE("PReLU and its gradients are LibTorch's") {
    torch::manual_seed(3);
    for (const torch::ScalarType type : {torch::kFloat, torch::kBFloat16})
        for (const torch::MemoryFormat format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
            const auto draw = [&] { return torch::randn({2, 5, 7, 3}).to(type).contiguous(format); };
            Tensor x = draw();
            x[0][2][3][1].zero_();  // neither side of the bend
            x.set_requires_grad(true);
            const Tensor slope = torch::randn({5}).to(type).set_requires_grad(true);
            const Tensor gradient = draw();
            const Tensor wanted = torch::prelu(x, slope), got = trainer::prelu(x, slope);
            CHECK(torch::equal(got, wanted));
            const auto wanted_gradients = torch::autograd::grad({wanted}, {x, slope}, {gradient});
            const auto gradients = torch::autograd::grad({got}, {x, slope}, {gradient});
            CHECK(torch::equal(gradients[0], wanted_gradients[0]));
            CHECK(gradients[1].sizes() == wanted_gradients[1].sizes());
            CHECK(largest(gradients[1] - wanted_gradients[1]) <=
                  (type == torch::kFloat ? 1e-5 : 2e-2) * largest(wanted_gradients[1]));
        }
}

TEST_CASE(
    "Fused Adam takes LibTorch's steps, whatever the layout of gradients, and leaves parameters without one alone") {
    torch::manual_seed(4);
    std::vector<Tensor> plain, fused;
    for (const std::vector<int64_t> &shape : std::vector<std::vector<int64_t>>{{6, 5, 3, 3}, {7}, {3, 4, 1, 1}, {4}}) {
        plain.push_back(torch::randn(shape).set_requires_grad(true));
        fused.push_back(plain.back().detach().clone().set_requires_grad(true));
    }
    const Tensor untouched = fused.back().detach().clone();
    const auto options = torch::optim::AdamOptions(1e-2).betas({0.9, 0.99});
    torch::optim::Adam wanted(plain, options);
    trainer::FusedAdam optimizer(fused, options);
    for (int step = 0; step < 5; step++) {
        for (size_t i = 0; i + 1 < plain.size(); i++) {
            Tensor gradient = torch::randn_like(plain[i]);
            plain[i].mutable_grad() = gradient;
            if (gradient.dim() == 4)
                gradient = gradient.contiguous(torch::MemoryFormat::ChannelsLast);
            fused[i].mutable_grad() = gradient.clone();
        }
        wanted.step();
        optimizer.step();
        for (size_t i = 0; i < plain.size(); i++)
            CHECK(largest(plain[i] - fused[i]) <= 1e-6);
    }
    CHECK(torch::equal(fused.back(), untouched));
    CHECK(optimizer.state().size() == plain.size() - 1);
}
