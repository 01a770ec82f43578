// The builder in which networks.cpp describes networks. Each call appends one node to the graph and returns its value.
#pragma once

#include <string>
#include <vector>

#include "networks/networks.h"

namespace slimscale::networks {

// A channel (or group) count at the active width and at width 1.0.
struct Width {
    int active;
    int full;
};
constexpr Width fixed(int count) {
    return {count, count};
}
constexpr Width operator*(Width width, int factor) {
    return {width.active * factor, width.full * factor};
}
constexpr Width operator/(Width width, int divisor) {
    return {width.active / divisor, width.full / divisor};
}

class Builder {
public:
    Builder(int colors, Slicing slicing);

    Value input() const { return 0; }
    // Reads tensors "<name>.weight" and "<name>.bias", which convolutions of one name share. Padding keeps the size.
    Value conv(Value x, const std::string &name, Width outputs, int kernel, Width groups = fixed(1));
    Value relu(Value x);
    Value prelu(Value x, const std::string &name);  // reads tensor "<name>.slope", which PReLUs of one name share
    Value sigmoid(Value x);
    Value add(Value x, Value y);
    Value scale(Value x, double factor);  // x itself if factor is 1
    Value global_average_pool(Value x);   // one value per channel: the mean over the frame
    Value mul(Value x, Value factors);    // factors: one per channel
    Value concat(const std::vector<Value> &values);
    Value shuffle(Value x, int factor);  // (c*factor^2, y, x) -> (c, factor*y, factor*x); x itself if factor is 1
    Value repeat(Value x, int factor);   // every pixel factor times in y and x; x itself if factor is 1

    Graph finish(Value output);

private:
    Value append(Node node, int full_channels);
    Value like(Value x, Op op, std::vector<Value> inputs);  // a node of x's shape

    Graph graph_;
    std::vector<int> full_channels_;  // per node, at width 1.0
    Slicing slicing_;
};

}  // namespace slimscale::networks
