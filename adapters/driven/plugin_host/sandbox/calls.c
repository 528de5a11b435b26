#include "adapters/driven/plugin_host/sandbox/calls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/filter.h"
#include "adapters/driven/plugin_host/sandbox/missing.h"

int calls_restrict(const struct sandbox_plan *plan, struct sandbox_report *report,
                   struct error *err)
{
    struct missing missing = {report, plan->strict, err};
    struct sock_filter code[BPF_MAXINSNS];
    struct sock_fprog program = {(unsigned short)filter_code_count, code};
    memcpy(code, filter_code, filter_code_count * sizeof(code[0]));
    for (size_t i = 0; i < filter_own_pid_count; i++)
        code[filter_own_pid[i]].k = (uint32_t)getpid();
    long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (rc == 0)
        return ST_OK;
    if (rc < 0 && (errno == ENOSYS || errno == EINVAL))
        return missing_add(&missing, "The kernel has no seccomp filters: a plugin can open sockets, "
                                     "start programs and signal other processes.");
    if (rc < 0)
        return error_set(err, ST_GENERIC, "The filter of system calls cannot be set: %s.",
                         strerror(errno));
    return error_set(err, ST_GENERIC,
                     "The filter of system calls cannot be set: thread %ld has one of its own.", rc);
}
