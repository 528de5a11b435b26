#include "adapters/driven/plugin_host/sandbox/one_thread.h"

#include <sys/stat.h>

#include "adapters/driven/plugin_host/sandbox/missing.h"

int one_thread_check(const struct sandbox_plan *plan, struct sandbox_report *report,
                  struct error *err)
{
    struct stat st;
    /* The folder has two names of its own and one for each thread. */
    long count = stat("/proc/self/task", &st) == 0 ? (long)st.st_nlink - 2 : -1;
    if (count == 1)
        return ST_OK;
    if (plan->strict && count > 1)
        return error_set(err, ST_UNSUPPORTED,
                         "The process has %ld threads before it enters the sandbox, so a library "
                         "that the plugin needs started one: it would be outside of the sandbox. "
                         "Set isolation.strict to false to run the plugin all the same.",
                         count);
    struct missing missing = {report, plan->strict, err};
    if (count > 1)
        return missing_add(&missing,
                           "A library that the plugin needs started threads (there are %ld): they "
                           "can open every file that this user can open.",
                           count);
    return missing_add(&missing, "/proc cannot be read, so nobody knows whether a library that the "
                                 "plugin needs started threads.");
}
