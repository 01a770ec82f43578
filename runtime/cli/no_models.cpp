// The registry of a build without generated models: the tool says what to do.
#include "runtime/cli/registry.h"

extern "C" const slimscale_model *const slimscale_models[] = {nullptr};
