// A host application's own Halide pipeline. Its parallel loop and its heap allocation need the host's runtime.
#include <Halide.h>

namespace {

class HostPipeline : public Halide::Generator<HostPipeline> {
public:
    Input<Buffer<float, 2>> input_{"input"};
    Output<Buffer<float, 2>> output_{"output"};

    void generate() {
        Halide::Var x("x"), y("y");
        Halide::Func doubled("doubled");
        doubled(x, y) = 2 * input_(x, y);
        output_(x, y) = doubled(x, y) + 1;
        doubled.compute_root();
        output_.parallel(y);
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(HostPipeline, host_pipeline)
