// Activations of the plain-loop interpreters, in double precision.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace slimscale::reference {

struct Volume {
    int channels = 0, height = 0, width = 0;
    std::vector<double> data;  // c, y, x

    Volume() = default;
    Volume(int c, int y, int x) : channels(c), height(y), width(x), data(static_cast<size_t>(c) * y * x) {}

    size_t index(int c, int y, int x) const { return (static_cast<size_t>(c) * height + y) * width + x; }
    double &at(int c, int y, int x) { return data[index(c, y, x)]; }
    double at(int c, int y, int x) const { return data[index(c, y, x)]; }
};

// Full-width tensors as in the weights file: "<convolution>.weight" (out, in/groups, y, x), "<convolution>.bias" (out).
struct Tensor {
    std::vector<int> shape;
    std::vector<float> data;
};
using Weights = std::map<std::string, Tensor>;

// The tensor of this name. Precondition: there is one.
const Tensor &tensor(const Weights &weights, const std::string &name);

// out(c_out, y, x) += weight * in(c_in, y + dy, x + dx), where `in` is zero outside its extents.
void accumulate(const Volume &in, int c_in, int dy, int dx, double weight, Volume &out, int c_out);

double rms(const Volume &volume);
double standard_deviation(const Volume &volume);
double max_difference(const Volume &a, const Volume &b);  // infinite if the sizes differ or a value is not a number
// The largest difference in the outermost `ring` pixels only, where an error may be hidden by the average of a whole
// picture or by the tolerance for it.
double max_border_difference(const Volume &a, const Volume &b, int ring);

}  // namespace slimscale::reference
