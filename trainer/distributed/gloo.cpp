#define USE_C10D_GLOO  // LibTorch was built with it; its headers show the class only then

#include "trainer/distributed/gloo.h"

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

namespace slimscale::trainer {
namespace {

using c10d::ProcessGroupGloo;

bool is_loopback(const std::string &host) {
    return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

}  // namespace

c10::intrusive_ptr<c10d::Backend> connect_gloo(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size,
                                               const std::string &master, std::chrono::milliseconds patience) {
    auto options = is_loopback(master) ? ProcessGroupGloo::Options::create(patience)
                                       : ProcessGroupGloo::Options::create_default(patience);
    if (options->devices.empty())
        options->devices.push_back(ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    return c10::make_intrusive<ProcessGroupGloo>(store, rank, size, options);
}

}  // namespace slimscale::trainer
