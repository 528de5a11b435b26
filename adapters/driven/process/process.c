#include "adapters/driven/process/process.h"

#include <signal.h>
#include <stdlib.h>

#include "adapters/driven/process/inside.h"

static bool process_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    *missing = "\"programs\"";
    return grants->program_count > 0;
}

static int process_open(void *ctx, const struct service_request *q,
                        const struct service_sink *sink, uint64_t *id, struct error *err)
{
    if (q->op != PROCESS_RUN)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.process/1 has no operation %u", q->op);
    return process_run_start(ctx, q, sink, id, err);
}

static struct run *find(const struct processes *all, uint64_t id)
{
    struct run *r = all->runs;
    while (r && (r->id != id || r->over || !r->sink.event))
        r = r->next;
    return r;
}

static void process_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    struct run *r = find(ctx, id);
    if (r)
        process_run_tell(r, kind, text, bytes);
}

static void process_close(void *ctx, uint64_t id)
{
    struct run *r = find(ctx, id);
    if (r)
        process_run_abandon(r);
}

int processes_new(const struct processes_config *config, struct processes **out, struct error *err)
{
    struct processes *all = calloc(1, sizeof(*all));
    if (!all)
        return error_set(err, ST_NOMEM, "out of memory");
    all->config = *config;
    all->port = (struct service_port){all,          "hexmcp.process/1", process_allows,
                                      process_open, process_tell,       process_close};
    signal(SIGPIPE, SIG_IGN); /* a program need not read its input */
    *out = all;
    return ST_OK;
}

void processes_free(struct processes *all)
{
    if (!all)
        return;
    while (all->runs)
        process_run_destroy(all->runs);
    free(all);
}

const struct service_port *processes_port(struct processes *all)
{
    return &all->port;
}

size_t processes_running(const struct processes *all)
{
    size_t count = 0;
    for (const struct run *r = all->runs; r; r = r->next)
        count += !r->exited;
    return count;
}
