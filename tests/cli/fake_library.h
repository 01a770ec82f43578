// The part of the stand-in for the library that tests use beside the C API.
#pragma once

extern int slimscale_fake_plans;  // number of plans made in this process
extern int slimscale_fake_rows;   // number of frames in rows begun in this process
