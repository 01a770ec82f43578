// Reads a file of torch.save: a zip archive, or the older form, with a pickle inside. Nothing in it is run.
#include "tests/fuzz/tensors_fuzz.h"
#include "weights/torch_file.h"

using namespace slimscale;
using namespace slimscale::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)is_torch_file(data, size);
    expect_sound_tensors(parse_torch_file(data, size));
    return 0;
}
