// Linked into a program that runs one thread, lets it use the targets that need AMX, in software where the processor
// lacks it.
#include "runtime/platform/amx.h"
#include "tests/emulation/amx.h"
#include "tests/emulation/jumps.h"

// In the place of the library's own.
extern "C" int slimscale_amx_of_processor() {
    slimscale::test::emulate_by_jumps(true);
    return slimscale::test::emulate_amx();
}
extern "C" int slimscale_amx_of_kernel() {
    return 0;
}
