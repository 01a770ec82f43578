#include "runtime/drivers/cuda.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "runtime/drivers/interfaces.h"

namespace slimscale::runtime {

using cuda::Result;

namespace {

constexpr int kLeastCapability = 75;  // the compute capability that the PTX needs

cuda::Address address_of(const unsigned char *pointer) {
    return static_cast<cuda::Address>(reinterpret_cast<uintptr_t>(pointer));
}

// The facts that the driver tells about one device.
struct Facts {
    char name[64] = "";
    int capability = 0, version = 0;
    cuda::DeviceNumber device = 0;
};

// Finds the device of an ordinal. Returns "", or why there is none.
const char *find_device(const cuda::Driver &driver, int ordinal, cuda::DeviceNumber &device, char *text, size_t size) {
    int count = 0;
    Result result = driver.device_count(&count);
    if (result == 0 && count == 0)
        std::snprintf(text, size, "the CUDA driver finds no GPU");
    else if (result == 0 && (ordinal < 0 || ordinal >= count))
        std::snprintf(text, size, "there is no CUDA device %d; this machine has %d, counted from 0", ordinal, count);
    else if (result == 0 && (result = driver.device_get(&device, ordinal)) == 0)
        return "";
    else
        std::snprintf(text, size, "the CUDA driver does not give device %d: %s", ordinal, driver.words(result).text);
    return text;
}

// Finds the device that a context belongs to. Returns "", or why the context cannot be used.
const char *device_of(const cuda::Driver &driver, cuda::Context context, cuda::DeviceNumber &device, char *text,
                      size_t size) {
    Result result = driver.context_push(context);
    if (result == 0) {
        result = driver.context_device(&device);
        cuda::Context popped = nullptr;
        driver.context_pop(&popped);
    }
    if (result == 0)
        return "";
    std::snprintf(text, size, "the caller's CUDA context cannot be used: %s", driver.words(result).text);
    return text;
}

// The caller's context, or the one of its stream; null: neither is given.
const char *callers_context(const cuda::Driver &driver, const DeviceOptions &options, cuda::Context &context,
                            char *text, size_t size) {
    context = static_cast<cuda::Context>(options.cuda_context);
    if (context || !options.cuda_stream)
        return "";
    const Result result = driver.stream_context(static_cast<cuda::Stream>(options.cuda_stream), &context);
    if (result == 0)
        return "";
    std::snprintf(text, size, "the caller's CUDA stream names no context: %s", driver.words(result).text);
    return text;
}

// Reads the facts of a device. Returns "", or why it cannot be used.
const char *read_facts(const cuda::Driver &driver, cuda::DeviceNumber device, Facts &facts, char *text, size_t size) {
    int major = 0, minor = 0;
    facts.device = device;
    Result result = driver.device_name(facts.name, sizeof facts.name, device);
    if (result == 0)
        result = driver.device_attribute(&major, cuda::kCapabilityMajor, device);
    if (result == 0)
        result = driver.device_attribute(&minor, cuda::kCapabilityMinor, device);
    if (result == 0)
        result = driver.driver_version(&facts.version);
    if (result != 0) {
        std::snprintf(text, size, "the CUDA driver does not describe the device: %s", driver.words(result).text);
        return text;
    }
    facts.capability = 10 * major + minor;
    if (facts.capability < kLeastCapability) {
        std::snprintf(text, size, "%s has compute capability %d.%d; at least 7.5 is needed", facts.name, major, minor);
        return text;
    }
    return "";
}

// The device of the caller's context or stream, else the one that the ordinal names. `context` is null then.
const char *choose(const cuda::Driver &driver, const DeviceOptions &options, cuda::Context &context, Facts &facts,
                   char *text, size_t size) {
    cuda::DeviceNumber device = 0;
    if (callers_context(driver, options, context, text, size)[0])
        return text;
    const char *problem = context ? device_of(driver, context, device, text, size)
                                  : find_device(driver, options.ordinal, device, text, size);
    return problem[0] ? problem : read_facts(driver, device, facts, text, size);
}

void describe_facts(const Facts &facts, char *text, size_t size) {
    std::snprintf(text, size, "%s, compute capability %d.%d, CUDA %d.%d", facts.name, facts.capability / 10,
                  facts.capability % 10, facts.version / 1000, facts.version % 1000 / 10);
}

// Whether it is the capability of a Jetson chip. Code for these chips and code for cards are not compatible (NVIDIA's
// CUDA C++ Programming Guide, "Binary Compatibility").
bool is_jetson(int capability) {
    for (const int jetson : {72, 87, 101, 110})
        if (capability == jetson)
            return true;
    return false;
}

// Index of the code to load: a cubin of the same major capability and at most the same minor one, else PTX.
int best_code(const slimscale_compiled_target &target, int capability) {
    int best = 0;
    for (int i = 1; i < target.architecture_count; i++) {
        const int a = target.architectures[i];
        const bool exact = is_jetson(a) || is_jetson(capability);
        if (exact ? a == capability : a / 10 == capability / 10 && a <= capability)
            best = i;
    }
    return best;
}

}  // namespace

slimscale_status CudaDevice::failed(Result result, const char *what, Error &error) const {
    const bool lost = result == cuda::kIllegalAddress || (result >= cuda::kFirstLost && result <= cuda::kLastLost);
    return error.set(result == cuda::kOutOfMemory ? SLIMSCALE_OUT_OF_MEMORY : SLIMSCALE_DEVICE_FAILED, "%s: %s%s", what,
                     driver_.words(result).text, lost ? "; the CUDA context is lost with it, close the handle" : "");
}

slimscale_status CudaDevice::describe(const DeviceOptions &options, char *text, size_t text_size) {
    cuda::Driver driver;
    cuda::Context context = nullptr;
    Facts facts;
    if (driver.open(text, text_size)[0] || choose(driver, options, context, facts, text, text_size)[0])
        return SLIMSCALE_UNSUPPORTED_TARGET;
    describe_facts(facts, text, text_size);
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::open(const slimscale_model &model, const slimscale_compiled_target &target,
                                  const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                                  Error &error) {
    interface_ = cuda_interface();
    char why[256];
    if (driver_.open(why, sizeof why)[0])
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", why);
    if (open_context(options, error) != SLIMSCALE_OK)
        return error.status;
    const ScopedDevice entered(*this, error);
    if (entered.status() != SLIMSCALE_OK || open_stream(options, error) != SLIMSCALE_OK)
        return error.status;
    return open_modules(model, target, used, allocator, error);
}

slimscale_status CudaDevice::open_context(const DeviceOptions &options, Error &error) {
    char why[256];
    Facts facts;
    if (choose(driver_, options, context_, facts, why, sizeof why)[0]) {
        context_ = nullptr;
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", why);
    }
    device_ = facts.device;
    capability_ = facts.capability;
    std::memcpy(name_, facts.name, sizeof name_);
    if (context_)
        return SLIMSCALE_OK;
    if (const Result result = driver_.primary_retain(&context_, device_)) {
        context_ = nullptr;
        return failed(result, "no CUDA context", error);
    }
    own_context_ = true;
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::open_stream(const DeviceOptions &options, Error &error) {
    stream_ = static_cast<cuda::Stream>(options.cuda_stream);
    if (stream_)
        return SLIMSCALE_OK;
    if (const Result result = driver_.stream_create(&stream_, cuda::kStreamNonBlocking)) {
        stream_ = nullptr;
        return failed(result, "no CUDA stream", error);
    }
    own_stream_ = true;
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::open_modules(const slimscale_model &model, const slimscale_compiled_target &target,
                                          const bool *used, const slimscale_allocator &allocator, Error &error) {
    const int images_end = model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES,
              count = images_end + target.winograd_pipelines;
    if (!kernels_.allocate(allocator, count))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the table of kernels");
    for (int p = 0; p < count; p++) {
        const char *name = p < model.pipeline_count ? model.pipeline_names[p]
                           : p < images_end         ? "an image pipeline"
                                                    : "a Winograd pipeline";
        if (used[p] && load_module(target, p, name, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

Result CudaDevice::load_code(const slimscale_code &code, cuda::Module &module, char *log, unsigned log_size) const {
    int options[] = {cuda::kJitErrorLog, cuda::kJitErrorLogBytes};
    void *values[] = {log, reinterpret_cast<void *>(static_cast<uintptr_t>(log_size))};
    return driver_.module_load(&module, code.data, 2, options, values);
}

slimscale_status CudaDevice::load_module(const slimscale_compiled_target &target, int pipeline, const char *name,
                                         Error &error) {
    const slimscale_code *code = target.code + static_cast<ptrdiff_t>(pipeline) * target.architecture_count;
    const int best = best_code(target, capability_);
    char log[200] = "";
    Result result = load_code(code[best], kernels_[pipeline].code, log, sizeof log);
    if (result != 0 && best != 0 &&
        result != cuda::kOutOfMemory)  // the driver is older than the cubin, not than the PTX
        result = load_code(code[0], kernels_[pipeline].code, log, sizeof log);
    if (result == 0)
        return resolve_kernels(code[0], kernels_[pipeline], error);
    kernels_[pipeline].code = nullptr;
    char what[320];
    std::snprintf(what, sizeof what, "the driver refuses the kernels of %s%s%s", name, log[0] ? ": " : "", log);
    return failed(result, what, error);
}

// Looks up all kernels named in the PTX, since CUDA 12.2 and newer load a kernel when it is first asked for, which must
// not happen in a frame.
slimscale_status CudaDevice::resolve_kernels(const slimscale_code &ptx, Kernels::Entry &kernels, Error &error) const {
    constexpr const char *kEntry = ".entry ";
    const char *at = static_cast<const char *>(ptx.data);
    while ((at = std::strstr(at, kEntry)) != nullptr) {
        at += std::strlen(kEntry);
        char name[192] = "";
        const size_t length = std::strcspn(at, " (\t\n");
        cuda::Function function = nullptr;
        if (kernels.full() || length >= sizeof name)
            return error.set(SLIMSCALE_INVALID_MODEL,
                             "a pipeline has more than %d kernels, or a name of more than %zu "
                             "characters; generate the archive again",
                             Kernels::kMostKernels, sizeof name - 1);
        std::memcpy(name, at, length);
        if (const Result result = driver_.module_function(&function, kernels.code, name))
            return failed(result, name, error);
        kernels.add(at, length, function);
    }
    return SLIMSCALE_OK;
}

void CudaDevice::close() {
    Error ignored;
    if (context_ && enter(ignored) == SLIMSCALE_OK) {
        for (const Kernels::Entry &entry : kernels_)
            if (entry.code)
                driver_.module_unload(entry.code);
        if (own_stream_)
            driver_.stream_destroy(stream_);
        leave();
    }
    if (own_context_)
        driver_.primary_release(device_);
    own_context_ = own_stream_ = false;
    context_ = nullptr;
    kernels_.release();
}

slimscale_status CudaDevice::enter(Error &error) {
    if (const Result result = driver_.context_push(context_))
        return failed(result, "the CUDA context cannot be entered", error);
    return SLIMSCALE_OK;
}

void CudaDevice::leave() {
    cuda::Context popped = nullptr;
    driver_.context_pop(&popped);
}

slimscale_status CudaDevice::allocate(size_t bytes, unsigned char **address, Error &error) {
    cuda::Address memory = 0;
    const Result result = driver_.memory_allocate(&memory, bytes);
    if (result == cuda::kOutOfMemory)
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the GPU has no %zu bytes left (%s); plan smaller frames, set memory_cap or open fewer widths",
                         bytes, driver_.words(result).text);
    if (result != 0)
        return failed(result, "the GPU's memory", error);
    *address = reinterpret_cast<unsigned char *>(static_cast<uintptr_t>(memory));
    return SLIMSCALE_OK;
}

// Waits first, since the driver does not promise that freeing waits for work that uses the memory.
void CudaDevice::release(unsigned char *address) {
    driver_.stream_synchronize(stream_);
    driver_.memory_free(address_of(address));
}

size_t CudaDevice::free_bytes() {
    size_t free = 0, total = 0;
    constexpr size_t kReserve = size_t{32} << 20;  // fragments, and what the driver loads later
    return driver_.memory_info(&free, &total) == 0 ? std::max(free, kReserve + 1) - kReserve : 0;
}

// CUDA's pitches are unsigned: rows that run upwards are copied one by one.
slimscale_status CudaDevice::copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes,
                                       int rows, Error &error) {
    const bool in = way == Way::to_device;
    const bool one_by_one = to.pitch < 0 || from.pitch < 0;
    const int times = one_by_one ? rows : 1;
    for (int i = 0; i < times; i++) {
        unsigned char *target = to.first + i * to.pitch, *source = from.first + i * from.pitch;
        cuda::Copy2D copy{};
        copy.source_type = in ? cuda::kMemoryHost : cuda::kMemoryDevice;
        copy.source_host = source;
        copy.source_device = address_of(source);
        copy.target_type = in ? cuda::kMemoryDevice : cuda::kMemoryHost;
        copy.target_host = target;
        copy.target_device = address_of(target);
        copy.source_pitch = one_by_one || rows == 1 ? row_bytes : static_cast<size_t>(from.pitch);
        copy.target_pitch = one_by_one || rows == 1 ? row_bytes : static_cast<size_t>(to.pitch);
        copy.row_bytes = row_bytes;
        copy.rows = one_by_one ? 1 : static_cast<size_t>(rows);
        if (const Result result = driver_.copy_2d(&copy, stream_))
            return failed(result, in ? "copying to the GPU" : "copying from the GPU", error);
    }
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::finish(Error &error) {
    const Result result = driver_.stream_synchronize(stream_);
    return result == 0 ? SLIMSCALE_OK : failed(result, "the GPU's work did not finish", error);
}

// All kernels that a handle's widths need were loaded by open.
slimscale_status CudaDevice::load(int pipeline, const char *, Error &error) {
    if (pipeline >= 0 && pipeline < kernels_.size() && kernels_[pipeline].code)
        return SLIMSCALE_OK;
    return error.set(SLIMSCALE_PIPELINE_FAILED, "the kernels of pipeline %d were not loaded; please report this",
                     pipeline);
}

slimscale_status CudaDevice::launch(int pipeline, const Launch &l, Error &error) {
    constexpr int kMostArguments = 128;  // store takes 93
    const cuda::Function function = kernels_[pipeline].find(l.kernel);
    if (!function)
        return error.set(SLIMSCALE_PIPELINE_FAILED, "kernel %s is not in the archive's PTX; please report this",
                         l.kernel);
    const int count = l.count();
    if (count > kMostArguments)
        return error.set(SLIMSCALE_PIPELINE_FAILED, "kernel %s has %d arguments; please report this", l.kernel, count);
    void *parameters[kMostArguments];
    uint64_t addresses[kMostArguments];
    for (int i = 0; i < count; i++) {
        parameters[i] = l.arguments[i];
        if (l.is_buffer[i]) {
            addresses[i] = static_cast<halide_buffer_t *>(l.arguments[i])->device;
            parameters[i] = &addresses[i];
        }
    }
    const auto size = [](int n) { return static_cast<unsigned>(n); };
    const Result result =
        driver_.launch(function, size(l.blocks[0]), size(l.blocks[1]), size(l.blocks[2]), size(l.threads[0]),
                       size(l.threads[1]), size(l.threads[2]), size(l.shared_bytes), stream_, parameters, nullptr);
    return result == 0 ? SLIMSCALE_OK : failed(result, "a kernel was not launched", error);
}

}  // namespace slimscale::runtime
