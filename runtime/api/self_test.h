// Compares a target's outputs for a built-in picture with what the weights hold of it (contract/self_test.h); at
// channel counts that they hold nothing for, with those of the plainest target that this machine runs.
#pragma once

#include "contract/model.h"
#include "runtime/platform/error.h"

namespace slimscale::runtime {

// Tests one of the model's targets, and sets the result as slimscale_self_test does.
void test_target(const slimscale_model &model, const slimscale_options &options,
                 const slimscale_compiled_target &target, slimscale_self_test_result &result);

// slimscale_open with options.self_test. If a target of "auto" fails, the next one is opened, and `error` says so.
slimscale_status open_tested(const slimscale_model &model, const slimscale_options &options, slimscale_handle **out,
                             Error &error);

}  // namespace slimscale::runtime
