#include "adapters/driven/archive/child.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adapters/driven/archive/names.h"
#include "adapters/driven/plugin_host/sandbox/sandbox.h"

#define CPU_SECONDS 60
#define MEMORY_BYTES ((uint64_t)512 << 20)

static int say(int pipe, uint32_t kind, int32_t code, const void *data, size_t len)
{
    struct child_record record = {kind, code, (uint32_t)len};
    if (archive_write_all(pipe, &record, sizeof(record)) || archive_write_all(pipe, data, len))
        return ST_UNAVAILABLE; /* nobody listens any more */
    return ST_OK;
}

static int say_file(void *ctx, const char *name, struct error *err)
{
    (void)err;
    size_t len = strlen(name);
    return say(*(int *)ctx, RECORD_FILE, 0, name, len < RECORD_MAX_BYTES ? len : RECORD_MAX_BYTES);
}

static int say_bytes(void *ctx, const void *data, size_t len, struct error *err)
{
    (void)err;
    return say(*(int *)ctx, RECORD_BYTES, 0, data, len);
}

static int limit(__rlimit_resource_t what, rlim_t most)
{
    return setrlimit(what, &(struct rlimit){most, most});
}

/* The archive and the pipe are all that is left; nothing can be opened, changed or started. */
static int give_up_rights(int archive, int pipe, struct error *err)
{
    static struct sandbox_report report;
    const int keep[] = {archive, pipe};
    const struct sandbox_plan plan = {
        .keep = keep, .keep_count = 2, .memory_bytes = MEMORY_BYTES, .report_fd = -1};
    if (limit(RLIMIT_CPU, CPU_SECONDS) || limit(RLIMIT_FSIZE, 0))
        return error_set(err, ST_UNAVAILABLE, "the rights of the reader cannot be taken away: %s",
                         strerror(errno));
    return sandbox_enter(&plan, &report, err);
}

void child_read(archive_entry_fn entry, int archive, int pipe)
{
    struct archive_functions functions;
    const struct archive_taker taker = {&pipe, say_file, say_bytes};
    struct error err;
    int rc = entry(&functions, &err);
    if (!rc)
        rc = give_up_rights(archive, pipe, &err);
    if (!rc)
        rc = functions.read(archive, &taker, &err);
    if (rc)
        say(pipe, RECORD_ERROR, rc, err.text, strlen(err.text));
    else
        say(pipe, RECORD_END, 0, NULL, 0);
    _exit(rc != ST_OK);
}
