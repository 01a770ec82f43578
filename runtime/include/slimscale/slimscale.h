// slimscale: compiled super-resolution at several widths. The C API of the static library.
//
//     extern const slimscale_model *slimscale_model_carn_m_x2(void);          // one archive, one symbol
//
//     slimscale_handle *s = NULL;
//     slimscale_options options = SLIMSCALE_OPTIONS_INIT;
//     slimscale_open(slimscale_model_carn_m_x2(), &options, &s);              // validates, allocates, packs filters
//     slimscale_plan(s, width, height);                                       // sizes the workspace, allocates it
//     slimscale_request request = SLIMSCALE_REQUEST_INIT;                     // as many channels as are trained
//     slimscale_run(s, &request, &low_resolution, &high_resolution, NULL);    // allocates nothing
//     slimscale_close(s);
//
// Rules that hold for every function:
// - Nothing is printed, nothing aborts, nothing throws. A failure returns a status; slimscale_error(s) has the sentence
//   that says what to do, slimscale_status_text(status) the general one.
// - Options, requests, images, reports and infos start with `size`, filled by their _INIT macros or by hand: fields
//   added later are read and written only if they are there. One of size 0 was not set up, and is refused. Allocator,
//   thread pool, cost and profile never change.
// - A handle is used by one thread at a time; different handles are independent. There is no global state.
// - Pointers given in are borrowed for the call, except where "kept" is said: those must outlive the handle.
// - Results do not depend on threads, bands or memory cap: equal input, channels and target give equal bytes, on
//   threads whose floating-point environment is the default one (rounding to nearest).
// - Threads of the library's own take no signals that are sent to the process (faults and SIGPROF apart). No function
//   takes more than 128 KB of the calling thread's stack.
//
// Words: `channels` is the slimming axis, the number of feature channels of the network that runs; one file holds
// networks of several channel counts, called its widths. `width` and `width_px` always count pixels. A profile holds
// times measured on a machine; calibration, of weights, is about the ranges of fixed-point arithmetic (q16, int8).

#ifndef SLIMSCALE_H
#define SLIMSCALE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLIMSCALE_VERSION_MAJOR 0  // of this header and its library
#define SLIMSCALE_VERSION_MINOR 1  // before 1.0 another one may have other functions and structs
#define SLIMSCALE_VERSION_PATCH 0  // another one has the same

typedef struct slimscale_handle slimscale_handle;    // a model opened for one user; opaque
typedef struct slimscale_model slimscale_model;      // what slimscale_model_<name>() returns; opaque, static, read-only
typedef struct slimscale_profile slimscale_profile;  // times measured on a machine; "Dispatch on requested speed"

// The outcome of a call.
typedef enum slimscale_status {
    SLIMSCALE_OK = 0,                  // done as asked
    SLIMSCALE_INVALID_ARGUMENT = 1,    // a null pointer, a size of zero, a stride too short, an unknown enum value
    SLIMSCALE_INVALID_MODEL = 2,       // archive built for another library version, or damaged weights
    SLIMSCALE_UNKNOWN_CHANNELS = 3,    // a channel count that is not compiled in, or not opened
    SLIMSCALE_UNTRAINED_CHANNELS = 4,  // compiled in, but the weights are not trained at it (options.allow_untrained)
    SLIMSCALE_UNSUPPORTED_TARGET = 5,  // target name unknown, not compiled in, or not run by this machine
    SLIMSCALE_OUT_OF_MEMORY = 6,       // the allocator returned null; the handle stays usable as it was before the call
    SLIMSCALE_OVER_MEMORY_CAP = 7,     // options.memory_cap is too small; the text names the size that would do
    SLIMSCALE_NOT_PLANNED = 8,         // slimscale_run on a size that slimscale_plan was not called for
    SLIMSCALE_NOT_PROFILED = 9,        // a speed was requested and no profile was given
    SLIMSCALE_INVALID_PROFILE = 10,    // a profile of another machine, model or version
    SLIMSCALE_PIPELINE_FAILED = 11,  // a compiled pipeline refused its buffers: a defect of this library, please report
    SLIMSCALE_DEVICE_FAILED = 12,    // the GPU's driver refused or failed; slimscale_error has the driver's own words
    SLIMSCALE_CANCELLED = 13,  // slimscale_cancel, a progress function, or a fork ended the frame before it was whole
    SLIMSCALE_BUSY = 14,       // frames are in flight: wait for them; or rows of one: end it
    SLIMSCALE_SELF_TEST_FAILED = 15,       // a target computes wrongly (options.self_test)
    SLIMSCALE_STATUS_LARGEST = 0x7fffffff  // no status: later versions' numbers are values of this type too
} slimscale_status;

// One general sentence per status; never null, also for values that are no status.
const char *slimscale_status_text(slimscale_status status);

// The sentence for the last failed call on this handle ("" if none failed yet). Lives until the next call on the
// handle. For a failed slimscale_open there is no handle: give options.error_text.
const char *slimscale_error(const slimscale_handle *s);

// ---- Memory and threads are the caller's --------------------------------------------------------------------------

