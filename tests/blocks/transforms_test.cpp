// The factored transforms against the matrices of contract/winograd.h.
#include "generators/blocks/winograd_transforms.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;

double constant(const Halide::Expr &e) {
    return *Halide::Internal::as_const_float(Halide::Internal::simplify(e));
}

TEST_CASE("factored transforms equal their matrices", "[transforms]") {
    for (int column = 0; column < 6; column++) {
        const auto unit = blocks::Six::of([&](int i) { return Halide::Expr(i == column ? 1.f : 0.f); });
        const auto in = blocks::input_transform(unit), out = blocks::output_transform(unit);
        REQUIRE(in.size() == 6);
        REQUIRE(out.size() == 4);
        for (size_t row = 0; row < 6; row++)
            CHECK(constant(in[row]) == Approx(winograd::kBt[row][column]).margin(1e-6));
        for (size_t row = 0; row < 4; row++)
            CHECK(constant(out[row]) == Approx(winograd::kAt[row][column]).margin(1e-6));
    }
}

}  // namespace
