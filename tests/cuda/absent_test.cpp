// Prints the target that "auto" takes and what is said of "cuda": run with several libcuda.so.1, or none, in its way.
#include <cstdio>

#include "slimscale/slimscale.h"
#include "slimscale_model_cuda_case.h"

int main() {
    char text[300] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = 1;
    slimscale_handle *s = nullptr;
    slimscale_describe_target(slimscale_model_cuda_case(), "cuda", text, sizeof text);
    const slimscale_status status = slimscale_open(slimscale_model_cuda_case(), &options, &s);
    std::printf("%s: %s; %s\n", status == SLIMSCALE_OK ? "opened" : "refused", s ? slimscale_target(s) : "-", text);
    slimscale_close(s);
    return status == SLIMSCALE_OK ? 0 : 1;
}
