// The compiled models of this build, a null-terminated list that the build writes beside the generated archives.
#pragma once

#include "slimscale/slimscale.h"

extern "C" const slimscale_model *const slimscale_models[];
