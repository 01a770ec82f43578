// The compiled models of this build, null-terminated: written by the build beside the generated archives.
#pragma once

#include "slimscale/slimscale.h"

extern "C" const slimscale_model *const slimscale_models[];
