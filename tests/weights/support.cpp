#include "support.h"

#include <unistd.h>

#include <cstring>
#include <numeric>

#include "networks/program.h"
#include "networks/walkers.h"
#include "tests/networks/lowered.h"

namespace slimscale::weights {

Bytes safetensors_bytes(const std::string &header, size_t data_bytes) {
    const uint64_t size = header.size();
    Bytes bytes(sizeof size + size + data_bytes);
    std::memcpy(bytes.data(), &size, sizeof size);
    header.copy(reinterpret_cast<char *>(bytes.data()) + sizeof size, size);
    std::iota(bytes.end() - static_cast<ptrdiff_t>(data_bytes), bytes.end(), uint8_t{0});
    return bytes;
}

networks::Network small_network(networks::Family family, int scale) {
    networks::Network network;
    network.name = "small";
    network.family = family;
    network.scale = scale;
    network.channels = 16;
    network.blocks = 2;
    if (family == networks::Family::edsr)
        network.res_scale = 0.1;
    if (family == networks::Family::rcan) {
        network.residual_groups = 2;
        network.reduction = 4;
    }
    if (family == networks::Family::carn) {
        network.channels = 32;
        network.group_channels = 16;
        network.recursive = true;
        network.range = 1;
    }
    return network;
}

ModelFile make_model(const networks::Network &network) {
    ModelFile model;
    model.network = network;
    model.trained_widths = {network.channels};
    float value = 1;
    for (const networks::TensorShape &shape : networks::tensors(networks::build(network, network.channels))) {
        Tensor &tensor = model.tensors[shape.name];
        tensor.shape.assign(shape.shape.begin(), shape.shape.end());
        size_t count = 1;
        for (const uint64_t dimension : tensor.shape)
            count *= dimension;
        for (size_t i = 0; i < count; i++)
            tensor.data.push_back(value++);
    }
    return model;
}

Q16Width make_ranges(const networks::Network &network, int channels) {
    Q16Width width;
    const networks::Program program = networks::lowered(network, channels);
    for (const networks::Step &step : program.steps)
        if (step.kind == networks::StepKind::conv3x3 || step.kind == networks::StepKind::conv1x1)
            width.ranges[program.filters[static_cast<size_t>(step.filter)].name].resize(
                step.kind == networks::StepKind::conv3x3 ? 36 : 1);
    float value = static_cast<float>(channels);
    for (auto &[name, ranges] : width.ranges)
        for (float &range : ranges)
            range = value += 0.25f;
    width.images = 6;
    width.headroom = 1.25;
    width.tool = "slimscale 1.2.3";
    return width;
}

}  // namespace slimscale::weights
