// What the kernel really answers to the request for AMX, in child processes, as a permission holds until a process
// ends.
#include "runtime/platform/amx.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

// The sentence of permit_amx in a process where `prepare` ran before, "" if it permits.
template <typename Prepare>
std::string answer_after(Prepare prepare) {
    void *shared = mmap(nullptr, sizeof(Error), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto *error = new (shared) Error();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool prepared = prepare();
        const bool permitted = prepared && permit_amx(*error) == SLIMSCALE_OK;
        _exit(!prepared || permitted == amx_refused());
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    const std::string text = error->text;
    munmap(shared, sizeof(Error));
    return text;
}

}  // namespace

#if defined(__x86_64__)

TEST_CASE("a filter of system calls that forbids AMX is named") {
    const std::string text = answer_after([] {
        sock_filter program[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const sock_fprog filter{sizeof program / sizeof program[0], program};
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
    });
    CHECK(text.find("seccomp") != std::string::npos);
}

TEST_CASE("a small signal stack makes the kernel refuse AMX, which is told") {
    const std::string plain = answer_after([] { return true; });
    const std::string small = answer_after([] {
        static char memory[8192];
        const stack_t stack{memory, 0, sizeof memory};
        return sigaltstack(&stack, nullptr) == 0;
    });
    CHECK_FALSE(small.empty());
    if (plain.empty())  // a processor and a kernel with AMX
        CHECK(small.find("signal stack") != std::string::npos);
    else
        CHECK(small == plain);
}

#endif
