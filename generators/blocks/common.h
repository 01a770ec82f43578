// What blocks share: how rows are addressed, how convolutions end, and what is promised about buffers
// (generators/README.md, "Contracts").
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include "Halide.h"
#include "contract/arguments.h"
#include "contract/winograd.h"
#include "schedules/parameters.h"
#include "schedules/products.h"

namespace slimscale::blocks {

using contract::Arg;
using contract::Schedule;

inline const std::map<std::string, Schedule> kSchedules{
    {"naive", Schedule::naive}, {"fast", Schedule::fast}, {"gpu", Schedule::gpu}};

// The data type of activations in memory. All arithmetic, filters, biases, sums and images are f32, but for products in AMX
// tiles and in fixed point. f16 is for GPUs and for fixed point on CPUs, bf16 for CPUs.
enum class Storage { f32,
                     f16,
                     bf16 };

inline const std::map<std::string, Storage> kStorages{
    {"f32", Storage::f32}, {"f16", Storage::f16}, {"bf16", Storage::bf16}};

// The blocking that a generator's parameter asks for, or the rule's where the text is empty. Throws std::runtime_error, as
// StrictReporter does, if the block cannot be compiled so.
inline schedules::Blocking blocking_of(const std::string &text, const schedules::Work &work,
                                       const Halide::Target &target) {
    if (text.empty())
        return schedules::ruled_blocking(work, target);
    const Result<schedules::Blocking> blocking = schedules::parse_blocking(text, work.block);
    const Status legal =
        blocking ? schedules::check_blocking(*blocking, work, schedules::isa_of(target)) : blocking.status();
    if (!legal)
        throw std::runtime_error(legal.error());
    return *blocking;
}

inline Halide::Type type_of(Storage storage) {
    return storage == Storage::bf16 ? Halide::BFloat(16) : Halide::Float(storage == Storage::f16 ? 16 : 32);
}

// A stored number as f32. A bf16 is the upper half of an f32: as bits, since Halide warns of arithmetic in bf16.
inline Halide::Expr widened(Halide::Expr value) {
    if (!value.type().is_bfloat())
        return Halide::cast<float>(value);
    Halide::Expr bits = Halide::cast<uint32_t>(Halide::reinterpret(Halide::UInt(16), value));
    return Halide::reinterpret<float>(bits << 16);
}

// An f32 as it is stored, rounded to the nearest, to even at a tie. In bf16 a number beyond the largest becomes infinity, and
// a NaN stays one if its upper half is that of a NaN, as in those that processors make.
inline Halide::Expr stored_as(Halide::Type type, Halide::Expr value) {
    if (!type.is_bfloat())
        return Halide::cast(type, value);
    Halide::Expr bits = Halide::reinterpret<uint32_t>(value);
    bits = (bits + (((bits >> 16) & 1) + 0x7fff)) >> 16;
    return Halide::reinterpret(type, Halide::cast<uint16_t>(bits));
}

// rows(y): the buffer row that holds frame row y + row0, or the zero row (number `ring`) above and below the frame.
inline Halide::Func frame_rows(Halide::Expr base, Halide::Expr ring, Halide::Expr height, Halide::Expr row0) {
    Halide::Func rows("rows");
    Halide::Var y("y");
    Halide::Expr row = y + row0;
    rows(y) = Halide::select(row < 0 || row >= height, ring, (row + base) % ring);
    return rows;
}

// The same without the zero row: what is read for rows outside the frame is undefined, but inside the buffer.
inline Halide::Func ring_rows(Halide::Expr base, Halide::Expr ring, Halide::Expr row0,
                              const std::string &name = "rows") {
    Halide::Func rows(name);
    Halide::Var y("y");
    rows(y) = (y + row0 + base) % ring;
    return rows;
}

// Reads a tensor at column x and buffer row `row`, as f32 however it is stored. Halide cannot derive how far rows() and a
// schedule's rounding reach, so it is told here that columns stay within -1 to last_column and rows within 0 to `ring`; the
// pipeline checks the buffer against these bounds once, when it starts.
template <typename Tensor>
Halide::Expr read(const Tensor &tensor, Halide::Expr c, Halide::Expr x, Halide::Expr row, Halide::Expr last_column,
                  Halide::Expr ring) {
    return widened(
        tensor(c, Halide::unsafe_promise_clamped(x, -1, last_column), Halide::unsafe_promise_clamped(row, 0, ring)));
}

// Arguments that a generator adds in configure(): a tensor, and where ring_rows finds its rows. No zero row is read.
struct RingInput {
    Halide::GeneratorInput<Halide::Buffer<>> *tensor = nullptr;  // c, x, row
    Halide::GeneratorInput<int> *base = nullptr, *ring = nullptr;

