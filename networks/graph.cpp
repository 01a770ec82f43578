#include "networks/graph.h"

namespace slimscale::networks {

const char *name_of(Op op) {
    switch (op) {
    case Op::input:
        return "input";
    case Op::conv:
        return "conv";
    case Op::relu:
        return "relu";
    case Op::prelu:
        return "prelu";
    case Op::sigmoid:
        return "sigmoid";
    case Op::add:
        return "add";
    case Op::scale:
        return "scale";
    case Op::global_average_pool:
        return "global_average_pool";
    case Op::mul:
        return "mul";
    case Op::concat:
        return "concat";
    case Op::shuffle:
        return "shuffle";
    case Op::repeat:
        return "repeat";
    }
    return "unknown";
}

}  // namespace slimscale::networks