// `allocate` returns memory of `alignment` (a power of two, at most 4096) or null; `release` takes what it returned.
// Called by slimscale_open, slimscale_plan, slimscale_begin_rows, slimscale_measure_profile, slimscale_self_test and
// slimscale_close only, from the calling thread.
typedef struct slimscale_allocator {
    void *opaque;                                                     // handed to both functions
    void *(*allocate)(void *opaque, size_t bytes, size_t alignment);  // null where there is no memory
    void (*release)(void *opaque, void *memory);                      // `memory` is never null
} slimscale_allocator;

// Runs task(task_data, index, worker) for every index in [0, count), in any order and on any threads, and returns when
// all are done. `worker` is in [0, workers) and no two tasks that run at the same time have the same one. A frame on a
// processor is one such loop with an index per worker: each takes rows from what is left of the frame, and returns when
// there is nothing left, so that one which starts late, or after the others, does no harm. A task may sleep until rows
// that another one computes are there.
typedef struct slimscale_thread_pool {
    void *opaque;  // handed to `run`
    int workers;   // at least 1
    // Returns when all tasks have.
    void (*run)(void *opaque, int count, void (*task)(void *task_data, int index, int worker), void *task_data);
} slimscale_thread_pool;

// ---- Open -----------------------------------------------------------------------------------------------------------

