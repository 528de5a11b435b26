/* The journal and its projections, which domains that keep events share. */
#include <stdlib.h>

#include "adapters/driving/cli/platform/platform.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/journal/journal.h"
#include "core/projection/projection.h"

struct part {
    struct journal *journal;
    struct projections *projections;
    const struct log_port *log;
};

static void committed(void *ctx, uint64_t position)
{
    struct part *part = ctx;
    projections_committed(part->projections, position);
}

static void report(void *ctx, struct str projection, const struct error *failed)
{
    const struct part *part = ctx;
    struct error line;
    if (!failed)
        return;
    error_set(&line, failed->code, "projection %.*s: %s", STR_ARG(projection), failed->text);
    part->log->write(part->log->ctx, LOG_LEVEL_ERROR, STR("projections"), str_from(line.text));
}

static void close(void *arg)
{
    struct part *part = arg;
    projections_free(part->projections);
    journal_free(part->journal);
    free(part);
}

static int open(struct platform *platform, void **out, struct error *err)
{
    struct part *part = calloc(1, sizeof(*part));
    if (!part)
        return error_set(err, ST_NOMEM, "out of memory");
    part->log = platform->log;
    const struct journal_parts journal = {.events = platform->events,
                                          .values = platform->values,
                                          .clock = platform->clock,
                                          .random = platform->random,
                                          .bus = platform->bus,
                                          .committed = committed,
                                          .ctx = part};
    int rc = journal_new(&journal, &part->journal, err);
    if (!rc) {
        const struct projections_parts projections = {.events = platform->events,
                                                      .journal = part->journal,
                                                      .clock = platform->clock,
                                                      .timers = platform->timers,
                                                      .report = report,
                                                      .ctx = part};
        rc = projections_new(&projections, &part->projections, err);
    }
    if (rc) {
        close(part);
        return rc;
    }
    platform->journal = part->journal;
    platform->projections = part->projections;
    *out = part;
    return ST_OK;
}

const struct platform_part platform_journal = {"journal", open, close};
