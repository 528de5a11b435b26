#include "adapters/driven/plugin_host/sandbox/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEEP_MAX = 64, STANDARD = 3 };

struct kept {
    int sorted[KEEP_MAX];
    size_t count;
};

static int by_number(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return left < right ? -1 : left > right;
}

static bool is_kept(const struct kept *kept, int fd)
{
    return bsearch(&fd, kept->sorted, kept->count, sizeof(int), by_number) != NULL;
}

/* A datagram can be sent to any address by sendmsg, whose address no filter sees. */
static int check(int fd, struct error *err)
{
    int type;
    socklen_t size = sizeof(type);
    if (fcntl(fd, F_GETFD) < 0)
        return error_set(err, ST_INVALID,
                         "Descriptor %d is to be kept in the sandbox and is not open.", fd);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return ST_OK; /* no socket */
    if (type == SOCK_STREAM || type == SOCK_SEQPACKET)
        return ST_OK;
    return error_set(err, ST_INVALID,
                     "Descriptor %d is a socket without a connection, through which any address "
                     "could be reached. Hand over a stream socket.",
                     fd);
}

static int collect(const struct sandbox_plan *plan, struct kept *kept, struct error *err)
{
    if (plan->keep_count > KEEP_MAX - 1)
        return error_set(err, ST_TOO_LARGE, "The sandbox keeps at most %d descriptors, not %zu.",
                         KEEP_MAX - 1, plan->keep_count);
    kept->count = 0;
    for (size_t i = 0; i < plan->keep_count; i++)
        kept->sorted[kept->count++] = plan->keep[i];
    if (plan->report_fd >= 0)
        kept->sorted[kept->count++] = plan->report_fd;
    for (size_t i = 0; i < kept->count; i++) {
        int rc = check(kept->sorted[i], err);
        if (rc < 0)
            return rc;
    }
    qsort(kept->sorted, kept->count, sizeof(int), by_number);
    return ST_OK;
}

/* Nobody's file must become descriptor 1: what a library prints would be written to it. */
static int fill_standard(const struct kept *kept, struct error *err)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return error_set(err, ST_GENERIC, "The sandbox cannot open /dev/null: %s.",
                         strerror(errno));
    for (int fd = 0; fd < STANDARD; fd++)
        if (!is_kept(kept, fd) && fd != null && dup2(null, fd) < 0)
            return error_set(err, ST_GENERIC, "The sandbox cannot open /dev/null as %d: %s.", fd,
                             strerror(errno));
    if (null >= STANDARD)
        close(null);
    return ST_OK;
}

/* For kernels before 5.9, which cannot close a range. */
static int close_one_by_one(const struct kept *kept, struct error *err)
{
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return error_set(err, ST_GENERIC,
                         "The sandbox cannot see which descriptors are open: /proc/self/fd: %s.",
                         strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char *end;
        long fd = strtol(entry->d_name, &end, 10);
        if (*end == '\0' && fd >= STANDARD && fd <= INT_MAX && fd != dirfd(folder) &&
            !is_kept(kept, (int)fd))
            close((int)fd);
    }
    closedir(folder);
    return ST_OK;
}

static int close_others(const struct kept *kept, struct error *err)
{
    unsigned first = STANDARD;
    for (size_t i = 0; i <= kept->count; i++) {
        unsigned next = i < kept->count ? (unsigned)kept->sorted[i] : UINT_MAX;
        if (next > first && close_range(first, next - (i < kept->count), 0) < 0) {
            if (errno == ENOSYS || errno == EPERM)
                return close_one_by_one(kept, err);
            return error_set(err, ST_GENERIC, "The sandbox cannot close descriptors: %s.",
                             strerror(errno));
        }
        if (next >= first && i < kept->count)
            first = next + 1;
    }
    return ST_OK;
}

int descriptors_restrict(const struct sandbox_plan *plan, struct error *err)
{
    struct kept kept;
    int rc = collect(plan, &kept, err);
    if (rc == ST_OK)
        rc = fill_standard(&kept, err);
    return rc == ST_OK ? close_others(&kept, err) : rc;
}
