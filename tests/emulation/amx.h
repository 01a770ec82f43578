// AMX in software, for processors that lack it: the machine code of the library runs as it ships.
#pragma once

namespace slimscale::test {

// Executes the tile instructions that this process meets from now on, in any thread, by a handler of SIGILL. Other
// instructions that the processor lacks go to the handler that was there before. Returns whether code for AMX targets
// can run now: false where the processor lacks one of their other instructions. May be called again, which test
// programs whose framework sets handlers of its own must do in each case. Where the processor has AMX nothing is
// emulated.
bool emulate_amx();

// The number of tile instructions that were executed so; 0 where the processor has AMX itself.
long emulated_instructions();

// Whether the calling thread holds a tile configuration that was loaded and not released.
bool holds_tiles();

}  // namespace slimscale::test
