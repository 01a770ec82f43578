// Intel's Software Developer's Manual, volume 2, has the instructions: their encodings (all VEX.128, map 0F38, W0) and
// what they compute. Of the registers only palette 1 exists: 8 tiles of up to 16 rows of 64 bytes.
#include "tests/emulation/amx.h"

#include "tests/emulation/jumps.h"

#include <cpuid.h>
#include <immintrin.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>

namespace slimscale::test {

namespace {

constexpr int kTiles = 8, kRows = 16, kRowBytes = 64, kLongest = 15;  // bytes of an instruction

struct Tile {
    int rows, row_bytes;
    alignas(64) uint8_t bytes[kRows][kRowBytes];
};

// The memory operand of LDTILECFG.
struct Configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};
static_assert(sizeof(Configuration) == 64, "as the manual has it");

thread_local Tile tiles[kTiles];
thread_local bool configured = false;
std::atomic<long> executed{0};
struct sigaction previous;
bool by_jumps = false;
Jumps jumps;

void release() {
    configured = false;
    std::memset(tiles, 0, sizeof tiles);
}

bool configure(const uint8_t *memory) {
    Configuration c;
    std::memcpy(&c, memory, sizeof c);
    release();
    if (c.palette == 0)
        return true;
    if (c.palette != 1 || c.start_row != 0)
        return false;
    for (int t = 0; t < kTiles; t++) {
        if (c.row_bytes[t] > kRowBytes || c.rows[t] > kRows || (c.rows[t] == 0) != (c.row_bytes[t] == 0))
            return false;
        tiles[t].rows = c.rows[t];
        tiles[t].row_bytes = c.row_bytes[t];
    }
    return configured = true;
}

bool usable(int tile) {
    return configured && tiles[tile].rows > 0;
}

void load(Tile &tile, const uint8_t *memory, int64_t stride) {
    std::memset(tile.bytes, 0, sizeof tile.bytes);
    for (int row = 0; row < tile.rows; row++)
        std::memcpy(tile.bytes[row], memory + row * stride, static_cast<size_t>(tile.row_bytes));
}

void store(const Tile &tile, uint8_t *memory, int64_t stride) {
    for (int row = 0; row < tile.rows; row++)
        std::memcpy(memory + row * stride, tile.bytes[row], static_cast<size_t>(tile.row_bytes));
}

// Two chains of fused multiply-adds from 0, over even and over odd k; their sum is added to the tile. Denormal numbers
// count as 0 on both sides, and results are rounded to nearest, whatever MXCSR says.
__attribute__((target("avx512f"))) void multiply_bf16(Tile &sums, const Tile &a, const Tile &b) {
    const __m512i high = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
    for (int row = 0; row < sums.rows; row++) {
        __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
        for (int k = 0; k < a.row_bytes / 4; k++) {
            uint32_t pair;
            std::memcpy(&pair, &a.bytes[row][4 * k], sizeof pair);
            const __m512i factors = _mm512_load_si512(b.bytes[k]), pairs = _mm512_set1_epi32(static_cast<int>(pair));
            even = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16)),
                                   _mm512_castsi512_ps(_mm512_slli_epi32(factors, 16)), even);
            odd = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(pairs, high)),
                                  _mm512_castsi512_ps(_mm512_and_si512(factors, high)), odd);
        }
        const __m512 sum = _mm512_load_ps(sums.bytes[row]);
        _mm512_store_ps(sums.bytes[row], _mm512_add_ps(sum, _mm512_add_ps(even, odd)));
    }
}

// Four products of bytes at a time, added modulo 2^32. The words of a byte's sign are those of the mnemonic.
void multiply_bytes(Tile &sums, const Tile &a, const Tile &b, bool signed_a, bool signed_b) {
    const auto value = [](uint8_t byte, bool is_signed) {
        return is_signed ? int32_t{static_cast<int8_t>(byte)} : int32_t{byte};
    };
    for (int row = 0; row < sums.rows; row++)
        for (int n = 0; n < sums.row_bytes / 4; n++) {
            uint32_t sum;
            std::memcpy(&sum, &sums.bytes[row][4 * n], sizeof sum);
            for (int k = 0; k < a.row_bytes; k++)
                sum += static_cast<uint32_t>(value(a.bytes[row][k], signed_a) *
                                             value(b.bytes[k / 4][4 * n + k % 4], signed_b));
            std::memcpy(&sums.bytes[row][4 * n], &sum, sizeof sum);
        }
}

