// Linked into examples/cuda_stream.c: at its end, says what the stand-in for CUDA's driver saw.
#include "tests/cuda/fake_cuda.h"

#include <cstdio>

namespace {

struct AtTheEnd {
    ~AtTheEnd() {
        const FakeCuda &seen = *fake_cuda();
        std::fprintf(stderr, "%d copies, %d waits, %d streams and %d contexts left, %d faults %s, %s\n", seen.copies,
                     seen.synchronizes, seen.streams, seen.contexts_retained, seen.faults, seen.fault,
                     seen.launches > 0 ? "launched" : "nothing launched");
    }
} at_the_end;

}  // namespace
