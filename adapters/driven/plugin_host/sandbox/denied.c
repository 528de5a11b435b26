#include "adapters/driven/plugin_host/sandbox/denied.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/own_mask.h"
#include "adapters/driven/plugin_host/sandbox/sandbox.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* si_code of a SIGSYS that a filter raised */
#endif

/* Read by the handler, in whatever thread. Written once, while there is one thread. */
static int records_fd = -1;

#if defined(__x86_64__)
static uint64_t argument(const ucontext_t *context, int index)
{
    static const int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10};
    return (uint64_t)context->uc_mcontext.gregs[registers[index]];
}

static void return_value(ucontext_t *context, int value)
{
    context->uc_mcontext.gregs[REG_RAX] = value;
}
#elif defined(__aarch64__)
static uint64_t argument(const ucontext_t *context, int index)
{
    return context->uc_mcontext.regs[index];
}

static void return_value(ucontext_t *context, int value)
{
    context->uc_mcontext.regs[0] = (unsigned long long)(long long)value;
}
#else
#error "The sandbox knows the registers of x86_64 and aarch64 only."
#endif

/* Async-signal-safe. A record that does not fit into the pipe is lost: the plugin must not wait. */
static void on_sigsys(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    (void)number;
    if (info->si_code != SYS_SECCOMP)
        return;
    struct sandbox_denied denied = {.magic = SANDBOX_DENIED_MAGIC, .number = info->si_syscall};
    for (int i = 0; i < 4; i++)
        denied.arguments[i] = argument(context, i);
    if (records_fd >= 0 && write(records_fd, &denied, sizeof(denied)) < 0)
        errno = saved;
    return_value(context, -EPERM);
    errno = saved;
}

int denied_install(int report_fd, struct error *err)
{
    struct sigaction action = {.sa_sigaction = on_sigsys,
                               .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    if (report_fd >= 0) {
        int flags = fcntl(report_fd, F_GETFL);
        if (flags < 0 || fcntl(report_fd, F_SETFL, flags | O_NONBLOCK) < 0)
            return error_set(err, ST_GENERIC,
                             "The sandbox cannot write its records to descriptor %d: %s.", report_fd,
                             strerror(errno));
    }
    records_fd = report_fd;
    if (sigaction(SIGSYS, &action, NULL) < 0)
        return error_set(err, ST_GENERIC, "The sandbox cannot handle refused calls: %s.",
                         strerror(errno));
    own_mask_unblock();
    return ST_OK;
}
