// A file of torch.save: a zip archive or the form before it, with a pickle inside. Nothing in it is run.
#include "tests/fuzz/tensors_fuzz.h"
#include "weights/torch_file.h"

using namespace slimscale;
using namespace slimscale::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)is_torch_file(data, size);
    const Result<Safetensors> file = parse_torch_file(data, size);
    expect_sound_tensors(file);
    if (!file)
        return 0;
    return 0;
}
