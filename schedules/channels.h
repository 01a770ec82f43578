#pragma once

namespace slimscale::schedules {

// Of a convolution.
struct Channels {
    int in, out;
};

}  // namespace slimscale::schedules
