// Prints a compiled model's targets, and for each pipeline of a GPU the kind of code for each architecture: "PTX",
// "cubin <SM>" or what is wrong. It reads tables and calls no function in them, so it is linked without a runtime.
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "contract/model.h"

enum { kElfMachineCuda = 190, kNewerAbi = 8 };  // ptxas 13 writes the newer ABI: the architecture is a byte higher

const struct slimscale_model *MODEL(void);

// Whether `text` is PTX that ends with a zero byte, which `size` counts.
static int is_ptx(const char *text, uint64_t size) {
    return size > 1 && strlen(text) == size - 1 && strstr(text, ".version") && strstr(text, ".entry");
}

static void print_code(const slimscale_code *code) {
    Elf64_Ehdr header;
    if (code->size < sizeof header) {
        printf(" none");
        return;
    }
    memcpy(&header, code->data, sizeof header);
    if (!memcmp(header.e_ident, ELFMAG, SELFMAG) && header.e_machine == kElfMachineCuda && header.e_shoff < code->size)
        printf(" cubin %u", (header.e_ident[EI_ABIVERSION] < kNewerAbi ? header.e_flags : header.e_flags >> 8) & 0xff);
    else
        printf(is_ptx(code->data, code->size) ? " PTX" : " neither PTX nor cubin");
}

static void print_target(const struct slimscale_model *model, const slimscale_compiled_target *target) {
    const int more =
        target->device == SLIMSCALE_DEVICE_CPU ? 0 : SLIMSCALE_IMAGE_PIPELINES + target->winograd_pipelines;
    const int pipelines = model->pipeline_count + more;
    printf("%s: device %d, data type %d", target->name, target->device, target->data_type);
    for (int k = 0; k < target->architecture_count; k++)
        printf(", %d", target->architectures[k]);
    printf("\n");
    for (int i = 0; i < pipelines && target->architecture_count > 0; i++) {
        printf("pipeline %d:", i);
        for (int k = 0; k < target->architecture_count; k++)
            print_code(&target->code[i * target->architecture_count + k]);
        printf(target->pipelines[i] ? "\n" : " no function\n");
    }
}

int main(void) {
    const struct slimscale_model *model = MODEL();
    for (int i = 0; i < model->target_count; i++)
        print_target(model, &model->targets[i]);
    return 0;
}
