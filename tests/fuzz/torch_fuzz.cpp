// A file of torch.save: a zip archive or the form before it, with a pickle inside. Nothing in it is run.
#include "tests/fuzz/fuzz.h"
#include "weights/torch_file.h"

using namespace slimscale;
using namespace slimscale::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)is_torch_file(data, size);
    const Result<Safetensors> file = parse_torch_file(data, size);
    FUZZ_EXPECT(file.ok() || !file.error().empty());
    if (!file)
        return 0;
    for (const auto &[name, tensor] : file->tensors) {
        uint64_t count = 1;
        for (const uint64_t extent : tensor.shape)
            count *= extent;
        FUZZ_EXPECT(tensor.data.size() == count);
    }
    return 0;
}
