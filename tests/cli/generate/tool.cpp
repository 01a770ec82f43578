// Prints the models that it holds, a line each.
#include <cstdio>

#include <slimscale/slimscale.h>

extern "C" const slimscale_model *const slimscale_models[];
#ifdef SLIMSCALE_NO_MODELS
const slimscale_model *const slimscale_models[] = {nullptr};
#endif

int main() {
    for (const slimscale_model *const *model = slimscale_models; *model; model++)
        std::puts((*model)->text);
}
