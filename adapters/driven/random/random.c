#include "adapters/driven/random/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/error.h"

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    char *at = out;
    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ST_UNAVAILABLE, "the system gives no randomness: %s",
                             strerror(errno));
        at += got;
        len -= (size_t)got;
    }
    return ST_OK;
}

static const struct random_port port = {.fill = fill};

const struct random_port *system_random_port(void)
{
    return &port;
}
