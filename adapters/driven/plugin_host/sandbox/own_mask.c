#include "adapters/driven/plugin_host/sandbox/own_mask.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/sanitized.h"

/* The kernel's set of signals: signal N is bit N - 1. */
#define BIT(signal) (UINT64_C(1) << ((signal)-1))
/* glibc keeps 32 and 33 for itself and never lets them be blocked. */
#define NEVER_BLOCKED (BIT(SIGSYS) | BIT(32) | BIT(33))

static long set_mask(int how, const uint64_t *set, uint64_t *old)
{
    return syscall(SYS_rt_sigprocmask, how, set, old, sizeof(*set));
}

void own_mask_unblock(void)
{
    uint64_t one = BIT(SIGSYS);
    set_mask(SIG_UNBLOCK, &one, NULL);
}

#if !SANITIZED
#define EXPORTED __attribute__((visibility("default")))

/* 0 or an errno value; errno itself stays as it was, as POSIX has it for pthread_sigmask(). */
static int change(int how, const sigset_t *set, sigset_t *old)
{
    int saved = errno, error = 0;
    uint64_t wanted = 0, before = 0;
    if (set)
        memcpy(&wanted, set, sizeof(wanted));
    if (how != SIG_UNBLOCK)
        wanted &= ~NEVER_BLOCKED;
    if (set_mask(how, set ? &wanted : NULL, &before) < 0)
        error = errno;
    if (old && !error) {
        sigemptyset(old);
        memcpy(old, &before, sizeof(before));
    }
    errno = saved;
    return error;
}

EXPORTED int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    return change(how, set, old);
}

EXPORTED int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    int error = change(how, set, old);
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}
#endif
