/* A module `archive` that is not libarchive: its reader does what a reader would do that a foreign
 * archive has taken over. The first line of the archive says what. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driven/archive/archive_module.h"
#include "adapters/driven/module/export.h"

MODULE_DEFINE_BUILD_ID();

#define ID "org.example.x"

/* Says as an error what it could do. */
static int try_all(struct error *err)
{
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    int made = open("/tmp/hexmcp-hostile", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int process = fork();
    if (process == 0)
        _exit(0);
    return error_set(err, ST_INVALID, "opened%s%s%s%s", file >= 0 ? " a file" : "",
                     made >= 0 ? " a new file" : "", connection >= 0 ? " a socket" : "",
                     process > 0 ? " a process" : "");
}

static int tell(const struct archive_taker *taker, const char *name, const char *bytes,
                struct error *err)
{
    int rc = taker->file(taker->ctx, name, err);
    return rc ? rc : taker->bytes(taker->ctx, bytes, strlen(bytes), err);
}

static int read_archive(int fd, const struct archive_taker *taker, struct error *err)
{
    char what[256] = "";
    if (read(fd, what, sizeof(what) - 1) < 0)
        return error_set(err, ST_INVALID, "cannot read");
    if (strcmp(what, "try") == 0)
        return try_all(err);
    if (strcmp(what, "die") == 0)
        _exit(0);
    if (strcmp(what, "bytes first") == 0)
        return taker->bytes(taker->ctx, "x", 1, err);
    if (strcmp(what, "good") == 0)
        return tell(taker, ID "/a/b", "hello", err);
    if (strcmp(what, "garbage") == 0) /* the pipe stands behind the taker's context */
        return write(*(int *)taker->ctx, what, sizeof(what)) < 0;
    return tell(taker, what, "x", err); /* what it says is the name */
}

static int write_archive(int folder, const char *id, const struct archive_files *files, int fd,
                         struct error *err)
{
    (void)folder, (void)id, (void)files, (void)fd;
    return error_set(err, ST_UNSUPPORTED, "is for tests of reading");
}

MODULE_EXPORT int hexmcp_module_entry(struct archive_functions *out, struct error *err);

int hexmcp_module_entry(struct archive_functions *out, struct error *err)
{
    (void)err;
    *out = (struct archive_functions){write_archive, read_archive};
    return ST_OK;
}
