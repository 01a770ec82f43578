// The program of a network or a graph; a test fails if it has none.
#pragma once

#include "networks/program.h"
#include "tests/catch.h"

namespace slimscale::networks {

template <typename... Arguments>
Program lowered(const Arguments &...arguments) {
    Result<Program> program = lower(arguments...);
    REQUIRE(program.error() == "");
    return *std::move(program);
}

}  // namespace slimscale::networks
