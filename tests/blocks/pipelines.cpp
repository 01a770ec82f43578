#include "tests/blocks/pipelines.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <stdexcept>

#include "generators/blocks/blocks.h"
#include "schedules/parameters.h"

namespace slimscale::test {

namespace {

using contract::DataType;
using contract::Device;
using contract::Isa;
using contract::Schedule;

// The targets of this platform, as archives are compiled for them. bf16_test.cpp and int8_test.cpp have their own.
std::vector<TestTarget> compiled_targets() {
    enum Platform { x86, arm, android };
    struct Row {
        contract::Target id;
        Platform platform;
        Schedule schedule;
        const char *features;
    };
    constexpr Row kRows[] = {
#define SLIMSCALE_TARGET(device, isa, type, platform, schedule, brought_by, features) \
    {{Device::device, Isa::isa, DataType::type}, platform, Schedule::schedule, features},
#include "contract/targets.inc"
    };
    std::vector<TestTarget> targets;
    for (const Row &row : kRows)
        if (row.platform == x86 && row.id.device != Device::cuda && !contract::in_tiles(row.id.type))
            targets.push_back({row.id, std::string("x86-64-linux") + row.features, row.schedule});
    return targets;
}

// Whether the processor has every feature that the target names, or there is such a device.
bool is_supported(const TestTarget &target) {
    const Halide::Target wanted(target.halide), host = Halide::get_host_target();
    if (target.on_gpu())
        return Halide::host_supports_target_device(wanted);
    for (int i = 0; i < Halide::Target::FeatureEnd; i++) {
        const auto feature = static_cast<Halide::Target::Feature>(i);
        if (wanted.has_feature(feature) && !host.has_feature(feature))
            return false;
    }
    return true;
}

// The targets that run here: plain loops first, then from the narrowest vectors to the widest, then GPUs.
std::vector<TestTarget> supported_targets() {
    // Device memory comes in blocks of 32 to 64 MB, multiples of a page, since by default Halide 21 loses what lies
    // beyond a multiple of 64 bytes of a kernel's scalar arguments, at least on Mesa 22.3's lavapipe. It may still lose
    // the ends of buffers, depending on earlier allocations, as RegionAllocator::split_block_region takes from a region
    // what rounding adds to the rest. So each buffer has a page of slack (Staged).
    setenv("HL_VK_ALLOC_CONFIG", "0:32:64:0:4096", 0);
    std::vector<TestTarget> all;
    for (const TestTarget &target : compiled_targets())
        if (is_supported(target))
            all.push_back(target);
        else
            std::fprintf(stderr, "test_blocks: left out: %s, which this machine does not run\n", target.name.c_str());
    std::fprintf(stderr, "test_blocks: left out: f16 on opencl, whose kernels with halves PoCL 3.1 cannot build\n");
    const auto rank = [](const TestTarget &target) { return target.on_gpu() ? 2 : target.schedule == Schedule::fast; };
    std::reverse(all.begin(), all.end());
    std::stable_sort(all.begin(), all.end(),
                     [&](const TestTarget &a, const TestTarget &b) { return rank(a) < rank(b); });
    return all;
}

std::vector<TestTarget> of_type(std::vector<TestTarget> targets, bool q16) {
    const auto other = [&](const TestTarget &target) { return (target.id.type == DataType::q16) != q16; };
    targets.erase(std::remove_if(targets.begin(), targets.end(), other), targets.end());
    return targets;
}

const std::vector<TestTarget> &all_supported() {
    static const std::vector<TestTarget> list = supported_targets();
    return list;
}

contract::Pipeline parsed(const std::string &name) {
    contract::Pipeline pipeline;
    if (!contract::parse_pipeline(name, pipeline))
        throw std::runtime_error(blocks::no_such_pipeline(name));
    return pipeline;
}

blocks::StrictReporter reporter;

std::atomic<size_t> bytes_held{0}, bytes_peak{0};

struct Header {
    void *block;
    size_t bytes;
};

void *counted_malloc(Halide::JITUserContext *, size_t bytes) {
    constexpr size_t kAlignment = 64;
    void *block = std::malloc(bytes + sizeof(Header) + kAlignment);
    const auto address = reinterpret_cast<uintptr_t>(block) + sizeof(Header) + kAlignment - 1;
    auto *result = reinterpret_cast<Header *>(address / kAlignment * kAlignment);
    result[-1] = {block, bytes};
    const size_t held = bytes_held += bytes;
    size_t peak = bytes_peak;
    while (held > peak && !bytes_peak.compare_exchange_weak(peak, held)) {
    }
    return result;
}

void counted_free(Halide::JITUserContext *, void *memory) {
    if (memory != nullptr) {
        const Header header = static_cast<Header *>(memory)[-1];
        bytes_held -= header.bytes;
        std::free(header.block);
    }
}

std::string blocking_of(const std::string &name, const TestTarget &target) {
    return target.blocking.empty() ? blocks::blocking(parsed(name), target.schedule, Halide::Target(target.halide))
                                   : target.blocking;
}

}  // namespace

const std::vector<TestTarget> &targets() {
    static const std::vector<TestTarget> list = of_type(all_supported(), false);
    return list;
}

std::vector<TestTarget> fast_targets() {
    return {targets().begin() + 1, targets().end()};
}

const std::vector<TestTarget> &q16_targets() {
    static const std::vector<TestTarget> list = [] {
        std::vector<TestTarget> supported = of_type(all_supported(), true);
        TestTarget naive = naive_target();
        naive.id.type = DataType::q16;
        naive.halide += "-sse41-avx-f16c";  // activations are f16, which Halide does not emulate without a warning
        naive.name = name_of(naive.id).str();
        supported.insert(supported.begin(), naive);
        return supported;
    }();
    return list;
}

const TestTarget &naive_target() {
    return targets().front();
}

std::vector<TestTarget> with_blockings(const TestTarget &target, const std::string &name, size_t count) {
    std::vector<TestTarget> result;
    schedules::Work work;
    if (target.schedule != Schedule::fast || !schedules::parse_work(name, work))
        return result;
    const auto legal = schedules::legal_blockings(work, schedules::isa_of(Halide::Target(target.halide)));
    count = std::min(count, legal.size());
    for (size_t i = 0; i < count; i++) {
        result.push_back(target);
        result.back().blocking = schedules::text_of(legal[(2 * i + 1) * legal.size() / (2 * count)], work.block);
    }
    return result;
}

Halide::Callable &pipeline(const std::string &name, const TestTarget &target) {
    static std::map<std::string, Halide::Callable> compiled;
    const std::string key = name + " " + target.name + " " + target.blocking;
    auto found = compiled.find(key);
    if (found == compiled.end()) {
        Halide::set_custom_compile_time_error_reporter(&reporter);
        Halide::JITHandlers handlers;
        handlers.custom_malloc = counted_malloc;
        handlers.custom_free = counted_free;
        Halide::Internal::JITSharedRuntime::set_default_handlers(handlers);
        const Result<blocks::Block> block =
            blocks::block(name, target.schedule, target.id.type, blocking_of(name, target));
        if (!block)
            throw std::runtime_error(block.error());
        const Halide::Target jit(target.halide + "-jit");
        found = compiled
                    .emplace(key, Halide::create_callable_from_generator(Halide::GeneratorContext(jit),
                                                                         block->generator, block->params))
                    .first;
    }
    return found->second;
}

const halide_device_interface_t *device_interface(const TestTarget &target) {
    const bool vulkan = target.id.device == Device::vulkan;
    const Halide::DeviceAPI api = vulkan ? Halide::DeviceAPI::Vulkan : Halide::DeviceAPI::OpenCL;
    return Halide::get_device_interface_for_device_api(api, Halide::Target(target.halide + "-jit"));
}

DeviceMemory::DeviceMemory(size_t bytes, const TestTarget &target)
    : target_(target), memory_(static_cast<int>((bytes / kPage + 2) * kPage)) {
    memory_.fill(0);
}

void DeviceMemory::send() {
    memory_.set_host_dirty();
    memory_.copy_to_device(device_interface(target_));
}

void DeviceMemory::fetch() {
    memory_.set_device_dirty();
    memory_.copy_to_host();
}

halide_buffer_t DeviceMemory::view(const halide_buffer_t &buffer, halide_type_t type) {
    halide_buffer_t raw = buffer;
    raw.host = nullptr;
    raw.type = type;
    raw.device = memory_.raw_buffer()->device;
    raw.device_interface = memory_.raw_buffer()->device_interface;
    raw.flags = halide_buffer_flag_device_dirty;
    return raw;
}

Staged<Activations, true>::Staged(Activations &activations, const TestTarget &target)
    : host_(activations.begin), count_(activations.count), halves_(target.in_f16()),
      memory_(count_ * sizeof(float), target) {
    if (halves_) {
        std::transform(host_, host_ + count_, std::back_inserter(sent_),
                       [](float value) { return stored_bits(value, DataType::f16); });
        std::memcpy(memory_.host(), sent_.data(), count_ * sizeof sent_[0]);
    } else {
        std::memcpy(memory_.host(), host_, count_ * sizeof(float));
    }
    memory_.send();
    device_ = memory_.view(*activations.raw, halide_type_t(halide_type_float, halves_ ? 16 : 32));
}

// Halves that have not changed leave their float unchanged, since a guard value need not be a number of f16.
void Staged<Activations, true>::bring_back() {
    memory_.fetch();
    if (!halves_) {
        std::memcpy(host_, memory_.host(), count_ * sizeof(float));
        return;
    }
    for (size_t i = 0; i < count_; i++) {
        uint16_t half = 0;
        std::memcpy(&half, memory_.host() + i * sizeof half, sizeof half);
        if (half != sent_[i])
            host_[i] = stored_value(half, DataType::f16);
    }
}

void reset_scratch() {
    bytes_peak = bytes_held.load();
}

std::string scratch_error(const std::string &name, const TestTarget &target, int groups) {
    const auto workers = static_cast<size_t>(Halide::Internal::JITSharedRuntime::get_num_threads());
    const size_t per_group = blocks::scratch_bytes(parsed(name), target.schedule, target.id.type,
                                                   Halide::Target(target.halide), blocking_of(name, target));
    const size_t limit = workers * per_group * static_cast<size_t>(groups);
    return bytes_peak <= limit ? ""
                               : name + " (" + target.name + ") took " + std::to_string(bytes_peak) +
                                     " bytes of scratch, not at most " + std::to_string(limit);
}

void check_call(int status, const std::string &name, const TestTarget &target, int groups) {
    if (status != 0)
        throw std::runtime_error(name + " (" + target.name + ") returned " + std::to_string(status));
    const std::string error = scratch_error(name, target, groups);
    if (!error.empty())
        throw std::runtime_error(error);
}

}  // namespace slimscale::test
