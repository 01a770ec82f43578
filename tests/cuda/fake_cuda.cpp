// Built as libcuda.so.1: the functions of runtime/drivers/cuda_driver.h, on host memory, with NVIDIA's signatures.
#include "tests/cuda/fake_cuda.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

enum Result {
    kSuccess = 0,
    kInvalidValue = 1,
    kOutOfMemory = 2,
    kNoBinary = 209,
    kNotFound = 500,
    kInvalidPtx = 218,
    kLaunchFailed = 719,
    kUnknown = 999
};

struct Handle {};

FakeCuda state;
Handle primary, callers, callers_stream;
std::vector<void *> current;  // the stack of contexts, of one thread
std::set<void *> streams, modules;
std::map<uintptr_t, size_t> allocations;            // address, bytes
std::map<void *, std::set<std::string>> functions;  // of a module: names are addresses of set entries

int fault(const char *what) {
    if (state.faults++ == 0)
        std::snprintf(state.fault, sizeof state.fault, "%s", what);
    return kInvalidValue;
}

bool fails_now(int &countdown) {
    return countdown > 0 && --countdown == 0;
}

bool lost = false;  // whether a failing kernel has broken the context

// Every call that may fail begins with this.
int refusal() {
    return lost ? kLaunchFailed : fails_now(state.failing_call) ? kUnknown : kSuccess;
}

// The architecture that nvcc writes into the ELF header of a cubin: 86.
int architecture_of(const unsigned char *elf) {
    constexpr int kAbiVersion = 8, kFlags = 48, kNewerAbi = 8;
    const int shift = elf[kAbiVersion] < kNewerAbi ? 0 : 8;
    uint32_t flags = 0;
    std::memcpy(&flags, elf + kFlags, sizeof flags);
    return static_cast<int>(flags >> shift & 0xff);
}

bool runs(int cubin, int capability) {
    const auto is_jetson = [](int a) { return a == 72 || a == 87 || a == 101 || a == 110; };
    if (is_jetson(cubin) || is_jetson(capability))
        return cubin == capability;
    return cubin / 10 == capability / 10 && cubin <= capability;
}

bool entered() {
    return !current.empty();
}

bool on_device(uint64_t address, size_t bytes) {
    auto after = allocations.upper_bound(static_cast<uintptr_t>(address));
    if (after == allocations.begin())
        return false;
    --after;
    return address + bytes <= after->first + after->second;
}

bool known_stream(void *stream) {
    state.last_stream = stream;
    return stream == &callers_stream || streams.count(stream) > 0;
}

struct Copy2D {  // CUDA_MEMCPY2D
    size_t source_x, source_y;
    unsigned source_type;
    const char *source_host;
    uint64_t source_device;
    void *source_array;
    size_t source_pitch;
    size_t target_x, target_y;
    unsigned target_type;
    char *target_host;
    uint64_t target_device;
    void *target_array;
    size_t target_pitch;
    size_t row_bytes, rows;
};
constexpr unsigned kHost = 1, kDevice = 2;

}  // namespace

