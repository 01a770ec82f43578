// LibTorch's Gloo: collective operations over TCP on tensors in memory.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <string>

namespace slimscale::trainer {

// Connects to all other processes within `patience`, which also limits every later operation until setTimeout. On one
// machine (`master` is a loopback address) it uses the loopback interface, else GLOO_SOCKET_IFNAME or the address of
// this machine's name. Throws what c10d throws.
c10::intrusive_ptr<c10d::Backend> connect_gloo(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size,
                                               const std::string &master, std::chrono::milliseconds patience);

}  // namespace slimscale::trainer
