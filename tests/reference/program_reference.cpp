#include "tests/reference/program_reference.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "networks/reference/reference.h"

namespace slimscale::reference {
namespace {

using networks::Filter;
using networks::Program;
using networks::Step;
using networks::StepKind;

// A filter's full-width tensors, addressed as the program addresses them and with the folded factor.
class FilterView {
public:
    FilterView(const Filter &filter, const Weights &weights)
        : filter_(filter), weight_(tensor(weights, filter.name + ".weight")),
          bias_(tensor(weights, filter.name + ".bias")),
          slope_(filter.prelu ? &tensor(weights, filter.name + ".slope") : nullptr) {
        const int outputs = filter.outputs * filter.shuffle * filter.shuffle;
        if (weight_.shape != std::vector<int>{outputs, filter.inputs, filter.kernel, filter.kernel})
            throw std::runtime_error("the filter of " + filter.name + " does not have its tensor's shape");
    }

    // `output` counts the outputs of one phase over all groups, `input` the inputs of one group.
    double weight(int phase, int output, int input, int ky, int kx) const {
        const int row = channel(phase, output) * filter_.inputs + input;
        return filter_.factor * weight_.data[(row * filter_.kernel + ky) * filter_.kernel + kx];
    }
    double bias(int phase, int output) const { return filter_.factor * bias_.data[channel(phase, output)]; }
    double slope(int output) const { return slope_->data[output]; }  // Precondition: the filter has slopes
    int kernel() const { return filter_.kernel; }

private:
    int channel(int phase, int output) const { return output * filter_.shuffle * filter_.shuffle + phase; }

    const Filter &filter_;
    const Tensor &weight_;
    const Tensor &bias_;
    const Tensor *slope_;
};

class Interpreter {
public:
    Interpreter(const Program &program, const Weights &weights, const Volume &input)
        : program_(program), weights_(weights), height_(input.height), width_(input.width),
          tensors_(program.tensors.size()) {
        tensors_[0] = input;
    }

    std::vector<Volume> run() {
        for (const Step &step : program_.steps)
            tensors_[step.output] = compute(step);
        return std::move(tensors_);
    }

private:
    Volume compute(const Step &step) const {
        switch (step.kind) {
        case StepKind::row_sum:
            return row_sum(input(step, 0));
        case StepKind::squeeze_excite:
            return squeeze_excite(step);
        case StepKind::attend:
            return attend(step);
        case StepKind::collapsed_tail:
            return collapsed_tail(step);
        default:
            return convolve(step);
        }
    }

    const Volume &input(const Step &step, int i) const {
        const Volume &volume = tensors_[step.inputs[i]];
        if (volume.data.empty())
            throw std::runtime_error("a step reads tensor " + std::to_string(step.inputs[i]) + " before it is written");
        return volume;
    }

    FilterView filter(int index) const { return {program_.filters[index], weights_}; }

    // Each group and phase is one call of a pipeline, with cin channels of each input and cout channels of the output.
    Volume convolve(const Step &step) const {
        const int s = step.shuffle;
        Volume output(step.groups * step.cout, height_ * step.input_scale * s, width_ * step.input_scale * s);
        for (int group = 0; group < step.groups; group++)
            for (int phase = 0; phase < s * s; phase++) {
                const Volume result = call(step, group, phase);  // of a tail with a shuffle: one phase of the image
                for (int o = 0; o < step.cout; o++)
                    for (int y = 0; y < result.height; y++)
                        for (int x = 0; x < result.width; x++)
                            output.at(group * step.cout + o, s * y + phase / s, s * x + phase % s) = result.at(o, y, x);
            }
        return output;
    }

    // A collapsed tail by its definition: the upsampler's convolution and shuffle, then the tail, with zeros around the
    // frame.
    Volume collapsed_tail(const Step &step) const {
        Step upsampler = step;
        upsampler.cout = step.cin;
        upsampler.input_skip = false;
        const Volume features = convolve(upsampler);
        const FilterView view = filter(step.filter2);
        const int radius = view.kernel() / 2;
        Volume image(step.cout, features.height, features.width);
        for (int o = 0; o < step.cout; o++) {
            for (int i = 0; i < step.cin; i++)
                for (int ky = 0; ky < view.kernel(); ky++)
                    for (int kx = 0; kx < view.kernel(); kx++)
                        accumulate(features, i, ky - radius, kx - radius, view.weight(0, o, i, ky, kx), image, o);
            finish(step, view.bias(0, o), o, image, o);
        }
        return image;
    }

