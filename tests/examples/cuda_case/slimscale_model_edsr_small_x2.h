// In the place of the header of an archive that `make generate TARGET=cuda` makes: a small network with kernels.
#include <slimscale_model_cuda_case.h>

#define slimscale_model_edsr_small_x2 slimscale_model_cuda_case
