// What a target makes of a built-in picture, against the plainest target that this machine runs.
#pragma once

#include "runtime/platform/error.h"

namespace slimscale::runtime {

// Of one target by name: what slimscale_self_test says of it.
void test_target(const slimscale_model &model, const slimscale_options &options, const char *target,
                 slimscale_self_test_result &result);

// slimscale_open with options.self_test: "auto" goes on to the next target where one fails, and `error` then says so.
slimscale_status open_tested(const slimscale_model &model, const slimscale_options &options, slimscale_handle **out,
                             Error &error);

}  // namespace slimscale::runtime
