#include "networks/networks.h"

#include "networks/builder.h"

namespace slimscale::networks {
namespace {

std::string indexed(const std::string &name, int index) {
    return name + "." + std::to_string(index);
}

// The stages of pixel shuffle (Shi et al., arXiv 1609.05158): x4 is two x2 stages, as in all three papers; x3 is one.
std::vector<int> upsampler_stages(int scale) {
    if (scale == 1)
        return {};
    return scale == 4 ? std::vector<int>{2, 2} : std::vector<int>{scale};
}

Graph finish(Builder &b, const Network &network, Value output) {
    return b.finish(network.input_skip ? b.add(output, b.repeat(b.input(), network.scale)) : output);
}

Value upsample(Builder &b, Value x, const Network &network, Width c, Width groups, bool relu) {
    int stage = 0;
    for (int factor : upsampler_stages(network.scale)) {
        Value y = b.conv(x, indexed("up", stage++), c * (factor * factor), 3, groups);
        x = b.shuffle(relu ? b.relu(y) : y, factor);
    }
    return x;
}

// Lim et al., Enhanced Deep Residual Networks, arXiv 1707.02921.
Graph edsr(const Network &network, Width c) {
    Builder b(network.colors, network.slicing);
    const Value head = b.conv(b.input(), "head", c, 3);

    Value x = head;
    for (int i = 0; i < network.blocks; i++) {
        const std::string block = indexed("body", i);
        Value r = b.relu(b.conv(x, block + ".conv1", c, 3));
        r = b.conv(r, block + ".conv2", c, 3);
        x = b.add(x, b.scale(r, network.res_scale));
    }
    x = b.add(head, b.conv(x, "body.end", c, 3));

    x = upsample(b, x, network, c, fixed(1), /*relu=*/false);
    return finish(b, network, b.conv(x, "tail", fixed(network.colors), 3));
}

// Zhang et al., Residual Channel Attention Networks, arXiv 1807.02758.
Value channel_attention(Builder &b, Value x, const std::string &name, Width c, int reduction) {
    Value factors = b.relu(b.conv(b.global_average_pool(x), name + ".squeeze", c / reduction, 1));
    factors = b.sigmoid(b.conv(factors, name + ".expand", c, 1));
    return b.mul(x, factors);
}

Value rcan_block(Builder &b, Value x, const std::string &name, Width c, int reduction) {
    Value r = b.relu(b.conv(x, name + ".conv1", c, 3));
    r = b.conv(r, name + ".conv2", c, 3);
    return b.add(x, channel_attention(b, r, name + ".attention", c, reduction));
}

Graph rcan(const Network &network, Width c) {
    Builder b(network.colors, network.slicing);
    const Value head = b.conv(b.input(), "head", c, 3);

    Value x = head;
    for (int g = 0; g < network.residual_groups; g++) {
        const std::string group = indexed("groups", g);
        Value r = x;
        for (int i = 0; i < network.blocks; i++)
            r = rcan_block(b, r, indexed(group + ".blocks", i), c, network.reduction);
        x = b.add(x, b.conv(r, group + ".end", c, 3));
    }
    x = b.add(head, b.conv(x, "body.end", c, 3));

    x = upsample(b, x, network, c, fixed(1), /*relu=*/false);
    return finish(b, network, b.conv(x, "tail", fixed(network.colors), 3));
}

// Ahn et al., Cascading Residual Network, arXiv 1803.08664. CARN-M (group_channels) has two grouped convolutions and a
// dense 1x1 in each unit.
Value carn_unit(Builder &b, Value x, const Network &network, const std::string &name, Width c, Width groups) {
    Value r = b.relu(b.conv(x, name + ".conv1", c, 3, groups));
    r = b.conv(r, name + ".conv2", c, 3, groups);
    if (groups.full > 1)
        r = b.conv(b.relu(r), name + ".pointwise", c, 1);
    r = b.add(r, x);
    return network.linear_residuals ? r : b.relu(r);
}

Value carn_block(Builder &b, Value x, const Network &network, const std::string &name, Width c, Width groups) {
    std::vector<Value> cascade{x};
    for (int i = 0; i < network.blocks; i++) {
        const std::string unit = network.recursive ? name + ".unit" : indexed(name + ".units", i);
        cascade.push_back(carn_unit(b, x, network, unit, c, groups));
        x = b.relu(b.conv(b.concat(cascade), indexed(name + ".merge", i), c, 1));
    }
    return x;
}

Graph carn(const Network &network, Width c) {
    Builder b(network.colors, network.slicing);
    const Width groups = network.group_channels ? c / network.group_channels : fixed(1);

    Value x = b.conv(b.input(), "head", c, 3);
    std::vector<Value> cascade{x};
    for (int i = 0; i < network.blocks; i++) {
        cascade.push_back(carn_block(b, x, network, indexed("blocks", i), c, groups));
        x = b.relu(b.conv(b.concat(cascade), indexed("merge", i), c, 1));
    }

    x = upsample(b, x, network, c, groups, /*relu=*/!network.linear_residuals);
    return finish(b, network, b.conv(x, "tail", fixed(network.colors), 3));
}

// SRVGGNetCompact of Real-ESRGAN (Wang et al., arXiv 2107.10833): all convolutions at the input's size, one pixel
// shuffle at the end. With feature_residual the head's features join before the last activation.
Graph compact(const Network &network, Width c) {
    Builder b(network.colors, network.slicing);
    const Value head = b.prelu(b.conv(b.input(), "head", c, 3), "head");

    Value x = head;
    for (int i = 0; i < network.blocks; i++) {
        const std::string name = indexed("body", i);
        Value y = b.conv(x, name, c, 3);
        if (network.feature_residual && i + 1 == network.blocks)
            y = b.add(y, head);
        x = b.prelu(y, name);
    }
    x = b.conv(x, "tail", fixed(network.colors * network.scale * network.scale), 3);
    return finish(b, network, b.shuffle(x, network.scale));
}

}  // namespace

Graph build(const Network &network, int channels) {
    const Width c{channels, network.channels};
    switch (network.family) {
#define SLIMSCALE_FAMILY(name, title) \
    case Family::name:                \
        return name(network, c);
#include "networks/families.inc"
    }
    return {};
}

}  // namespace slimscale::networks
