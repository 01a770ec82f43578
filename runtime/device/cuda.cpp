#include "runtime/device/cuda.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "runtime/device/interfaces.h"

namespace slimscale::runtime {

using cuda::Result;

namespace {

constexpr int kLeastCapability = 75;  // of our PTX

cuda::Address address_of(const unsigned char *pointer) {
    return static_cast<cuda::Address>(reinterpret_cast<uintptr_t>(pointer));
}

// What the driver says of one device.
struct Facts {
    char name[64] = "";
    int count = 0, capability = 0, integrated = 0, version = 0;
    cuda::DeviceNumber device = 0;
};

// "" or why the device cannot be used.
const char *read_facts(const cuda::Driver &driver, int ordinal, Facts &facts, char *text, size_t size) {
    Result result = driver.device_count(&facts.count);
    if (result == 0 && facts.count == 0) {
        std::snprintf(text, size, "the CUDA driver is there and finds no GPU");
        return text;
    }
    if (result == 0 && (ordinal < 0 || ordinal >= facts.count)) {
        std::snprintf(text, size, "there is no CUDA device %d; this machine has %d, counted from 0", ordinal,
                      facts.count);
        return text;
    }
    int major = 0, minor = 0;
    if (result == 0)
        result = driver.device_get(&facts.device, ordinal);
    if (result == 0)
        result = driver.device_name(facts.name, sizeof facts.name, facts.device);
    if (result == 0)
        result = driver.device_attribute(&major, cuda::kCapabilityMajor, facts.device);
    if (result == 0)
        result = driver.device_attribute(&minor, cuda::kCapabilityMinor, facts.device);
    if (result == 0)
        result = driver.device_attribute(&facts.integrated, cuda::kIntegrated, facts.device);
    if (result == 0)
        result = driver.driver_version(&facts.version);
    if (result != 0) {
        std::snprintf(text, size, "the CUDA driver says nothing of device %d: %s", ordinal,
                      driver.words(result).text);
        return text;
    }
    facts.capability = 10 * major + minor;
    if (facts.capability < kLeastCapability) {
        std::snprintf(text, size, "%s has compute capability %d.%d; 7.5 is the least", facts.name, major, minor);
        return text;
    }
    return "";
}

void describe_facts(const Facts &facts, char *text, size_t size) {
    std::snprintf(text, size, "%s, compute capability %d.%d, CUDA %d.%d", facts.name, facts.capability / 10,
                  facts.capability % 10, facts.version / 1000, facts.version % 1000 / 10);
}

// Index of the code to load: a cubin of the same major capability and at most the same minor one, else PTX. Chips of the
// Jetson kind promise no compatibility with cards.
int best_code(const slimscale_tier &tier, int capability, bool integrated) {
    int best = 0;
    for (int i = 1; i < tier.architecture_count; i++) {
        const int a = tier.architectures[i];
        const bool fits = integrated ? a == capability : a / 10 == capability / 10 && a <= capability;
        if (fits)
            best = i;
    }
    return best;
}

}  // namespace

slimscale_status CudaDevice::failed(Result result, const char *what, Error &error) const {
    return error.set(result == cuda::kOutOfMemory ? SLIMSCALE_OUT_OF_MEMORY : SLIMSCALE_DEVICE_FAILED, "%s: %s", what,
                     driver_.words(result).text);
}

slimscale_status CudaDevice::describe(int ordinal, char *text, size_t text_size) {
    cuda::Driver driver;
    Facts facts;
    if (driver.open(text, text_size)[0] || read_facts(driver, ordinal, facts, text, text_size)[0])
        return SLIMSCALE_UNSUPPORTED_TARGET;
    describe_facts(facts, text, text_size);
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::open(const slimscale_model &model, const slimscale_tier &tier,
                                  const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                                  Error &error) {
    interface_ = cuda_interface();
    if (options.cuda_stream && !options.cuda_context)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "cuda_stream is set and cuda_context is not; give the context that "
                                                     "the stream belongs to");
    char why[256];
    if (driver_.open(why, sizeof why)[0])
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", why);
    if (open_context(options, error) != SLIMSCALE_OK)
        return error.status;
    const Entered entered(this, error);
    if (entered.status() != SLIMSCALE_OK)
        return error.status;
    if (!options.cuda_context) {
        own_stream_ = true;
        if (const Result result = driver_.stream_create(&stream_, cuda::kStreamNonBlocking)) {
            own_stream_ = false;
            return failed(result, "no CUDA stream", error);
        }
    }
    return open_modules(model, tier, used, allocator, error);
}

slimscale_status CudaDevice::open_context(const DeviceOptions &options, Error &error) {
    int ordinal = options.ordinal;
    char why[256];
    Facts facts;
    if (options.cuda_context) {
        context_ = static_cast<cuda::Context>(options.cuda_context);
        stream_ = static_cast<cuda::Stream>(options.cuda_stream);
        const Entered entered(this, error);
        if (entered.status() != SLIMSCALE_OK)
            return error.status;
        if (const Result result = driver_.context_device(&ordinal))
            return failed(result, "the caller's CUDA context names no device", error);
    }
    if (read_facts(driver_, ordinal, facts, why, sizeof why)[0])
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", why);
    device_ = facts.device;
    capability_ = facts.capability;
    integrated_ = facts.integrated != 0;
    describe_facts(facts, description_, sizeof description_);
    std::memcpy(name_, facts.name, sizeof name_);
    if (options.cuda_context)
        return SLIMSCALE_OK;
    if (const Result result = driver_.primary_retain(&context_, device_))
        return failed(result, "no CUDA context", error);
    own_context_ = true;
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::open_modules(const slimscale_model &model, const slimscale_tier &tier, const bool *used,
                                          const slimscale_allocator &allocator, Error &error) {
    const int count = model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES;
    if (!table_.allocate(allocator, sizeof(Kernels) * static_cast<size_t>(count)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the table of kernels");
    std::memset(table_.data(), 0, table_.size());
    kernels_ = reinterpret_cast<Kernels *>(table_.data());
    pipeline_count_ = count;
    for (int p = 0; p < count; p++) {
        const char *name = p < model.pipeline_count ? model.pipeline_names[p] : "of images";
        if (used[p] && load_module(tier, p, name, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

Result CudaDevice::load_code(const slimscale_code &code, cuda::Module &module, char *log, unsigned log_size) const {
    int options[] = {cuda::kJitErrorLog, cuda::kJitErrorLogBytes};
    void *values[] = {log, reinterpret_cast<void *>(static_cast<uintptr_t>(log_size))};
    return driver_.module_load(&module, code.data, 2, options, values);
}

slimscale_status CudaDevice::load_module(const slimscale_tier &tier, int pipeline, const char *name, Error &error) {
    const slimscale_code *code = tier.code + static_cast<ptrdiff_t>(pipeline) * tier.architecture_count;
    const int best = best_code(tier, capability_, integrated_);
    char log[200] = "";
    Result result = load_code(code[best], kernels_[pipeline].module, log, sizeof log);
    if (result != 0 && best != 0 && result != cuda::kOutOfMemory)  // a driver older than the cubin: PTX is older still
        result = load_code(code[0], kernels_[pipeline].module, log, sizeof log);
    if (result == 0)
        return SLIMSCALE_OK;
    kernels_[pipeline].module = nullptr;
    char what[320];
    std::snprintf(what, sizeof what, "the driver refuses the kernels of %s%s%s", name, log[0] ? ": " : "", log);
    return failed(result, what, error);
}

void CudaDevice::close() {
    Error ignored;
    if (context_ && enter(ignored) == SLIMSCALE_OK) {
        for (int p = 0; p < pipeline_count_; p++)
            if (kernels_[p].module)
                driver_.module_unload(kernels_[p].module);
        if (own_stream_)
            driver_.stream_destroy(stream_);
        leave();
    }
    if (own_context_)
        driver_.primary_release(device_);
    own_context_ = own_stream_ = false;
    context_ = nullptr;
    table_.release();
    pipeline_count_ = 0;
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

// The driver does not promise that freeing waits for what still uses the memory.
void CudaDevice::release(unsigned char *address) {
    driver_.stream_synchronize(stream_);
    driver_.memory_free(address_of(address));
}

size_t CudaDevice::free_bytes() {
    size_t free = 0, total = 0;
    return driver_.memory_info(&free, &total) == 0 ? free : 0;
}

slimscale_status CudaDevice::upload(unsigned char *to, const void *from, size_t bytes, Error &error) {
    const Result result = driver_.copy_to_device(address_of(to), from, bytes, stream_);
    return result == 0 ? SLIMSCALE_OK : failed(result, "copying to the GPU", error);
}

// CUDA's pitches are unsigned: rows that run upwards are copied one by one.
slimscale_status CudaDevice::copy_rows(const PitchedRows &to, const PitchedRows &from, unsigned to_type,
                                       unsigned from_type, size_t row_bytes, int rows, Error &error) {
    const bool one_by_one = to.pitch < 0 || from.pitch < 0;
    const int times = one_by_one ? rows : 1;
    for (int i = 0; i < times; i++) {
        unsigned char *target = to.first + i * to.pitch, *source = from.first + i * from.pitch;
        cuda::Copy2D copy{};
        copy.source_type = from_type;
        copy.source_host = source;
        copy.source_device = address_of(source);
        copy.target_type = to_type;
        copy.target_host = target;
        copy.target_device = address_of(target);
        copy.source_pitch = one_by_one || rows == 1 ? row_bytes : static_cast<size_t>(from.pitch);
        copy.target_pitch = one_by_one || rows == 1 ? row_bytes : static_cast<size_t>(to.pitch);
        copy.row_bytes = row_bytes;
        copy.rows = one_by_one ? 1 : static_cast<size_t>(rows);
        if (const Result result = driver_.copy_2d(&copy, stream_))
            return failed(result, to_type == cuda::kMemoryDevice ? "copying the frame to the GPU" : "copying the frame from the GPU",
                          error);
    }
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::upload_rows(const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                                         Error &error) {
    return copy_rows(to, from, cuda::kMemoryDevice, cuda::kMemoryHost, row_bytes, rows, error);
}

slimscale_status CudaDevice::download_rows(const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                                           Error &error) {
    return copy_rows(to, from, cuda::kMemoryHost, cuda::kMemoryDevice, row_bytes, rows, error);
}

slimscale_status CudaDevice::finish(Error &error) {
    const Result result = driver_.stream_synchronize(stream_);
    return result == 0 ? SLIMSCALE_OK : failed(result, "the GPU's work did not finish", error);
}

// All kernels that a handle's widths need were loaded by open.
slimscale_status CudaDevice::load(int pipeline, const char *, size_t, Error &error) {
    if (pipeline >= 0 && pipeline < pipeline_count_ && kernels_[pipeline].module)
        return SLIMSCALE_OK;
    return error.set(SLIMSCALE_PIPELINE_FAILED, "the kernels of pipeline %d were not loaded; please report this",
                     pipeline);
}

slimscale_status CudaDevice::find_kernel(Kernels &kernels, const char *name, cuda::Function &function,
                                         Error &error) const {
    for (int i = 0; i < kernels.count; i++)
        if (kernels.names[i] == name || std::strcmp(kernels.names[i], name) == 0) {
            function = kernels.functions[i];
            return SLIMSCALE_OK;
        }
    if (const Result result = driver_.module_function(&function, kernels.module, name))
        return failed(result, name, error);
    if (kernels.count < kMostKernels) {
        kernels.names[kernels.count] = name;  // part of the archive
        kernels.functions[kernels.count++] = function;
    }
    return SLIMSCALE_OK;
}

slimscale_status CudaDevice::launch(int pipeline, const Launch &l, Error &error) {
    constexpr int kMostArguments = 64;
    cuda::Function function = nullptr;
    if (find_kernel(kernels_[pipeline], l.kernel, function, error) != SLIMSCALE_OK)
        return error.status;
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
