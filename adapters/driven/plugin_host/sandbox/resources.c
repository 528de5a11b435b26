#include "adapters/driven/plugin_host/sandbox/resources.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "adapters/driven/plugin_host/sandbox/sanitized.h"

static int limit(__rlimit_resource_t resource, const char *what, uint64_t value, struct error *err)
{
    struct rlimit now;
    rlim_t most = value;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
        most = now.rlim_max; /* somebody was stricter */
    struct rlimit wanted = {most, most};
    if (setrlimit(resource, &wanted) == 0)
        return ST_OK;
    return error_set(err, ST_GENERIC, "The sandbox cannot limit %s to %llu: %s.", what,
                     (unsigned long long)most, strerror(errno));
}

static int limit_if(__rlimit_resource_t resource, const char *what, uint64_t value,
                    struct error *err)
{
    return value ? limit(resource, what, value, err) : ST_OK;
}

int resources_restrict(const struct sandbox_plan *plan, struct error *err)
{
    int rc = limit(RLIMIT_CORE, "core files", 0, err);
    if (rc == ST_OK)
        rc = limit(RLIMIT_RTPRIO, "real-time priority", 0, err);
    if (rc == ST_OK)
        rc = limit_if(RLIMIT_NOFILE, "descriptors", plan->descriptors, err);
    if (rc == ST_OK)
        rc = limit_if(RLIMIT_FSIZE, "the size of files", plan->file_bytes, err);
    if (rc == ST_OK)
        rc = limit_if(RLIMIT_STACK, "the stack", plan->stack_bytes, err);
    if (rc == ST_OK && !SANITIZED)
        rc = limit_if(RLIMIT_AS, "memory", plan->memory_bytes, err);
    /* The writer gets EFBIG instead of being killed. */
    if (rc == ST_OK && plan->file_bytes)
        signal(SIGXFSZ, SIG_IGN);
    return rc;
}
