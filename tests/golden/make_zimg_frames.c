/* The output of zimg for small frames: chroma enlarged by its siting, YUV as RGB, RGB as YUV. Writes
   tests/golden/data/zimg_frames.txt, which tests/runtime/zimg_test.cpp reads. It is run by hand, with Debian's
   libzimg-dev:

       cc tests/golden/make_zimg_frames.c -lzimg -o make_zimg_frames && ./make_zimg_frames >
   tests/golden/data/zimg_frames.txt

   A line is: kind, subsampling x and y, siting (as slimscale_siting), matrix (as slimscale_matrix), full range, scale;
   the line behind it the values of all planes, floats. Inputs are 14 x 10 pixels of 16-bit codes, zimg_code of each
   plane. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zimg.h>

enum { WIDTH = 14, HEIGHT = 10 };

static const zimg_chroma_location_e kSitings[] = {0, ZIMG_CHROMA_LEFT, ZIMG_CHROMA_CENTER, ZIMG_CHROMA_TOP_LEFT};
static const zimg_matrix_coefficients_e kMatrices[] = {0, ZIMG_MATRIX_BT470_BG, ZIMG_MATRIX_BT709,
                                                       ZIMG_MATRIX_BT2020_NCL};

/* The test has the same function. */
static int zimg_code(int plane, int x, int y) {
    const uint32_t noise = (uint32_t)(plane * 7919 + y * 613 + x + 1) * 2654435761u;
    return 20000 + (int)(noise >> 17);
}

static void must(zimg_error_code_e code) {
    char text[300];
    if (code == ZIMG_ERROR_SUCCESS)
        return;
    zimg_get_last_error(text, sizeof text);
    fprintf(stderr, "zimg: %s\n", text);
    exit(1);
}

struct frame {
    zimg_image_format format;
    void *planes[3];
    ptrdiff_t strides[3];
};

static int columns_of(const struct frame *f, int p) {
    return (int)f->format.width >> (p && f->format.color_family == ZIMG_COLOR_YUV ? f->format.subsample_w : 0);
}
static int rows_of(const struct frame *f, int p) {
    return (int)f->format.height >> (p && f->format.color_family == ZIMG_COLOR_YUV ? f->format.subsample_h : 0);
}

static struct frame new_frame(int width, int height, int sub_x, int sub_y, int siting, int matrix, int full, int rgb,
                              int is_float) {
    struct frame f;
    zimg_image_format_default(&f.format, ZIMG_API_VERSION);
    f.format.width = (unsigned)width;
    f.format.height = (unsigned)height;
    f.format.pixel_type = is_float ? ZIMG_PIXEL_FLOAT : ZIMG_PIXEL_WORD;
    f.format.subsample_w = sub_x == 2;
    f.format.subsample_h = sub_y == 2;
    f.format.color_family = rgb ? ZIMG_COLOR_RGB : ZIMG_COLOR_YUV;
    f.format.matrix_coefficients = rgb ? ZIMG_MATRIX_RGB : kMatrices[matrix];
    f.format.depth = is_float ? 32 : 16;
    f.format.pixel_range = full || rgb ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED;
    f.format.chroma_location = kSitings[siting];
    for (int p = 0; p < 3; p++) {
        f.strides[p] = (columns_of(&f, p) * (is_float ? 4 : 2) + 63) / 64 * 64;
        f.planes[p] = aligned_alloc(64, (size_t)(f.strides[p] * rows_of(&f, p)));
        for (int y = 0; y < rows_of(&f, p) && !is_float; y++)
            for (int x = 0; x < columns_of(&f, p); x++)
                ((uint16_t *)((char *)f.planes[p] + y * f.strides[p]))[x] = (uint16_t)zimg_code(p, x, y);
    }
    return f;
}

static void convert(const struct frame *from, struct frame *to) {
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.resample_filter = params.resample_filter_uv = ZIMG_RESIZE_BICUBIC;
    params.filter_param_a = params.filter_param_a_uv = 0;
    params.filter_param_b = params.filter_param_b_uv = 0.5;
    params.cpu_type = ZIMG_CPU_NONE;
    zimg_filter_graph *graph = zimg_filter_graph_build(&from->format, &to->format, &params);
    if (!graph)
        must(ZIMG_ERROR_UNKNOWN);
    size_t bytes = 0;
    must(zimg_filter_graph_get_tmp_size(graph, &bytes));
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    zimg_image_buffer_const in = {ZIMG_API_VERSION, {{0, 0, 0}}};
    zimg_image_buffer out = {ZIMG_API_VERSION, {{0, 0, 0}}};
    for (int p = 0; p < 3; p++) {
        in.plane[p].data = from->planes[p];
        in.plane[p].stride = from->strides[p];
        in.plane[p].mask = ZIMG_BUFFER_MAX;
        out.plane[p].data = to->planes[p];
        out.plane[p].stride = to->strides[p];
        out.plane[p].mask = ZIMG_BUFFER_MAX;
    }
    must(zimg_filter_graph_process(graph, &in, &out, scratch, 0, 0, 0, 0));
    zimg_filter_graph_free(graph);
    free(scratch);
}

static void print(const struct frame *f, int first) {
    for (int p = first; p < 3; p++)
        for (int y = 0; y < rows_of(f, p); y++)
            for (int x = 0; x < columns_of(f, p); x++)
                printf("%.6f ", (double)((float *)((char *)f->planes[p] + y * f->strides[p]))[x]);
    printf("\n");
}

static void run(const char *kind, int sub_x, int sub_y, int siting, int matrix, int full, int scale) {
    const int enlarge = strcmp(kind, "chroma") == 0, to_rgb = strcmp(kind, "rgb") == 0;
    struct frame in = new_frame(WIDTH, HEIGHT, enlarge || to_rgb ? sub_x : 1, enlarge || to_rgb ? sub_y : 1, siting,
                                matrix, full, !enlarge && !to_rgb, 0);
    struct frame out = new_frame(WIDTH * scale, HEIGHT * scale, to_rgb ? 1 : sub_x, to_rgb ? 1 : sub_y, siting, matrix,
                                 full, to_rgb, 1);
    convert(&in, &out);
    printf("%s %d %d %d %d %d %d\n", kind, sub_x, sub_y, siting, matrix, full, scale);
    print(&out, enlarge ? 1 : 0);
    for (int p = 0; p < 3; p++) {
        free(in.planes[p]);
        free(out.planes[p]);
    }
}

int main(void) {
    for (int siting = 1; siting <= 3; siting++)
        for (int sub_y = 1; sub_y <= 2; sub_y++) {
            for (int scale = 2; scale <= 4; scale++)
                run("chroma", 2, sub_y, siting, 1, 0, scale);
            run("rgb", 2, sub_y, siting, 1 + (siting + sub_y) % 3, siting == 2, 1);
            run("yuv", 2, sub_y, siting, 1 + (siting + sub_y) % 3, siting == 2, 1);
        }
    return 0;
}
