// What the tests of weights/ share: file bytes built by hand, models with distinct values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "networks/networks.h"
#include "weights/model_file.h"

namespace slimscale::weights {

using Bytes = std::vector<uint8_t>;

// Header length, header, `data_bytes` bytes 0, 1, 2, ...
Bytes safetensors_bytes(const std::string &header, size_t data_bytes);

// A small network of the family: EDSR and RCAN with 16 channels, CARN-M with two groups of 16.
networks::Network small_network(networks::Family family, int scale = 2);

// Every tensor filled with values that occur once in the model (up to 2^24 of them), trained at the full width.
ModelFile make_model(const networks::Network &network);

// Ranges of one width, each value once: of every convolution that runs as Winograd's, in the order of their names.
Q16Width make_ranges(const networks::Network &network, int channels);

}  // namespace slimscale::weights