enum Prefix { none, p66, pf3, pf2 };

// An instruction in the form that all of them share.
class Instruction {
public:
    // `place`: where the code lies, whose copy `code` may be.
    Instruction(const uint8_t *code, const uint8_t *place, const greg_t *registers)
        : code_(code), place_(place), registers_(registers) {}

    bool is_vex() const {
        return code_[0] == 0xc4 && (code_[1] & 0x1f) == 2 && (code_[2] & 0x80) == 0 && (code_[2] & 0x04) == 0;
    }
    uint8_t opcode() const { return code_[3]; }
    Prefix prefix() const { return static_cast<Prefix>(code_[2] & 3); }
    int third() const { return ~code_[2] >> 3 & 15; }
    int reg() const { return code_[4] >> 3 & 7; }
    int rm() const { return code_[4] & 7; }
    bool has_memory() const { return code_[4] < 0xc0; }
    bool has_sib() const { return has_memory() && rm() == 4; }

    // Sets the address of the memory operand and, of tiles, the stride: for those the index register is not added.
    int length_with(uint8_t *&address, int64_t &stride, bool of_tile) const {
        const int mode = code_[4] >> 6;
        int64_t sum = 0;
        int at = 5, base = rm();
        stride = 0;
        if (rm() == 4) {
            const int sib = code_[at++], index = (sib >> 3 & 7) | (code_[1] & 0x40 ? 0 : 8);
            base = sib & 7;
            const int64_t scaled = index == 4 ? 0 : value(index) * (int64_t{1} << (sib >> 6));
            (of_tile ? stride : sum) += scaled;
        }
        const bool no_base = mode == 0 && base == 5, relative = no_base && rm() == 5;
        if (!no_base)
            sum += value(base | (code_[1] & 0x20 ? 0 : 8));
        if (mode == 1) {
            sum += static_cast<int8_t>(code_[at++]);
        } else if (mode == 2 || no_base) {
            int32_t displacement;
            std::memcpy(&displacement, code_ + at, sizeof displacement);
            at += 4;
            sum += displacement;
        }
        if (relative)
            sum += reinterpret_cast<int64_t>(place_ + at);
        address = reinterpret_cast<uint8_t *>(sum);
        return at;
    }

private:
    int64_t value(int number) const {
        static constexpr int kOrder[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                         REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
        return registers_[kOrder[number]];
    }

    const uint8_t *code_, *place_;
    const greg_t *registers_;
};

int configure_or_release(const Instruction &i) {
    uint8_t *address;
    int64_t stride;
    if (i.prefix() == pf2 && !i.has_memory() && i.rm() == 0 && usable(i.reg())) {  // TILEZERO
        std::memset(tiles[i.reg()].bytes, 0, sizeof tiles[i.reg()].bytes);
        return 5;
    }
    if (i.prefix() != none || i.reg() != 0)
        return 0;
    if (!i.has_memory()) {  // TILERELEASE
        release();
        return 5;
    }
    const int length = i.length_with(address, stride, false);  // LDTILECFG
    return configure(address) ? length : 0;
}

int load_or_store(const Instruction &i) {
    if (!i.has_sib() || i.prefix() == none || !usable(i.reg()))
        return 0;
    uint8_t *address;
    int64_t stride;
    const int length = i.length_with(address, stride, true);
    if (i.prefix() == pf3)  // TILESTORED
        store(tiles[i.reg()], address, stride);
    else  // TILELOADD, TILELOADDT1
        load(tiles[i.reg()], address, stride);
    return length;
}

// TDPBF16PS (5C) and TDPBSSD, TDPBSUD, TDPBUSD, TDPBUUD (5E).
int multiply(const Instruction &i) {
    if (i.has_memory() || i.third() >= kTiles || !usable(i.reg()) || !usable(i.rm()) || !usable(i.third()))
        return 0;
    Tile &sums = tiles[i.reg()];
    const Tile &a = tiles[i.rm()], &b = tiles[i.third()];
    const bool distinct = i.reg() != i.rm() && i.reg() != i.third() && i.rm() != i.third();
    if (!distinct || sums.rows != a.rows || sums.row_bytes != b.row_bytes || a.row_bytes != 4 * b.rows ||
        sums.row_bytes % 4 != 0)
        return 0;
    if (i.opcode() == 0x5e)
        multiply_bytes(sums, a, b, i.prefix() == pf2 || i.prefix() == pf3, i.prefix() == pf2 || i.prefix() == p66);
    else if (i.prefix() == pf3)
        multiply_bf16(sums, a, b);
    else
        return 0;
    return 5;
}

// The instruction's length, or 0 if it is none of these or not allowed as it stands.
int execute(const Instruction &i) {
    if (!i.is_vex())
        return 0;
    switch (i.opcode()) {
    case 0x49:
        return configure_or_release(i);
    case 0x4b:
        return load_or_store(i);
    case 0x5c:
    case 0x5e:
        return multiply(i);
    default:
        return 0;
    }
}

// Executes the instructions that follow each other from `code` on, up to kMostBytes, and counts them. Returns their
// bytes.
int execute_all(const uint8_t *code, const uint8_t *place, const greg_t *registers) {
    constexpr unsigned kFlushDenormals = 0x8040, kMaskExceptions = 0x1f80;
    const unsigned before = _mm_getcsr();
    _mm_setcsr(kFlushDenormals | kMaskExceptions);
    int bytes = 0;
    for (int length = 1; length > 0 && bytes <= Jumps::kMostBytes - kLongest; bytes += length) {
        length = execute(Instruction(code + bytes, place + bytes, registers));
        executed.fetch_add(length > 0, std::memory_order_relaxed);
    }
    _mm_setcsr(before);
    return bytes;
}

void handle(int number, siginfo_t *info, void *context) {
    greg_t *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
    auto *code = reinterpret_cast<uint8_t *>(registers[REG_RIP]);
    // Tile instructions often follow each other: those behind the first are executed in the same trap.
    const int bytes = execute_all(code, code, registers);
    registers[REG_RIP] += bytes;
    if (bytes > 0 && by_jumps)
        jumps.replace(code, bytes, execute_all);
    if (bytes > 0)
        return;
    if (previous.sa_flags & SA_SIGINFO)
        previous.sa_sigaction(number, info, context);
    else
        sigaction(SIGILL, &previous, nullptr);  // the instruction is met again, and ends the process
}

// Whether the processor has AMX in bf16 and bytes, and the kernel lets this process use it.
bool has_amx() {
    constexpr unsigned kAmx = 1u << 22 | 1u << 24 | 1u << 25;  // CPUID.7.0:EDX
    constexpr long kRequestPermission = 0x1023, kTileData = 18;
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & kAmx) == kAmx &&
           syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

bool emulate_amx() {
    if (!__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512vbmi2") ||
        !__builtin_cpu_supports("avx512vnni"))
        return false;
    if (has_amx())
        return true;
    struct sigaction present = {}, ours = {};
    if (sigaction(SIGILL, nullptr, &present) != 0)
        return false;
    if ((present.sa_flags & SA_SIGINFO) && present.sa_sigaction == handle)
        return true;
    previous = present;
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_NODEFER;
    return sigaction(SIGILL, &ours, nullptr) == 0;
}

void emulate_by_jumps(bool wanted) {
    by_jumps = wanted;
}

long emulated_instructions() {
    return executed;
}

bool holds_tiles() {
    return configured;
}

}  // namespace slimscale::test
