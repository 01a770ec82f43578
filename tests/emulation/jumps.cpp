#include "tests/emulation/jumps.h"

#include <sys/mman.h>

#include <cstring>
#include <initializer_list>

namespace slimscale::test {

namespace {

constexpr size_t kPage = 4096, kChunk = 16 * kPage;
constexpr int kJumpBytes = 5, kRedZone = 128;

struct Group {
    uint8_t code[Jumps::kMostBytes];
    const uint8_t *place;
    Jumps::Execute execute;
    int bytes;
};

// What enter() below has pushed, from the last to the first, and what its caller had pushed before.
struct Pushed {
    int64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, flags, back, rax;
};

int32_t distance(const uint8_t *from, const uint8_t *to) {
    return static_cast<int32_t>(to - from);
}

}  // namespace

extern "C" void slimscale_emulation_execute(const Group *group, Pushed *p) {
    greg_t registers[NGREG] = {};
    registers[REG_RAX] = p->rax, registers[REG_RCX] = p->rcx, registers[REG_RDX] = p->rdx, registers[REG_RBX] = p->rbx;
    registers[REG_RBP] = p->rbp, registers[REG_RSI] = p->rsi, registers[REG_RDI] = p->rdi, registers[REG_R8] = p->r8;
    registers[REG_R9] = p->r9, registers[REG_R10] = p->r10, registers[REG_R11] = p->r11, registers[REG_R12] = p->r12;
    registers[REG_R13] = p->r13, registers[REG_R14] = p->r14, registers[REG_R15] = p->r15;
    registers[REG_RSP] = reinterpret_cast<int64_t>(p + 1) + kRedZone;
    if (group->execute(group->code, group->place, registers) != group->bytes)
        __builtin_trap();  // not allowed with the present configuration of tiles
}

// Called with the group in rax. Keeps the flags and all registers but rax.
extern "C" void slimscale_emulation_enter();
asm(R"(
    .text
    .p2align 4
    .globl slimscale_emulation_enter
    .hidden slimscale_emulation_enter
slimscale_emulation_enter:
    pushfq
    push %rcx
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, %rbp
    sub $(32 * 64 + 8 * 8), %rsp
    and $-64, %rsp
    cld
    .irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmovdqa64 %zmm\i, (\i * 64)(%rsp)
    .endr
    .irp i, 0,1,2,3,4,5,6,7
    kmovq %k\i, (32 * 64 + \i * 8)(%rsp)
    .endr
    mov %rax, %rdi
    mov %rbp, %rsi
    call slimscale_emulation_execute
    .irp i, 0,1,2,3,4,5,6,7
    kmovq (32 * 64 + \i * 8)(%rsp), %k\i
    .endr
    .irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmovdqa64 (\i * 64)(%rsp), %zmm\i
    .endr
    mov %rbp, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rbp
    pop %rbx
    pop %rdx
    pop %rcx
    popfq
    ret
)");

// Memory for code within a jump's reach; null if there is none.
uint8_t *Jumps::room(const uint8_t *near, size_t bytes) {
    constexpr int64_t kReach = int64_t{1} << 30, kStep = int64_t{1} << 24;
    const auto reaches = [&](const uint8_t *at) { return at - near < kReach && near - at < kReach; };
    if (next_ && reaches(next_) && static_cast<size_t>(end_ - next_) >= bytes)
        return next_;
    const int64_t page = reinterpret_cast<int64_t>(near) / static_cast<int64_t>(kPage) * static_cast<int64_t>(kPage);
    for (int64_t away = kStep; away < kReach; away += kStep)
        for (const int64_t hint : {page - away, page + away}) {
            void *memory = mmap(reinterpret_cast<void *>(hint), kChunk, PROT_READ | PROT_WRITE | PROT_EXEC,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
            if (memory == MAP_FAILED)
                continue;
            next_ = static_cast<uint8_t *>(memory);
            end_ = next_ + kChunk;
            if (reaches(next_))
                return next_;
        }
    return nullptr;
}

void Jumps::replace(uint8_t *code, int bytes, Execute execute) {
    constexpr size_t kCode = 64, kMost = sizeof(Group) + kCode;
    auto *memory = room(code, kMost);
    if (!memory || bytes > kMostBytes)
        return;
    const auto page = reinterpret_cast<uintptr_t>(code) / kPage * kPage;
    const size_t length = reinterpret_cast<uintptr_t>(code) + kJumpBytes - page;
    if (mprotect(reinterpret_cast<void *>(page), length, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        return;

    auto *group = reinterpret_cast<Group *>(memory);
    std::memcpy(group->code, code, static_cast<size_t>(bytes));
    group->place = code;
    group->execute = execute;
    group->bytes = bytes;

    uint8_t *const start = memory + sizeof(Group);
    uint8_t *at = start;
    const auto add = [&](std::initializer_list<uint8_t> more) {
        for (const uint8_t byte : more)
            *at++ = byte;
    };
    const auto add_address = [&](const void *address) {
        std::memcpy(at, &address, sizeof address);
        at += sizeof address;
    };
    const auto add_jump = [&](const uint8_t *to) {
        *at = 0xe9;
        const int32_t by = distance(at + kJumpBytes, to);
        std::memcpy(at + 1, &by, sizeof by);
        at += kJumpBytes;
    };
    add({0x48, 0x8d, 0x64, 0x24, 0x80});        // lea -128(%rsp), %rsp
    add({0x50, 0x48, 0xb8});                    // push %rax; movabs ..., %rax
    add_address(group);                         //
    add({0xff, 0x15, 0x02, 0x00, 0x00, 0x00});  // call *2(%rip)
    add({0xeb, 0x08});                          // jmp over the address
    add_address(reinterpret_cast<const void *>(slimscale_emulation_enter));
    add({0x58, 0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0});  // pop %rax; lea 128(%rsp), %rsp
    add_jump(code + bytes);
    next_ = memory + kMost;

    at = code;
    add_jump(start);
}

}  // namespace slimscale::test
