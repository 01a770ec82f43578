// What the tests of weights/ share: file contents built by hand, and models with distinct values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "networks/networks.h"
#include "weights/model_file.h"

namespace slimscale::weights {

using Bytes = std::vector<uint8_t>;

// A safetensors file of the header's length, the header, and `data_bytes` bytes 0, 1, 2, ...
Bytes safetensors_bytes(const std::string &header, size_t data_bytes);

// A small network of the family: EDSR and RCAN with 16 channels, CARN-M with two groups of 16.
networks::Network small_network(networks::Family family, int scale = 2);

// A model, trained at the full width, whose values occur once each (for up to 2^24 values).
ModelFile make_model(const networks::Network &network);

// Ranges of one width, with distinct values, for every convolution that has some, in the order of their names.
Q16Width make_ranges(const networks::Network &network, int channels);

}  // namespace slimscale::weights
