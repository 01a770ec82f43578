#pragma once

namespace slimscale::schedules {

// The channels of a convolution.
struct Channels {
    int in, out;
};

}  // namespace slimscale::schedules