// How a model is opened. SLIMSCALE_OPTIONS_INIT are the defaults, and zero is the default of every field.
typedef struct slimscale_options {
    size_t size;
    // "auto" or null: the best that this machine runs ("Which target" below); else "avx2", "baseline", "neon", "cuda",
    // ... Of calibrated weights that may be "avx512_q16", whose convolutions between features multiply 16-bit integers;
    // "avx512" keeps f32.
    // "amx_int8", whose 3x3 convolutions multiply bytes, is less exact than all others and taken by its name alone.
    const char *target;
    const int *channels;  // channel counts to open, e.g. {16, 64}; null: all that are compiled and trained
    int channels_length;  // number of entries of `channels`
    int allow_untrained;  // 1: open channel counts that the weights file does not list as trained
    int threads;          // of the library's own pool; 0: slimscale_default_threads(). Ignored with a pool
    const slimscale_thread_pool *pool;     // kept (the struct is copied, opaque is kept); null: the library's own
    const slimscale_allocator *allocator;  // kept likewise; null: aligned malloc
    const void *weights;  // a packed blob for this network; kept. null: the one linked into the archive
    size_t weights_size;  // bytes of `weights`
    size_t memory_cap;    // bytes that a plan may hold (a re-plan holds two for a moment); 0: no cap
    int band_rows;        // low-resolution rows per band, a multiple of 4; 0: chosen by the plan; -1: whole frame
    char *error_text;     // receives slimscale_open's sentence, on success "" or what "auto" passed over; may be null
    size_t error_text_size;  // bytes at `error_text`, its zero included
    int device;  // GPU targets: which of the machine's devices, from 0; with a context or stream theirs is taken
    void *cuda_context;  // kept: the caller's CUcontext; null: the stream's, or the device's primary one until close
    void *cuda_stream;   // kept: the caller's CUstream (cudaStream_t); null: a non-blocking one of the handle's own
    int device_images;   // 1: all images will lie in device memory; the plan then has no staging for them
    // Of the library's own threads (not the caller's, and none of a pool): thread i runs on processors[i modulo
    // processor_count] alone; null: where the calling thread may. They are worker 1 to threads - 1, and 0 the thread
    // that frames are submitted to.
    const int *processors;
    int processor_count;      // number of entries of `processors`
    const char *thread_name;  // "<thread_name>/<i>", cut at 15 characters; null: "slimscale/<i>"
    // 1: the target is tested as slimscale_self_test does; "auto" passes over one that fails (error_text names it), a
    // named one is refused with SLIMSCALE_SELF_TEST_FAILED. Takes the time of two opens, and memory for two handles;
    // one more of both for weights without stored values.
    int self_test;
    // 1: "auto" takes no target that needs AMX ("amx_bf16"), and the kernel is not asked for it. Otherwise opening such
    // a target asks Linux to permit AMX to this process, for good: sigaltstack() then fails for stacks below
    // AT_MINSIGSTKSZ bytes, which is more than the 8,192 of the old SIGSTKSZ. Where a thread has such a stack already,
    // or a filter of system calls forbids it, the kernel refuses; "auto" goes on to the next target (error_text says
    // why).
    int leave_amx;
    // For "auto" on a processor: times that this machine was seen to take, by which each channel count gets its fastest
    // target. Read during the call. One of another machine, model or version is left aside, and error_text says so.
    // null: the archive's order decides.
    const slimscale_profile *profile;
    // For "auto": the PSNR in dB that a target's arithmetic may cost (slimscale_loss_db). 0: SLIMSCALE_LOSS_DB;
    // SLIMSCALE_NO_LOSS, or any other negative number: none, which leaves targets in f32.
    double loss_db;
} slimscale_options;
#define SLIMSCALE_LOSS_DB 0.01    // options.loss_db unless it is set: no picture shows it
#define SLIMSCALE_NO_LOSS (-1.0)  // f32 alone
// Opens all trained channel counts on the best target.
#define SLIMSCALE_OPTIONS_INIT \
    {sizeof(slimscale_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0}

// Checks model, weights and machine, transforms the filters for the chosen target. *out is null on failure.
slimscale_status slimscale_open(const slimscale_model *model, const slimscale_options *options, slimscale_handle **out);
void slimscale_close(slimscale_handle *s);  // null is fine

// ---- What is inside -------------------------------------------------------------------------------------------------

// What an archive holds.
typedef struct slimscale_model_info {
    size_t size;
    const char *name;            // "carn_m_x2"
    const char *network;         // "carn_m"
    int scale;                   // output pixels per input pixel, each way
    int colors;                  // 3: RGB, 1: luma
    int max_channels;            // of the trained network; the compiled ones may all have fewer
    int channels_length;         // number of entries of `channels`
    const int *channels;         // compiled channel counts, ascending
    const uint8_t *trained;      // one per entry of `channels`: 1 if the linked weights are trained at it
    int target_count;            // compiled targets, best first
    const char *const *targets;  // their names: "avx2"
    const uint8_t *runnable;     // one per target: 1 if this machine can run it
} slimscale_model_info;

// Needs no handle. The pointers are static, except `trained` and `runnable`, which lie in `storage`
// (channels_length + target_count bytes of it, at most 64).
slimscale_status slimscale_describe(const slimscale_model *model, slimscale_model_info *info, uint8_t storage[64]);

// Whether this machine runs the model's `target`, and on what: "NVIDIA GeForce RTX 3090, compute capability 8.6, ...",
// or why not, as a sentence, with SLIMSCALE_UNSUPPORTED_TARGET. `text` receives it, cut at text_size. `device`: which
// GPU, from 0. Like slimscale_describe, it loads the driver's library where the archive has such a target.
slimscale_status slimscale_describe_target(const slimscale_model *model, const char *target, int device, char *text,
                                           size_t text_size);

// 1 if the linked weights hold activation ranges for the fixed-point data type q16 at `channels`, 0 if they are not
// calibrated there. See "Ranges" below.
int slimscale_has_ranges(const slimscale_model *model, int channels);

// **Which target.** A named target is taken or refused. "auto" has to do with the archive's targets that this machine
// runs, whose arithmetic costs at most options.loss_db and, of q16, whose ranges the weights hold. It takes the first
// of them in the archive's order, for all opened channel counts. If that is a processor's and there is options.profile,
// each channel count gets, of such targets of the processor, the one that is fastest in frames of 640x360 by the
// profile's rows for the handle's number of threads. A target without a row is not taken for that, and where the first
// in the order has none, it stays: a profile only ever replaces what it shows to be slower. Opening measures nothing.
// The choice holds until slimscale_close, so equal input and channels give equal bytes on a handle; with two data types
// in use it holds the filters in both. Reports name the target of each frame.
const char *slimscale_target(const slimscale_handle *s);  // the target in use at the most channels: "avx2"

// Why a channel count runs on its target.
typedef enum slimscale_target_reason {
    SLIMSCALE_TARGET_NAMED = 0,   // options.target names it
    SLIMSCALE_TARGET_ORDER = 1,   // the first in the archive's order; there is no profile, or none that has its row
    SLIMSCALE_TARGET_FASTEST = 2  // the fastest by the profile
} slimscale_target_reason;

// "the fastest by the profile"; never null.
const char *slimscale_target_reason_text(slimscale_target_reason reason);

// The target that runs opened `channels`, and why (`reason` may be null); "" and an untouched *reason if they are not
// opened. The name is static.
const char *slimscale_target_at(const slimscale_handle *s, int channels, slimscale_target_reason *reason);

// The most PSNR in dB that the arithmetic of a target of this name costs against f32, in the mean over a test set
// (Set5, BSD100) at any channel count: 0 of f32; 0.002 of q16 (of calibrated weights) and of f16, 0.003 of bf16, 0.02
// of int8 (of calibrated weights), which "auto" never takes.
// Negative for a name that is none of a target.
double slimscale_loss_db(const char *target);

const char *slimscale_machine(void);  // the processor's own name, or "unknown"; static
// Threads of a handle that is opened with options.threads = 0, on a processor: as many as the process may use, by its
// affinity mask and the smallest quota of the control groups that it runs in.
int slimscale_default_threads(void);
const char *slimscale_device(const slimscale_handle *s);  // what it runs on: slimscale_machine(), or the GPU's name
void *slimscale_cuda_stream(const slimscale_handle *s);   // the CUstream that it enqueues on; null without CUDA

// ---- Plan -----------------------------------------------------------------------------------------------------------

// Sizes and allocates the workspace for frames of width x height (low-resolution pixels, from 1x1 up), for all opened
// channel counts. Calling it again with another size re-plans, with the same one it does nothing; on failure the
// earlier plan stays. On a GPU a new plan, and slimscale_close, wait for what is enqueued on the handle's stream. Whole
// frames run there if the device has room (and band_rows is 0), else bands.
slimscale_status slimscale_plan(slimscale_handle *s, int width, int height);

// What a plan takes.
typedef struct slimscale_plan_info {
    size_t size;
    size_t workspace_bytes;  // activations, bands and scratch; on a GPU nearly all of it is the device's memory
    size_t weights_bytes;    // packed filters, allocated by slimscale_open; on a GPU in its memory
    int band_rows;           // low-resolution rows per band at the most channels; the frame's height if it is one
    int halo_px;  // low-resolution pixels on each side that a result depends on; RCAN's mean of the frame apart
} slimscale_plan_info;

// Of the plan that the handle has. SLIMSCALE_NOT_PLANNED before the first.
slimscale_status slimscale_plan_describe(const slimscale_handle *s, slimscale_plan_info *info);

// ---- Run ------------------------------------------------------------------------------------------------------------

// Components are integers in native byte order, full scale is white, unless said otherwise. YUV is Y'CbCr. Where chroma
// is subsampled, its planes have sizes rounded up: 4:2:0 and 4:2:2 take frames of any size, one pixel included. What of
// a word is beyond a component's bits is ignored in inputs and 0 in outputs.
typedef enum slimscale_format {
    SLIMSCALE_RGB8 = 0,   // 3 bytes per pixel
    SLIMSCALE_RGBA8 = 1,  // 4 bytes, straight alpha; alpha is upscaled bicubically, colors by the network
    SLIMSCALE_RGB16 = 2,  // 3 x uint16_t, 0..65535
    SLIMSCALE_RGBA16 = 3,
    SLIMSCALE_PLANAR_F32 = 4,  // 3 (luma network: 1) float planes, R, G, B, 0..1; output is not clamped
    SLIMSCALE_GRAY8 = 5,       // luma networks only, all GRAY formats
    SLIMSCALE_GRAY16 = 6,
    SLIMSCALE_GRAYA8 = 7,  // likewise, with straight alpha
    SLIMSCALE_GRAYA16 = 8,

    SLIMSCALE_BGR8 = 9,
    SLIMSCALE_BGRA8 = 10,
    SLIMSCALE_RGBX8 = 11,  // the fourth byte is ignored in inputs and 255 in outputs
    SLIMSCALE_BGRX8 = 12,
    SLIMSCALE_RGB10A2 = 13,  // uint32_t: R in bits 0..9, G in 10..19, B in 20..29, alpha in 30..31
    SLIMSCALE_BGR10A2 = 14,  // likewise, B in bits 0..9
    SLIMSCALE_RGB_F16 = 15,  // interleaved IEEE halves, 0..1; outputs in floats are not clamped
    SLIMSCALE_RGBA_F16 = 16,
    SLIMSCALE_RGB_F32 = 17,
    SLIMSCALE_RGBA_F32 = 18,
    SLIMSCALE_PLANAR_8 = 19,  // as PLANAR_F32, of uint8_t
    SLIMSCALE_PLANAR_16 = 20,
    SLIMSCALE_PLANAR_F16 = 21,
    SLIMSCALE_GRAY10 = 22,  // in the low bits of uint16_t
    SLIMSCALE_GRAY12 = 23,

    SLIMSCALE_I420 = 24,  // planes Y, U, V; chroma at half the width and height
    SLIMSCALE_I422 = 25,  // at half the width
    SLIMSCALE_I444 = 26,
    SLIMSCALE_I420_10 = 27,  // 10 bits in the low bits of uint16_t
    SLIMSCALE_I422_10 = 28,
    SLIMSCALE_I444_10 = 29,
    SLIMSCALE_I420_12 = 30,
    SLIMSCALE_I422_12 = 31,
    SLIMSCALE_I444_12 = 32,
    SLIMSCALE_I420_16 = 33,
    SLIMSCALE_I422_16 = 34,
    SLIMSCALE_I444_16 = 35,
    SLIMSCALE_NV12 = 36,  // planes Y and U, V, U, V, ...; chroma at half the width and height
    SLIMSCALE_NV21 = 37,  // V before U
    SLIMSCALE_NV16 = 38,  // chroma at half the width
    SLIMSCALE_P010 = 39,  // as NV12, in the high 10 bits of uint16_t
    SLIMSCALE_P012 = 40,
    SLIMSCALE_P016 = 41
} slimscale_format;

// "nv12", "i420_10", "rgb8": what slimscale_parse_format takes; null for a value that is no format. Values run from 0
// without gaps, so that counting up to the first null lists all formats.
const char *slimscale_format_name(slimscale_format format);

// The format of a name, in any case. FFmpeg's and GStreamer's names are known as well where they have the same layout
// ("yuv420p10le", "rgb24", "bgr0", "P010_10LE"). SLIMSCALE_INVALID_ARGUMENT, with *format untouched, for other text.
slimscale_status slimscale_parse_format(const char *name, slimscale_format *format);

// What the components of a format are.
typedef enum slimscale_color_model {
    SLIMSCALE_MODEL_RGB = 0,
    SLIMSCALE_MODEL_YUV = 1,
    SLIMSCALE_MODEL_GRAY = 2,
    SLIMSCALE_MODEL_PLANAR = 3  // three planes RGB with color networks, one gray with luma networks
} slimscale_color_model;

// How a format lays out its pixels.
typedef struct slimscale_format_info {
    size_t size;
    slimscale_color_model model;       // of the components
    int planes;                        // 1 to 3
    int bits;                          // of a color component; 16 and 32 where `floats`
    int shift;                         // of the components in their words: 6 of P010; 0 where they differ
    int word_bytes;                    // 1, 2, 4
    int floats;                        // 1: IEEE halves or floats
    int alpha;                         // 1: the last component is alpha
    int subsampling_x, subsampling_y;  // luma pixels for a chroma sample: 1 or 2
} slimscale_format_info;

// Needs no handle. SLIMSCALE_INVALID_ARGUMENT for a value that is no format.
slimscale_status slimscale_describe_format(slimscale_format format, slimscale_format_info *info);

// Bytes of a row without padding, and rows, of plane `plane` of a frame of width x height pixels. PLANAR formats are
// described with three planes. SLIMSCALE_INVALID_ARGUMENT where there is no such plane.
slimscale_status slimscale_plane_size(slimscale_format format, int width, int height, int plane, size_t *bytes_per_row,
                                      int *rows);

// How YUV is coded. An output that leaves it open takes the input's matrix and range if both are YUV, and the input's
// siting if both have subsampled chroma; everything else that is left open takes the default of the value 0.
typedef enum slimscale_matrix {
    SLIMSCALE_MATRIX_DEFAULT = 0,  // BT.709 of YUV at least 1280 pixels wide or more than 576 high, else BT.601
    SLIMSCALE_MATRIX_BT601 = 1,
    SLIMSCALE_MATRIX_BT709 = 2,
    SLIMSCALE_MATRIX_BT2020 = 3  // non-constant luminance
} slimscale_matrix;

// Which codes are black and white.
typedef enum slimscale_range {
    SLIMSCALE_RANGE_DEFAULT = 0,  // limited of YUV, full of RGB and gray
    SLIMSCALE_RANGE_FULL = 1,     // 0 to 2^n - 1; chroma 0 is 2^(n-1)
    // Black to white is 16 to 235 and chroma 16 to 240, times 2^(n-8); head and foot room is kept.
    SLIMSCALE_RANGE_LIMITED = 2
} slimscale_range;

// Where chroma samples lie among luma's. 4:2:2 takes the horizontal part alone.
typedef enum slimscale_siting {
    SLIMSCALE_SITING_DEFAULT = 0,  // left
    SLIMSCALE_SITING_LEFT = 1,     // on even columns, between two rows: MPEG-2, H.264
    SLIMSCALE_SITING_CENTER = 2,   // between columns and rows: JPEG, MPEG-1
    SLIMSCALE_SITING_TOP_LEFT = 3  // on even columns and rows: UHD
} slimscale_siting;

// Where an image lies.
typedef enum slimscale_memory {
    SLIMSCALE_HOST_MEMORY = 0,
    SLIMSCALE_CUDA_MEMORY = 1  // planes are CUdeviceptr of the handle's context
} slimscale_memory;

// Rows may be padded and may run upwards (negative stride). Strides are in bytes. Planes may lie in separate
// allocations and be windows of larger images; they begin, and strides are, at multiples of the format's words. Not a
// byte outside of the rows is read or written.
//
// The transfer function is left alone: networks see the coded values, as they were trained.
typedef struct slimscale_image {
    size_t size;
    slimscale_format format;  // of all planes
    int width, height;        // pixels
    void *planes[4];          // interleaved formats use planes[0]; input is never written to
    ptrdiff_t strides[4];     // bytes from a row to the next
    slimscale_memory memory;  // where the planes lie; CUDA memory needs a "cuda" target
    slimscale_matrix matrix;  // of YUV; with a luma network also how RGB is taken apart, by default BT.601
    slimscale_range range;    // of integers; floats are full range
    slimscale_siting siting;  // of subsampled chroma
} slimscale_image;
// An RGB8 image in host memory, without sizes and planes.
#define SLIMSCALE_IMAGE_INIT   \
    {sizeof(slimscale_image),  \
     SLIMSCALE_RGB8,           \
     0,                        \
     0,                        \
     {0, 0, 0, 0},             \
     {0, 0, 0, 0},             \
     SLIMSCALE_HOST_MEMORY,    \
     SLIMSCALE_MATRIX_DEFAULT, \
     SLIMSCALE_RANGE_DEFAULT,  \
     SLIMSCALE_SITING_DEFAULT}

// With how many channels a frame is to run, or in which time.
typedef struct slimscale_request {
    size_t size;
    int channels;                      // to run with; 0: the most opened channels that meet the time asked for
    double budget_ms;                  // time for this frame; 0: no limit. Needs a profile
    const slimscale_profile *profile;  // of this machine, model and thread count; may be null without a budget
    // Called after each band (on a GPU: when it is enqueued) with the input rows whose output is complete, of `height`,
    // ascending; the last call has rows = height. A result other than 0 ends the frame with SLIMSCALE_CANCELLED, but
    // for the last call's: that frame is whole. It is called on any of the handle's threads, one call at a time, and
    // must not call the handle. May be null.
    int (*progress)(void *opaque, int rows, int height);
    void *opaque;  // for `progress`, and slimscale_submit's `done`
    // The time in another form: 1000 / frames_per_second milliseconds a frame. 0: budget_ms says it; not both.
    double frames_per_second;
    double percentile;  // how many of 100 frames are to meet the time, above 0 and below 100; 0: 99
} slimscale_request;
// The most opened channels, without a limit on time.
#define SLIMSCALE_REQUEST_INIT {sizeof(slimscale_request), 0, 0.0, 0, 0, 0, 0.0, 0.0}

// Why these channels ran.
typedef enum slimscale_reason {
    SLIMSCALE_REASON_REQUEST = 0,  // the request names them, or asks for no time
    SLIMSCALE_REASON_PROFILE = 1,  // the most that meet the time by the profile
    SLIMSCALE_REASON_SLOWER = 2,   // frames took longer than the profile says: load, heat or a smaller clock
    SLIMSCALE_REASON_FASTER = 3,   // frames leave time for more channels than ran before
    SLIMSCALE_REASON_FEWEST = 4    // even the fewest channels take longer than asked for
} slimscale_reason;

// "the machine is slower than its profile"; never null.
const char *slimscale_reason_text(slimscale_reason reason);

// How a frame ran.
typedef struct slimscale_report {
    size_t size;
    int channels;        // that ran
    const char *target;  // that they ran on; static
    int meets_budget;  // 0: predicted to be too slow (the fewest channels, or the requested ones); it ran all the same
    double predicted_ms;      // 0 without a profile
    double actual_ms;         // of slimscale_submit from its call on, with the wait for the frame before
    slimscale_reason reason;  // why these channels
    // Time that recent frames took over what the profile predicts, at the request's percentile: 1.5 is half as slow
    // again. 0 where no time was asked for.
    double slowdown;
} slimscale_report;
// An empty report, to be filled.
#define SLIMSCALE_REPORT_INIT {sizeof(slimscale_report), 0, 0, 0, 0.0, 0.0, SLIMSCALE_REASON_REQUEST, 0.0}

// Upscales one frame. input and output must not overlap; output is scale times as wide and high. Their formats are
// chosen independently:
// - Color networks take RGB (PLANAR included) and YUV, and give either. YUV is converted: on the way in chroma is
//   enlarged by a cubic (Keys, a = -0.5), on the way out reduced by the same one, stretched over twice as many samples
//   as MATLAB's imresize does; both honour the siting.
// - Luma networks take and give all formats. Y goes through the network as it is coded, without a conversion; chroma is
//   enlarged by the cubic from the input's chroma samples to the output's, each where its siting says. RGB is taken
//   apart into Y'CbCr (limited range, as networks are trained), and put together again. Between gray and the others Y
//   is gray, and missing chroma neutral.
// - Alpha is enlarged by the cubic, with edges repeated; an output with alpha is opaque where the input has none.
// - GPU targets do the same, on images in host and in device memory. Where a processor's sums and theirs differ by a
//   float's rounding, codes may differ by one.
// `report` may be null. A switch of channels between frames costs nothing: no copy, no allocation, no new plan (on a
// GPU: zeroes the borders). On a GPU the work is enqueued on the handle's stream. An output in host memory is complete
// on return; with both images in device memory nothing waits: synchronise the stream, or call slimscale_synchronize,
// before reading, and actual_ms is the time to enqueue. Input in device memory is read in the order of that stream:
// fill it there, or make the stream wait (slimscale_cuda_stream). After a failure inside a kernel CUDA refuses all
// further work in the context: close the handle.
slimscale_status slimscale_run(slimscale_handle *s, const slimscale_request *request, const slimscale_image *input,
                               const slimscale_image *output, slimscale_report *report);

// Waits for what slimscale_run has enqueued on a GPU, and reports what failed there since. On a CPU: does nothing.
slimscale_status slimscale_synchronize(slimscale_handle *s);

// ---- Frames in flight -----------------------------------------------------------------------------------------------

// Frames may also run on a thread of the handle's own, which the first slimscale_submit starts: the next frame can be
// handed in while one is computed. Frames run one after the other in the order in which they were submitted. While any
// is in flight, functions that need the handle's plan or filters (run, plan, measure_profile, synchronize, ranges)
// return SLIMSCALE_BUSY and do nothing; slimscale_close cancels what is in flight and waits.
#define SLIMSCALE_FRAMES_IN_FLIGHT 2

// Checks the arguments as slimscale_run does and returns. The images' planes, the profile and `opaque` must live,
// and planes be left alone, until the frame has ended; the structs are copied. `done` may be null; else it is called
// when the frame has ended, on the handle's thread and before slimscale_wait returns, with the outcome: `report` is
// null unless `status` is SLIMSCALE_OK, and `error` is its sentence. It may call slimscale_cancel and no other function
// with this handle (slimscale_wait returns SLIMSCALE_BUSY there). *frame, which may be null, is the frame's number,
// from 1 on. SLIMSCALE_BUSY: two frames are in flight.
slimscale_status slimscale_submit(slimscale_handle *s, const slimscale_request *request, const slimscale_image *input,
                                  const slimscale_image *output,
                                  void (*done)(void *opaque, uint64_t frame, slimscale_status status,
                                               const slimscale_report *report, const char *error),
                                  uint64_t *frame);

// Waits until the frame has ended, and all before it, and returns its outcome as slimscale_run would have; an outcome
// is kept until two more frames have been submitted. 0: the frame submitted last. `report` may be null.
slimscale_status slimscale_wait(slimscale_handle *s, uint64_t frame, slimscale_report *report);

// Ends a frame before its next step (a layer's rows of a band), or before it begins, with SLIMSCALE_CANCELLED; 0: all
// in flight. A frame that is whole ends well. Its output may be written in part. Returns at once; from any thread. The
// handle is as usable as before. A frame that has ended, or that nobody submitted, is left alone.
slimscale_status slimscale_cancel(slimscale_handle *s, uint64_t frame);

// After fork a child may use the parent's handle on a processor: slimscale_run works on the calling thread alone, and
// frames that were in flight end with SLIMSCALE_CANCELLED there.

// ---- Rows in, rows out ----------------------------------------------------------------------------------------------

// A frame in bands of rows, as a sensor delivers them: output rows come out as soon as they are final, and neither
// frame is ever in memory as a whole. The bytes are those of slimscale_run. On processors; networks that take means
// over the whole frame (RCAN) are refused. A plan of low bands (options.band_rows = 4) has the least latency.
//
//     slimscale_begin_rows(s, &request, &input, &output);                    // formats, sizes, colors; no planes
//     while (rows.height > 0) {                                              // rows that the sensor has delivered
//         slimscale_push_rows(s, &rows, &pushed);                            // computes what it can
//         ...                                                                // rows: behind the first `pushed`
//         do slimscale_take_rows(s, &band, &taken); while (taken > 0 && use(band, taken));
//     }
//     slimscale_end_rows(s, NULL);
//
// From begin to end the handle takes no other frame, plan or profile: SLIMSCALE_BUSY. `input` and `output` are images
// of the whole frame, of the planned size, whose planes, strides and memory are ignored. Bands are images too, of the
// frame's format and width, in host memory, with as many rows as `height` says; of formats with subsampled chroma rows
// go by whole chroma rows, but for the last ones of a frame with an odd height.

// What a frame in rows takes.
typedef struct slimscale_rows_info {
    size_t size;
    int channels;       // that will run
    int latency_rows;   // after p input rows at least scale x (p - latency_rows) output rows can be taken
    double latency_ms;  // time to compute so many rows; 0 without a profile
    size_t bytes;       // of memory beside the plan, for rows that wait
} slimscale_rows_info;

// What slimscale_begin_rows would take. Changes nothing and allocates nothing.
slimscale_status slimscale_describe_rows(slimscale_handle *s, const slimscale_request *request,
                                         const slimscale_image *input, const slimscale_image *output,
                                         slimscale_rows_info *info);

// Allocates what slimscale_describe_rows says, unless the frame before left as much; the request's `progress` is not
// called. A failure leaves the handle as it was.
slimscale_status slimscale_begin_rows(slimscale_handle *s, const slimscale_request *request,
                                      const slimscale_image *input, const slimscale_image *output);

// Takes the next rows of the input, and copies them. The first *pushed of the rows are taken: fewer than all if output
// rows have to be taken first. Rows that are refused change nothing; a failure to compute ends the frame.
slimscale_status slimscale_push_rows(slimscale_handle *s, const slimscale_image *rows, int *pushed);

// Gives the next rows of the output, at most rows->height of them: *taken, which is 0 when more input is needed first,
// and when the frame is complete. Also computes rows that waited for room.
slimscale_status slimscale_take_rows(slimscale_handle *s, const slimscale_image *rows, int *taken);

// Ends the frame, complete or not. The report, which may be null, has the time that push and take have computed.
slimscale_status slimscale_end_rows(slimscale_handle *s, slimscale_report *report);

// ---- Dispatch on requested speed ------------------------------------------------------------------------------------

// One row per channel count: time = fixed_ns + ns_per_pixel x low-resolution pixels, on `target` with `threads`
// threads.
typedef struct slimscale_cost {
    int channels;         // that were measured
    int threads;          // of the handle
    char target[16];      // "avx2", with a zero behind
    double fixed_ns;      // of every frame
    double ns_per_pixel;  // low-resolution pixels
} slimscale_cost;

#define SLIMSCALE_MAX_COSTS 64       // rows of a profile
#define SLIMSCALE_PROFILE_VERSION 2  // others are refused

// Plain data, kept by the caller; as text it goes into files and to other processes.
struct slimscale_profile {
    size_t size;
    uint32_t version;                           // SLIMSCALE_PROFILE_VERSION
    uint32_t cost_count;                        // rows that `costs` holds
    char model[64];                             // slimscale_model_info.name
    char machine[64];                           // slimscale_device
    slimscale_cost costs[SLIMSCALE_MAX_COSTS];  // in any order
};

// Times every opened channel count on its target, then, on a CPU, on the model's other targets that read the same
// filters, as far as the table holds them, within budget_ms (0: 5000; two frames of 8x8 per row are the least). Frames
// of up to 640x360 as far as time and memory_cap allow. Allocates through the allocator and releases it again; the
// current plan stays. Writes the whole of *out. Targets of other data types take a handle of their own, opened by name;
// slimscale_merge_profile joins what they measured (`slimscale profile` does that for all targets).
slimscale_status slimscale_measure_profile(slimscale_handle *s, double budget_ms, slimscale_profile *out);

// Adds the rows of `from` to `into`, whose other rows stay: one for the same channels, threads and target is replaced.
// SLIMSCALE_INVALID_PROFILE, with `into` left alone, if they are of two machines, models or versions, and if they hold
// more than SLIMSCALE_MAX_COSTS rows together.
slimscale_status slimscale_merge_profile(slimscale_profile *into, const slimscale_profile *from);

// The profile as lines of text, "slimscale profile 2" the first, with a zero behind; times are rounded to a nanosecond,
// and to a picosecond per pixel. Returns the bytes that it takes, of which at most text_size are written, the last of
// them zero; 0: the profile is damaged. `text` may be null.
size_t slimscale_profile_to_text(const slimscale_profile *profile, char *text, size_t text_size);

// Reads such text, which may come from anybody: all of it is checked. SLIMSCALE_INVALID_PROFILE with a sentence that
// names the line; *out is then left alone. `error_text` may be null. slimscale_run checks whether the profile is of
// this model and machine.
slimscale_status slimscale_profile_from_text(const char *text, size_t text_size, slimscale_profile *out,
                                             char *error_text, size_t error_text_size);

// **Deadlines.** The profile chooses the channels of the first frame that a request asks a time for. From then on the
// times of the handle's frames count too: two late frames among three, or more late ones than the percentile leaves,
// lower the channels at once; 0.4 seconds that leave a seventh of the time at more channels raise them again. A rise
// that does not last makes the next one wait longer. A request for another time, percentile or profile, or another plan
// begins anew. Frames in rows count by the time that push and take have computed, once all of their output was taken.
// Frames whose images both lie in a GPU's memory are not measured. The report says which channels ran and why.

// A pure function, by which slimscale_run chooses: the largest of `channels` (ascending) that is predicted to take at
// most budget_ms for width_px x height_px on `target` with `threads`; the smallest if none is (then *meets_budget = 0).
slimscale_status slimscale_choose(const slimscale_profile *profile, const char *target, int threads,
                                  const int *channels, int channels_length, int width_px, int height_px,
                                  double budget_ms, int *chosen, double *predicted_ms, int *meets_budget);

// ---- Self-test ------------------------------------------------------------------------------------------------------

// The outcome of one target's test.
typedef struct slimscale_self_test_result {
    size_t size;
    char target[16];          // "avx2"
    slimscale_status status;  // OK: it agrees; SLIMSCALE_SELF_TEST_FAILED; else why it could not be opened or run
    int channels;             // at which the difference is largest
    double difference;        // largest one from what is expected of the output, in shares of white
    char text[400];           // the status as a sentence; "" if all is well
} slimscale_self_test_result;

// Runs a built-in picture through every target of the model that this machine runs, at every opened channel count, and
// compares with values that are stored in the weights: what a bad driver or a faulty processor computes shows. The
// values are the network's in double precision, by plain loops, from when the weights were packed: those linked into an
// archive have them for all of its channel counts, a file that was packed by itself for the trained ones. At other
// channel counts targets are compared with the plainest one, which has the fewest of the processor's instructions. f32
// may differ by a hundredth of a grey level of 255, narrower arithmetic by four. `options` as for slimscale_open, of
// which channels, weights, allocator, device and CUDA's pointers count; null: the defaults. `results` has room for
// *count of them, one for each of the model's targets, best first; *count becomes how many were written. Their `size`
// must be set. SLIMSCALE_SELF_TEST_FAILED if any target failed.
slimscale_status slimscale_self_test(const slimscale_model *model, const slimscale_options *options,
                                     slimscale_self_test_result *results, int *count);

// ---- Ranges, for tools (experimental) -------------------------------------------------------------------------------

// The fixed-point data type q16 keeps the inputs of convolutions between features in 16 bits, those of 3x3 transformed
// by Winograd's F(4x4, 3x3): it scales them by how large they become, per channel count and filter, and for 3x3 filters
// at each of the 36 Winograd-domain elements. `slimscale quantize` measures that with these functions and writes it
// beside the weights.
#define SLIMSCALE_RANGES_PER_FILTER 36

// Floats of a table of ranges: [filter of the weights][Winograd-domain element k + 6*l], k along x, l along y; of a 1x1
// filter the first.
size_t slimscale_range_count(const slimscale_handle *s);

// Runs one frame of the planned size at opened `channels` and widens `ranges` (`count` of them, zero before the first
// frame) to the largest magnitude of the inputs. Filters without any at these channels (heads, tails, attention) stay
// as they are. On CPU targets in f32; allocates nothing. Fails if an input is larger than half of what f16 holds, in
// which q16 stores it. After a failure the table is to be thrown away.
slimscale_status slimscale_measure_ranges(slimscale_handle *s, int channels, const slimscale_image *input,
                                          float *ranges, size_t count);

// The data type int8 rounds the inputs of 3x3 convolutions between features to bytes. A range for the largest value of
// all would be coarse, so it takes one that some values lie beyond, for which they are counted: by sign, negative ones
// first, and by magnitude, 32 bins of equal size from each power of two to the next, from 2^-16 to 2^16.
#define SLIMSCALE_BINS_PER_FILTER 2048

// Counts of a table: [filter of the weights][bin].
size_t slimscale_bin_count(const slimscale_handle *s);

// Runs a frame as slimscale_measure_ranges does and adds the number of inputs in each bin to `counts` (`count` of
// them).
slimscale_status slimscale_count_values(slimscale_handle *s, int channels, const slimscale_image *input,
                                        uint64_t *counts, size_t count);

// Runs a frame likewise and compares its inputs with `ranges`: adds the number of values to *total, and the number of
// those beyond their range to *beyond.
slimscale_status slimscale_test_ranges(slimscale_handle *s, int channels, const slimscale_image *input,
                                       const float *ranges, size_t count, uint64_t *beyond, uint64_t *total);

#ifdef __cplusplus
}
#endif
#endif