    Volume call(const Step &step, int group, int phase) const {
        const FilterView view = filter(step.filter);
        const int radius = view.kernel() / 2;
        Volume result(step.cout, height_ * step.input_scale, width_ * step.input_scale);
        for (int o = 0; o < step.cout; o++) {
            const int output = group * step.cout + o;
            for (int segment = 0; segment < static_cast<int>(step.inputs.size()); segment++)
                for (int i = 0; i < step.cin; i++)
                    for (int ky = 0; ky < view.kernel(); ky++)
                        for (int kx = 0; kx < view.kernel(); kx++) {
                            const double w = view.weight(phase, output, segment * step.segment_stride + i, ky, kx);
                            const Volume &in = input(step, segment);
                            accumulate(in, group * step.cin + i, ky - radius, kx - radius, w, result, o);
                        }
            finish(step, view.bias(phase, output), output, result, o);
        }
        return result;
    }

    // Adds bias and residual, and applies ReLU or PReLU, to channel o of the call, which is channel `output` of the
    // tensor.
    void finish(const Step &step, double bias, int output, Volume &result, int o) const {
        for (int y = 0; y < result.height; y++)
            for (int x = 0; x < result.width; x++) {
                double &value = result.at(o, y, x);
                value += bias;
                if (step.add >= 0)
                    value += tensors_[step.add].at(output, y, x);
                if (step.relu)
                    value = std::max(0.0, value);
                if (step.prelu && value < 0)
                    value *= filter(step.filter).slope(output);
                if (step.input_skip)
                    value += tensors_[0].at(o, y * height_ / result.height, x * width_ / result.width);
            }
    }

    static Volume row_sum(const Volume &x) {
        Volume sums(x.channels, x.height, 1);
        for (int c = 0; c < x.channels; c++)
            for (int y = 0; y < x.height; y++)
                for (int column = 0; column < x.width; column++)
                    sums.at(c, y, 0) += x.at(c, y, column);
        return sums;
    }

    Volume squeeze_excite(const Step &step) const {
        const Volume &sums = input(step, 0);
        const double pixels = static_cast<double>(height_) * width_ * step.input_scale * step.input_scale;
        const Volume means = means_of_rows(sums, pixels);
        Volume squeezed = dense(filter(step.filter), means, step.cout);
        for (double &value : squeezed.data)
            value = std::max(0.0, value);
        Volume factors = dense(filter(step.filter2), squeezed, step.cin);
        for (double &value : factors.data)
            value = 1 / (1 + std::exp(-value));
        return factors;
    }

    static Volume means_of_rows(const Volume &sums, double pixels) {
        Volume means(sums.channels, 1, 1);
        for (int c = 0; c < sums.channels; c++)
            for (int y = 0; y < sums.height; y++)
                means.data[c] += sums.at(c, y, 0) / pixels;
        return means;
    }

    static Volume dense(const FilterView &view, const Volume &x, int outputs) {
        Volume result(outputs, 1, 1);
        for (int o = 0; o < outputs; o++) {
            result.data[o] = view.bias(0, o);
            for (int i = 0; i < x.channels; i++)
                result.data[o] += view.weight(0, o, i, 0, 0) * x.data[i];
        }
        return result;
    }

    Volume attend(const Step &step) const {
        Volume result = input(step, 0);
        const Volume &factors = input(step, 1), &residual = tensors_[step.add];
        for (int c = 0; c < result.channels; c++)
            for (int y = 0; y < result.height; y++)
                for (int x = 0; x < result.width; x++)
                    result.at(c, y, x) = result.at(c, y, x) * factors.data[c] + residual.at(c, y, x);
        return result;
    }

    const Program &program_;
    const Weights &weights_;
    int height_, width_;  // of the input
    std::vector<Volume> tensors_;
};

}  // namespace

std::vector<Volume> evaluate_tensors(const Program &program, const Weights &weights, const Volume &input) {
    return Interpreter(program, weights, input).run();
}

Volume evaluate(const Program &program, const Weights &weights, const Volume &input) {
    return evaluate_tensors(program, weights, input).back();
}

Volume upscale_program(const networks::Network &network, int channels, const Weights &weights, const Volume &image) {
    return denormalized(network, evaluate(*networks::lower(network, channels), weights, normalized(network, image)));
}

}  // namespace slimscale::reference