    Halide::Func rows(Halide::Expr row0, const std::string &name = "rows") const {
        return ring_rows(*base, *ring, row0, name);
    }
    Halide::Expr at(Halide::Expr c, Halide::Expr x, Halide::Expr row, Halide::Expr last_column) const {
        return read(*tensor, c, x, row, last_column, *ring - 1);
    }
};

inline RingInput add_ring_input(Halide::Internal::GeneratorBase &generator, Halide::Type type, const std::string &tensor,
                                const std::string &base, const std::string &ring) {
    return {generator.add_input<Halide::Buffer<>>(tensor, type, 3), generator.add_input<int>(base),
            generator.add_input<int>(ring)};
}

inline RingInput add_addend(Halide::Internal::GeneratorBase &generator, Halide::Type type) {
    return add_ring_input(generator, type, "addend", "add_base", "add_ring");
}

// He et al., arXiv 1502.01852.
inline Halide::Expr prelu(Halide::Expr value, Halide::Expr slope) {
    return Halide::max(value, 0.f) + slope * Halide::min(value, 0.f);
}

// The argument that ends a convolution: the slopes of a PReLU or, without one, output_min.
struct Activation {
    Halide::GeneratorInput<Halide::Buffer<float, 1>> *slope = nullptr;
    Halide::GeneratorInput<float> *output_min = nullptr;

    Halide::Expr of(Halide::Expr value, Halide::Expr c) const {
        return slope ? prelu(value, (*slope)(c)) : Halide::max(value, *output_min);
    }
};

inline Activation add_activation(Halide::Internal::GeneratorBase &generator, bool prelu) {
    Activation activation;
    if (prelu)
        activation.slope = generator.add_input<Halide::Buffer<float, 1>>("slope");
    else
        activation.output_min = generator.add_input<float>("floor");
    return activation;
}

// Declares what contract/blocks.inc says of a block's arguments on a generator's buffers. The pipeline checks it when it is
// called, and its schedule may rely on it.
class Contract {
public:
    // `numbers` has the block and the channels of the pipeline.
    Contract(const contract::Pipeline &numbers, Schedule schedule)
        : numbers_(numbers), device_(schedule == Schedule::gpu) {}

    template <typename Buffer>
    const Contract &promise(contract::Arg arg, Buffer &buffer) const {
        const contract::Argument &declared = argument(arg, buffer.dimensions());
        const bool vectors = device_ && declared.vectors;
        if (vectors)
            buffer.set_host_alignment(contract::kDeviceVector * buffer.type().bytes());
        for (int i = 0; i < declared.rank; i++) {
            const contract::Dimension &d = declared.dims[i];
            Halide::Internal::Dimension dim = buffer.dim(i);
            if (const int extent = contract::value_of(d.extent, numbers_); extent != contract::kAny)
                dim.set_bounds(0, extent);
            else if (d.from_zero)
                dim.set_min(0);
            if (d.multiple > 1 && !(d.tiles && device_))
                dim.set_extent(dim.extent() / d.multiple * d.multiple);
            if (const int stride = contract::value_of(d.stride, numbers_); stride != contract::kAny)
                dim.set_stride(stride);
            else if (d.loose)
                dim.set_stride(Halide::Expr());
            else if (vectors && i > 0)
                dim.set_stride(dim.stride() / contract::kDeviceVector * contract::kDeviceVector);
        }
        return *this;
    }

    // The same for a buffer that some of a block's pipelines do not have: null.
    template <typename Buffer>
    const Contract &promise(contract::Arg arg, Buffer *buffer) const {
        return buffer ? promise(arg, *buffer) : *this;
    }

private:
    // The declaration of an argument with this many dimensions: in fixed point some buffers have another shape.
    const contract::Argument &argument(contract::Arg arg, int rank) const {
        for (const contract::Argument &declared : contract::arguments_of(numbers_.block))
            if (declared.arg == arg && declared.kind == contract::Kind::buffer && declared.rank == rank)
                return declared;
        throw std::runtime_error("contract/blocks.inc declares no such buffer of " + std::to_string(rank) + " dimensions");
    }

    contract::Pipeline numbers_;
    bool device_;
};

// Rounds to the nearest int16 within +-kQ16Limit. After 1.5 * 2^23 is added, a float's last place is worth 1, so its low
// bits are the integer. Positive floats are ordered as their bits are, and negative ones have negative bits, so the limits
// hold as well in integers, which leaves the addition to be fused with the multiplication before it.
inline Halide::Expr rounded_q16(Halide::Expr value) {
    constexpr float kRoundingMagic = 12582912.f;
    constexpr int kBitsOfMagic = 0x4b400000, kLimit = winograd::kQ16Limit;
    Halide::Expr bits = Halide::reinterpret<int32_t>(value + kRoundingMagic);
    return Halide::cast<int16_t>(Halide::clamp(bits, kBitsOfMagic - kLimit, kBitsOfMagic + kLimit));
}

}  // namespace slimscale::blocks