extern "C" {

FakeCuda *fake_cuda() {
    return &state;
}

void fake_cuda_reset() {
    FakeCuda fresh;
    fresh.contexts_retained = state.contexts_retained;
    fresh.streams = state.streams;
    fresh.modules = state.modules;
    fresh.allocations = state.allocations;
    fresh.pending = state.pending;
    state = fresh;
    lost = false;
}

void fake_cuda_forget() {
    for (const auto &[address, bytes] : allocations)
        std::free(reinterpret_cast<void *>(address));
    allocations.clear();
    streams.clear();
    modules.clear();
    functions.clear();
    state = {};
}

void *fake_cuda_context() {
    return &callers;
}

void *fake_cuda_stream() {
    return &callers_stream;
}

void *fake_cuda_current() {
    return current.empty() ? nullptr : current.back();
}

void fake_cuda_make_current(void *context) {
    current.assign(context ? 1 : 0, context);
}

int cuInit(unsigned) {
    return state.init_result;
}

int cuDriverGetVersion(int *version) {
    *version = 12040;
    return kSuccess;
}

int cuGetErrorName(int error, const char **text) {
    *text = error == kOutOfMemory    ? "CUDA_ERROR_OUT_OF_MEMORY"
            : error == kNoBinary     ? "CUDA_ERROR_NO_BINARY_FOR_GPU"
            : error == kInvalidPtx   ? "CUDA_ERROR_INVALID_PTX"
            : error == kLaunchFailed ? "CUDA_ERROR_LAUNCH_FAILED"
            : error == 100           ? "CUDA_ERROR_NO_DEVICE"
            : error == 701           ? "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"
            : error == kUnknown      ? "CUDA_ERROR_UNKNOWN"
                                     : "CUDA_ERROR_INVALID_VALUE";
    return kSuccess;
}

int cuGetErrorString(int, const char **text) {
    *text = "the stand-in's words";
    return kSuccess;
}

int cuDeviceGetCount(int *count) {
    if (const int refused = refusal())
        return refused;
    *count = state.device_count;
    return kSuccess;
}

int cuDeviceGet(int *device, int ordinal) {
    if (const int refused = refusal())
        return refused;
    *device = ordinal;
    return ordinal < state.device_count ? kSuccess : kInvalidValue;
}

int cuDeviceGetName(char *name, int size, int) {
    if (const int refused = refusal())
        return refused;
    std::snprintf(name, static_cast<size_t>(size), "Fake GPU");
    return kSuccess;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
    if (const int refused = refusal())
        return refused;
    *value = attribute == 75 ? state.capability / 10 : state.capability % 10;
    return kSuccess;
}

int cuDevicePrimaryCtxRetain(void **context, int) {
    if (const int refused = refusal())
        return refused;
    state.contexts_retained++;
    *context = &primary;
    return kSuccess;
}

int cuDevicePrimaryCtxRelease_v2(int) {
    return state.contexts_retained-- > 0 ? static_cast<int>(kSuccess) : fault("a context released twice");
}

int cuCtxPushCurrent_v2(void *context) {
    if (fails_now(state.failing_push))
        return kInvalidValue;
    if (const int refused = lost ? 0 : refusal())
        return refused;
    if (context != &primary && context != &callers)
        return fault("an unknown context entered");
    current.push_back(context);
    return kSuccess;
}

int cuCtxPopCurrent_v2(void **context) {
    if (!entered())
        return fault("no context to leave");
    *context = current.back();
    current.pop_back();
    return kSuccess;
}

int cuCtxGetDevice(int *device) {
    if (const int refused = refusal())
        return refused;
    *device = 0;
    return entered() ? static_cast<int>(kSuccess) : fault("cuCtxGetDevice without a context");
}

int cuStreamGetCtx(void *stream, void **context) {
    if (stream != &callers_stream)
        return fault("cuStreamGetCtx of an unknown stream");
    *context = &callers;
    return kSuccess;
}

int cuStreamCreate(void **stream, unsigned) {
    if (const int refused = refusal())
        return refused;
    if (!entered())
        return fault("cuStreamCreate without a context");
    *stream = new Handle;
    streams.insert(*stream);
    state.streams++;
    return kSuccess;
}

int cuStreamDestroy_v2(void *stream) {
    if (!entered() || streams.erase(stream) == 0)
        return fault("cuStreamDestroy of an unknown stream");
    delete static_cast<Handle *>(stream);
    state.streams--;
    return kSuccess;
}

int cuStreamSynchronize(void *stream) {
    if (const int refused = refusal())
        return refused;
    if (!entered() || !known_stream(stream))
        return fault("cuStreamSynchronize of an unknown stream");
    state.synchronizes++;
    state.pending = state.pending_copies = 0;
    lost = fails_now(state.failing_synchronize);
    return lost ? kLaunchFailed : kSuccess;
}

#if !defined(FAKE_CUDA_OLD)
int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    *free_bytes = *total = state.free_bytes;
    return entered() ? static_cast<int>(kSuccess) : fault("cuMemGetInfo without a context");
}
#endif

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
    if (const int refused = refusal())
        return refused;
    if (!entered() || bytes == 0)
        return fault("cuMemAlloc without a context or of nothing");
    if (bytes > state.largest_allocation || fails_now(state.failing_allocation))
        return kOutOfMemory;
    void *memory = nullptr;
    if (posix_memalign(&memory, 512, bytes) != 0)
        return kOutOfMemory;
    allocations[reinterpret_cast<uintptr_t>(memory)] = bytes;
    *address = reinterpret_cast<uintptr_t>(memory);
    state.allocations++;
    return kSuccess;
}

int cuMemAllocHost_v2(void **memory, size_t bytes) {  // of a program, not of the library; lives until the end
    *memory = entered() ? std::malloc(bytes) : nullptr;
    return *memory ? static_cast<int>(kSuccess) : fault("cuMemAllocHost without a context");
}

int cuMemFree_v2(uint64_t address) {
    if (state.pending > 0 && !lost)
        return fault("cuMemFree of memory that work may still use");
    if (!entered() || allocations.erase(static_cast<uintptr_t>(address)) == 0)
        return fault("cuMemFree of an unknown address, or without a context");
    std::free(reinterpret_cast<void *>(static_cast<uintptr_t>(address)));
    state.allocations--;
    return kSuccess;
}

