// Loads and stores frames on a device. Host images pass through staging memory and device images are used where they
// lie; the archive's image pipelines convert both. The borders of tensors, which no step on a device writes, are
// cleared here too.
#pragma once

#include "runtime/executor/walk.h"
#include "runtime/gpu/pixels.h"

namespace slimscale::runtime::gpu {

class DeviceFrame final : public FrameSteps {
public:
    // Bytes of staging memory for a frame of width x height pixels in any format and its output: the codes of the input
    // that the output is made from and, unless they lie in the device's memory (`device_images`), both images.
    static size_t staging_bytes(int width, int height, int scale, int colors, bool device_images);

    explicit DeviceFrame(const Execution &execution) : e_(execution) {}
    // Waits, since a frame that failed may still copy to or from the caller's host memory.
    ~DeviceFrame();

    slimscale_status clear_borders(Error &error);

    slimscale_status begin(const slimscale_image &input, const slimscale_image &output, Error &error);
    slimscale_status load(Rows rows, Error &error) override;
    slimscale_status run(const slimscale_step &step, Rows rows, Error &error) override;
    slimscale_status store(Rows rows, Error &error) override;
    slimscale_status end(Error &error);  // waits if host memory is involved

private:
    slimscale_status call(int image_pipeline, Arguments &arguments, Error &error);
    slimscale_status clear(unsigned char *at, int64_t words, int64_t rows, int64_t row_words, Error &error);
    slimscale_status load(const LoadCall &load, int row0, BufferView &output, Error &error);
    slimscale_status load_codes(Error &error);
    slimscale_status store(const StoreCall &store, Rows rows, Error &error);
    // Copies all planes between host memory and staging memory, where the rows of `staged_image` have no gaps.
    slimscale_status copy_planes(Device::Way way, const slimscale_image &host, const slimscale_image &staged_image,
                                 Error &error);
    slimscale_image staged(const slimscale_image &image, unsigned char *memory) const;
    void view_words(BufferView &view, const slimscale_image &image, int component, int first, int count) const;
    unsigned char *code_plane(int component) const;

    const Execution &e_;
    Loading loading_{};  // of images in the device's memory
    Storing storing_{};
    const slimscale_image *host_input_ = nullptr, *host_output_ = nullptr;  // null if the image is in device memory
};

}  // namespace slimscale::runtime::gpu
