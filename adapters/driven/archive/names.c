#include "adapters/driven/archive/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_part(const char *name, const char *part, size_t len, struct error *err)
{
    if (len == 0)
        return error_set(err, ST_INVALID, "%s is a name with an empty part", name);
    if ((len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
        return error_set(err, ST_INVALID, "%s leads out of the bundle", name);
    for (size_t i = 0; i < len; i++)
        if (part[i] < 0x20 || part[i] > 0x7e || part[i] == '\\')
            return error_set(err, ST_INVALID,
                             "%s is a name with other characters than those of printable ASCII",
                             name);
    return ST_OK;
}

int archive_name_check(const char *name, struct error *err)
{
    unsigned parts = 0;
    if (name[0] == '/')
        return error_set(err, ST_INVALID, "%s is an absolute name", name);
    if (strlen(name) > ARCHIVE_MAX_NAME)
        return error_set(err, ST_TOO_LARGE, "%.60s... is a name of more than %u bytes", name,
                         ARCHIVE_MAX_NAME);
    for (const char *part = name; part;) {
        size_t len = strcspn(part, "/");
        int rc = check_part(name, part, len, err);
        if (rc)
            return rc;
        parts++;
        part = part[len] ? part + len + 1 : NULL;
    }
    if (parts > ARCHIVE_MAX_DEPTH)
        return error_set(err, ST_TOO_LARGE, "%s lies more than %u folders deep", name,
                         ARCHIVE_MAX_DEPTH);
    return ST_OK;
}

static int make_failed(const char *name, struct error *err)
{
    if (errno == EEXIST)
        return error_set(err, ST_INVALID, "%s is there twice", name);
    if (errno == ENOTDIR || errno == EISDIR || errno == ELOOP)
        return error_set(err, ST_INVALID, "%s is a file and a folder", name);
    return error_set(err, ST_UNAVAILABLE, "%s cannot be made: %s", name, strerror(errno));
}

/* Opens the folder of `name`, making it; *last is the part behind it. A descriptor of its own. */
static int open_parent(int folder, const char *name, const char **last)
{
    char part[ARCHIVE_MAX_NAME + 1];
    int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    for (const char *slash; at >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        memcpy(part, name, (size_t)(slash - name));
        part[slash - name] = '\0';
        int next = mkdirat(at, part, 0755) != 0 && errno != EEXIST
                       ? -1
                       : openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int why = errno;
        close(at);
        errno = why;
        at = next;
    }
    *last = name;
    return at;
}

int archive_make_file(int folder, const char *name, struct error *err)
{
    const char *last;
    int at = open_parent(folder, name, &last);
    if (at < 0)
        return make_failed(name, err);
    int fd = openat(at, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    int why = errno;
    close(at);
    errno = why;
    return fd < 0 ? make_failed(name, err) : fd;
}

int archive_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}
