// Reads a weights file: safetensors with or without this project's metadata. A file that is accepted is consistent, can
// be written and read again, and packs into a blob that opens.
#include "contract/blob_view.h"
#include "tests/fuzz/tensors_fuzz.h"
#include "weights/import.h"
#include "weights/model_file.h"
#include "weights/pack.h"
#include "weights/safetensors.h"

using namespace slimscale;
using namespace slimscale::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const Result<Safetensors> file = parse_safetensors(data, size);
    expect_sound_tensors(file);
    if (!file)
        return 0;
    const Result<ModelFile> model = parse_model(data, size);
    FUZZ_EXPECT(model.ok() || !model.error().empty());
    if (!model)
        return 0;
    const Result<std::vector<uint8_t>> written = serialize_model(*model);
    FUZZ_EXPECT(written.ok());
    FUZZ_EXPECT(parse_model(written->data(), written->size()).ok());
    const Result<std::vector<uint8_t>> blob = pack(*model);
    if (blob) {
        BlobView view;
        FUZZ_EXPECT(open_blob(blob->data(), blob->size(), &view) == nullptr);
    }
    return 0;
}
