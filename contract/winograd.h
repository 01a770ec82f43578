// Winograd's F(4x4, 3x3): 6x6 inputs and 36 products give 4x4 outputs of a 3x3 convolution (Lavin and Gray, arXiv
// 1509.09308). Points 0, +-a, +-b, infinity with a = sqrt(1/2), b = sqrt(2): half the rounding error of 0, +-1, +-2
// (relative RMS 6.5e-7 against 1.3e-6 at 64 channels in f32). The runtime transforms filters by these matrices, the
// generators transform inputs and outputs.
//
//     Y = A^T [ (G g G^T) . (B^T d B) ] A
#pragma once

#include "contract/layout.h"

namespace slimscale::winograd {

constexpr double kA = 0.70710678118654752440, kB = 1.41421356237309504880;  // a^2 = 1/2, b^2 = 2, a^2 b^2 = 1

// The limit of a transformed input in fixed point (q16): 14 bits and a sign, which leaves 17 bits for a filter's sum.
constexpr int kQ16Limit = (1 << 14) - 1;
// What q16 multiplies a Winograd-domain element's filters by, per axis, and divides its column of A^T by. The filters
// at +-b are small and their products weigh 8 times as much in an output as others, so that without this factor they
// would be rounded 16 times as coarsely.
constexpr double kQ16GainB = 4;
constexpr double kQ16Gain[contract::kAlpha] = {1, 1, 1, kQ16GainB, kQ16GainB, 1};

// Row p is (1, p, p^2) / product over the other finite points q of (p - q).
constexpr double kG[6][3] = {
    {1, 0, 0},
    {-2. / 3, -2. / 3 * kA, -1. / 3},
    {-2. / 3, 2. / 3 * kA, -1. / 3},
    {1. / 6, 1. / 6 * kB, 1. / 3},
    {1. / 6, -1. / 6 * kB, 1. / 3},
    {0, 0, 1},
};
// Row p is the polynomial product over the other finite points q of (x - q).
constexpr double kBt[6][6] = {
    {1, 0, -2.5, 0, 1, 0},          {0, -2 * kA, -2, kA, 1, 0},     {0, 2 * kA, -2, -kA, 1, 0},
    {0, -0.5 * kB, -0.5, kB, 1, 0}, {0, 0.5 * kB, -0.5, -kB, 1, 0}, {0, 1, 0, -2.5, 0, 1},
};
// Column p is (1, p, p^2, p^3); the point at infinity contributes to the last output only.
constexpr double kAt[4][6] = {
    {1, 1, 1, 1, 1, 0},
    {0, kA, -kA, kB, -kB, 0},
    {0, 0.5, 0.5, 2, 2, 0},
    {0, 0.5 * kA, -0.5 * kA, 2 * kB, -2 * kB, 1},
};

// u[l][k] = G g G^T of g[ky][kx], computed in double and rounded once. k counts along x, l along y.
inline void transform_filter(const float g[3][3], float u[6][6]) {
    double half[6][3];
    for (int l = 0; l < 6; l++)
        for (int kx = 0; kx < 3; kx++)
            half[l][kx] = kG[l][0] * g[0][kx] + kG[l][1] * g[1][kx] + kG[l][2] * g[2][kx];
    for (int l = 0; l < 6; l++)
        for (int k = 0; k < 6; k++)
            u[l][k] = static_cast<float>(half[l][0] * kG[k][0] + half[l][1] * kG[k][1] + half[l][2] * kG[k][2]);
}

}  // namespace slimscale::winograd