int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) {
    if (!entered() || !on_device(to, bytes))
        return fault("cuMemcpyHtoD beyond an allocation");
    std::memcpy(reinterpret_cast<void *>(static_cast<uintptr_t>(to)), from, bytes);
    return kSuccess;
}

int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) {
    if (!entered() || !on_device(from, bytes))
        return fault("cuMemcpyDtoH beyond an allocation");
    std::memcpy(to, reinterpret_cast<const void *>(static_cast<uintptr_t>(from)), bytes);
    return kSuccess;
}

int cuMemcpy2DAsync_v2(const Copy2D *c, void *stream) {
    if (const int refused = refusal())
        return refused;
    const bool in = c->source_type == kHost && c->target_type == kDevice;
    const bool out = c->source_type == kDevice && c->target_type == kHost;
    const uint64_t device = in ? c->target_device : c->source_device;
    const size_t pitch = in ? c->target_pitch : c->source_pitch;
    const bool sound = c->rows > 0 && c->source_pitch >= c->row_bytes && c->target_pitch >= c->row_bytes;
    if (!entered() || !known_stream(stream) || in == out || !sound ||
        !on_device(device, pitch * (c->rows - 1) + c->row_bytes))
        return fault("cuMemcpy2DAsync beyond an allocation, or with a pitch shorter than its rows");
    auto *memory = reinterpret_cast<char *>(static_cast<uintptr_t>(device));
    for (size_t y = 0; y < c->rows; y++)
        if (in)
            std::memcpy(memory + y * c->target_pitch, c->source_host + y * c->source_pitch, c->row_bytes);
        else
            std::memcpy(c->target_host + y * c->target_pitch, memory + y * c->source_pitch, c->row_bytes);
    state.copies++;
    state.pending++;
    state.pending_copies++;
    return kSuccess;
}

int cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values) {
    if (const int refused = refusal())
        return refused;
    if (!entered() || image == nullptr)
        return fault("cuModuleLoadDataEx without a context or of nothing");
    const bool cubin = std::memcmp(image, "\177ELF", 4) == 0;
    if (!cubin && std::strstr(static_cast<const char *>(image), ".version") == nullptr)
        return fault("a module that is neither a cubin nor PTX");
    if (cubin)
        state.architecture = architecture_of(static_cast<const unsigned char *>(image));
    if (cubin && (!state.takes_cubins || !runs(state.architecture, state.capability)))
        return kNoBinary;
    if (!cubin && !state.takes_ptx) {
        for (unsigned i = 0; i < count; i++)
            if (options[i] == 5)  // CU_JIT_ERROR_LOG_BUFFER
                std::strcpy(static_cast<char *>(values[i]), "line 1: fatal");
        return kInvalidPtx;
    }
    *module = new Handle;
    modules.insert(*module);
    state.modules++;
    (cubin ? state.cubins_loaded : state.ptx_loaded)++;
    return kSuccess;
}

int cuModuleUnload(void *module) {
    if (state.pending > 0 && !lost)
        return fault("cuModuleUnload of kernels that may still run");
    if (!entered() || modules.erase(module) == 0)
        return fault("cuModuleUnload of an unknown module");
    functions.erase(module);
    delete static_cast<Handle *>(module);
    state.modules--;
    return kSuccess;
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
    if (const int refused = refusal())
        return refused;
    if (!entered() || modules.count(module) == 0)
        return fault("cuModuleGetFunction of an unknown module");
    state.lookups++;
    *function = const_cast<std::string *>(&*functions[module].insert(name).first);
    return kSuccess;
}

int cuLaunchKernel(void *function, unsigned blocks_x, unsigned blocks_y, unsigned blocks_z, unsigned threads_x,
                   unsigned threads_y, unsigned threads_z, unsigned, void *stream, void **parameters, void **) {
    if (const int refused = refusal())
        return refused;
    bool known = false;
    for (const auto &[module, names] : functions)
        for (const std::string &name : names)
            known = known || &name == function;
    if (!entered() || !known || !known_stream(stream) || parameters == nullptr)
        return fault("cuLaunchKernel of an unknown function or stream, or without a context");
    if (blocks_x * blocks_y * blocks_z == 0 || threads_x * threads_y * threads_z == 0 ||
        threads_x * threads_y * threads_z > 1024)
        return fault("cuLaunchKernel with no or too many threads");
    // The first parameters of a kernel are its buffers, of which there is at least one.
    if (!on_device(*static_cast<uint64_t *>(parameters[0]), 4))
        return fault("cuLaunchKernel with a buffer that is not the device's");
    if (fails_now(state.failing_launch)) {
        lost = state.launch_error == kLaunchFailed;
        return state.launch_error;
    }
    state.launches++;
    state.pending++;
    return kSuccess;
}

}  // extern "C"
