// What tests see of the stand-in for the library beyond the C API.
#pragma once

extern int slimscale_fake_plans;  // how many plans were made in this process
