// What AMX needs besides instructions: the operating system's permission, which Linux gives to a process on request.
//
// The kernel saves 8 KB more for a thread that uses tiles, on its alternate signal stack too where it has one. So it
// refuses while any thread of the process has such a stack below AT_MINSIGSTKSZ with tiles (8,192 bytes, the old
// SIGSTKSZ, is too little), and once it has permitted, sigaltstack() fails with ENOMEM for stacks of that size. Neither
// CPUID nor XCR0 tells whether it will permit. A permission holds for all threads, until the process ends.
#pragma once

#include "runtime/platform/error.h"

namespace slimscale::runtime {

// Asks for permission. SLIMSCALE_UNSUPPORTED_TARGET, with the reason, if the kernel refuses. Called only when a target
// that needs AMX is opened; may be called again, and by several threads.
slimscale_status permit_amx(Error &error);

// Whether permit_amx failed in this process when it was called last.
bool amx_refused();

}  // namespace slimscale::runtime

// What the functions above and detect_cpu() ask. They are weak symbols, so that tests put an emulation in the place of
// the processor and an answer in the place of the kernel's.
extern "C" {

// Whether the processor has AMX in bf16 and bytes and what else Sapphire Rapids has that compiled code may use, and the
// operating system saves tiles.
int slimscale_amx_of_processor();

// 0, or the number of the error with which the kernel refuses.
int slimscale_amx_of_kernel();
}
