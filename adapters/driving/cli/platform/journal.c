/* The journal, projections and followers of the store, which domains that keep events share. */
#include <stdlib.h>

#include "adapters/driving/cli/platform/hook_tells.h"
#include "adapters/driving/cli/platform/platform.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/journal/follow.h"
#include "core/journal/journal.h"
#include "core/journal/operations.h"
#include "core/projection/operations.h"
#include "core/projection/projection.h"
#include "core/session/session.h"

struct part {
    struct hooks *hooks;
    const struct log_port *log;
    struct journal *journal;
    struct projections *projections;
    struct followers *followers;
    struct event_operations *operations;
};

static void committed(void *ctx, uint64_t position)
{
    struct part *part = ctx;
    projections_committed(part->projections, position);
    followers_committed(part->followers, position);
}

static void snapshotted(void *ctx, struct str stream, uint64_t version)
{
    const struct part *part = ctx;
    struct str session = session_of_stream(stream);
    if (session.len)
        hook_tell_checkpoint(part->hooks, session, version);
}

static void report(void *ctx, struct str projection, const struct error *failed)
{
    const struct log_port *log = ((struct part *)ctx)->log;
    struct buffer text = BUFFER_INIT;
    if (failed) {
        buffer_add_str(&text, str_from(failed->text));
    } else {
        buffer_add_str(&text, STR("the projection "));
        buffer_add_str(&text, projection);
        buffer_add_str(&text, STR(" was built anew and serves"));
    }
    log->write(log->ctx, failed ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, STR("projection"),
               buffer_failed(&text) ? projection : buffer_str(&text));
    buffer_clear(&text);
}

static void close_part(void *arg)
{
    struct part *part = arg;
    event_operations_free(part->operations);
    followers_free(part->followers);
    projections_free(part->projections);
    journal_free(part->journal);
    free(part);
}

static int open_journal(struct part *part, struct platform *platform, struct error *err)
{
    const struct journal_parts parts = {.events = platform->events,
                                        .values = platform->values,
                                        .clock = platform->clock,
                                        .random = platform->random,
                                        .bus = platform->bus,
                                        .committed = committed,
                                        .snapshotted = snapshotted,
                                        .ctx = part,
                                        .hooks = platform->hooks};
    return journal_new(&parts, &part->journal, err);
}

static int open_projections(struct part *part, struct platform *platform, struct error *err)
{
    const struct projections_parts parts = {.events = platform->events,
                                            .journal = part->journal,
                                            .clock = platform->clock,
                                            .timers = platform->timers,
                                            .report = report,
                                            .ctx = part};
    int rc = projections_new(&parts, &part->projections, err);
    return rc ? rc : projection_operations_add(part->projections, platform->operations, err);
}

static int open_events(struct part *part, struct platform *platform, struct error *err)
{
    int rc = followers_new(platform->events, platform->timers, &part->followers, err);
    if (rc)
        return rc;
    const struct event_operations_parts parts = {platform->events, part->journal, part->followers};
    return event_operations_new(&parts, platform->operations, &part->operations, err);
}

static int open_part(struct platform *platform, void **out, struct error *err)
{
    struct part *part = calloc(1, sizeof(*part));
    if (!part)
        return error_set(err, ST_NOMEM, "out of memory");
    part->log = platform->log;
    part->hooks = platform->hooks;
    int rc = open_journal(part, platform, err);
    if (!rc)
        rc = open_projections(part, platform, err);
    if (!rc)
        rc = open_events(part, platform, err);
    if (rc) {
        close_part(part);
        return rc;
    }
    platform->journal = part->journal;
    platform->projections = part->projections;
    platform->followers = part->followers;
    *out = part;
    return ST_OK;
}

const struct platform_part platform_journal = {"journal", open_part, close_part};
