// Compares our declarations of CUDA's driver (runtime/drivers/cuda_driver.h) with NVIDIA's cuda.h: this file compiles
// if they agree. With WRONG_TYPE or WRONG_VALUE it must not compile.
#include <cuda.h>

#include <type_traits>

#include "runtime/drivers/cuda_driver.h"

namespace {

using namespace slimscale::runtime;

template <typename Type>
constexpr bool kIsNumber = std::is_integral_v<Type> || std::is_enum_v<Type>;

// Whether a function that declares `Theirs` may be called with an argument of type `Ours`: numbers of one size (their
// enumerations are integers here), pointers to such numbers, handles, which are pointers to undefined structures, and
// the one structure that is compared below.
template <typename Ours, typename Theirs>
constexpr bool fits() {
    if constexpr (std::is_pointer_v<Ours> && std::is_pointer_v<Theirs>) {
        using Our = std::remove_cv_t<std::remove_pointer_t<Ours>>;
        using Their = std::remove_cv_t<std::remove_pointer_t<Theirs>>;
        if constexpr (std::is_void_v<Our> || std::is_void_v<Their>)
            return std::is_void_v<Our> == std::is_void_v<Their>;
        else if constexpr (std::is_same_v<Our, cuda::Copy2D>)
            return std::is_same_v<Their, CUDA_MEMCPY2D>;
        else if constexpr (std::is_class_v<Our> || std::is_class_v<Their>)
            return std::is_class_v<Our> && std::is_class_v<Their>;
        else
            return fits<Our, Their>();
    } else {
        return kIsNumber<Ours> && kIsNumber<Theirs> && sizeof(Ours) == sizeof(Theirs);
    }
}

template <typename OurResult, typename... Ours, typename TheirResult, typename... Theirs>
constexpr bool agree(OurResult (*)(Ours...), TheirResult (*)(Theirs...)) {
    if constexpr (sizeof...(Ours) == sizeof...(Theirs))
        return fits<OurResult, TheirResult>() && (fits<Ours, Theirs>() && ...);
    else
        return false;
}

#define SLIMSCALE_COMPARE(member, symbol, parameters) \
    static_assert(agree(decltype(cuda::Driver::member){}, decltype(&symbol){}), #symbol);
SLIMSCALE_CUDA_FUNCTIONS(SLIMSCALE_COMPARE)

#ifdef WRONG_TYPE
static_assert(agree(static_cast<cuda::Result (*)(cuda::Address *, int)>(nullptr), decltype(&cuMemAlloc_v2){}), "bytes");
#endif

#ifdef WRONG_VALUE
constexpr int kAdded = 1;
#else
constexpr int kAdded = 0;
#endif
#define SLIMSCALE_SAME(ours, theirs) static_assert(int{cuda::ours} + kAdded == static_cast<int>(theirs), #theirs)
SLIMSCALE_SAME(kOutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
SLIMSCALE_SAME(kIllegalAddress, CUDA_ERROR_ILLEGAL_ADDRESS);
SLIMSCALE_SAME(kFirstLost, CUDA_ERROR_HARDWARE_STACK_ERROR);
SLIMSCALE_SAME(kLastLost, CUDA_ERROR_LAUNCH_FAILED);
SLIMSCALE_SAME(kCapabilityMajor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SLIMSCALE_SAME(kCapabilityMinor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SLIMSCALE_SAME(kJitErrorLog, CU_JIT_ERROR_LOG_BUFFER);
SLIMSCALE_SAME(kJitErrorLogBytes, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SLIMSCALE_SAME(kStreamNonBlocking, CU_STREAM_NON_BLOCKING);
SLIMSCALE_SAME(kMemoryHost, CU_MEMORYTYPE_HOST);
SLIMSCALE_SAME(kMemoryDevice, CU_MEMORYTYPE_DEVICE);

#define SLIMSCALE_SAME_FIELD(ours, theirs)                                          \
    static_assert(offsetof(cuda::Copy2D, ours) == offsetof(CUDA_MEMCPY2D, theirs)); \
    static_assert(fits<decltype(cuda::Copy2D::ours), decltype(CUDA_MEMCPY2D::theirs)>())
SLIMSCALE_SAME_FIELD(source_x, srcXInBytes);
SLIMSCALE_SAME_FIELD(source_y, srcY);
SLIMSCALE_SAME_FIELD(source_type, srcMemoryType);
SLIMSCALE_SAME_FIELD(source_host, srcHost);
SLIMSCALE_SAME_FIELD(source_device, srcDevice);
SLIMSCALE_SAME_FIELD(source_pitch, srcPitch);
SLIMSCALE_SAME_FIELD(target_x, dstXInBytes);
SLIMSCALE_SAME_FIELD(target_y, dstY);
SLIMSCALE_SAME_FIELD(target_type, dstMemoryType);
SLIMSCALE_SAME_FIELD(target_host, dstHost);
SLIMSCALE_SAME_FIELD(target_device, dstDevice);
SLIMSCALE_SAME_FIELD(target_pitch, dstPitch);
SLIMSCALE_SAME_FIELD(row_bytes, WidthInBytes);
SLIMSCALE_SAME_FIELD(rows, Height);
static_assert(offsetof(cuda::Copy2D, source_array) == offsetof(CUDA_MEMCPY2D, srcArray));
static_assert(offsetof(cuda::Copy2D, target_array) == offsetof(CUDA_MEMCPY2D, dstArray));
static_assert(sizeof(cuda::Copy2D) == sizeof(CUDA_MEMCPY2D));

}  // namespace
