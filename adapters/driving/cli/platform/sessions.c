/* Sessions: their operations, the recorder in front of all calls, and clients that hear of changes. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/cli/platform/platform.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/changes/changes.h"
#include "core/session/player.h"
#include "core/session/recorder.h"
#include "core/session/sessions.h"

#define KEY_BYTES 32
#define QUEUE 4096u

struct part {
    struct sessions *sessions;
    struct recorder *recorder;
    struct player *player;
    struct redactor redactor;
    char key[KEY_BYTES];
    struct changes *changes;
    const struct event_bus *bus;
    uint64_t subscription;
};

static struct session_limits limits_of(const struct config *config)
{
    return (struct session_limits){
        .max_operations = (uint64_t)config_integer(config, "sessions.max_operations"),
        .max_bytes = (uint64_t)config_integer(config, "sessions.max_bytes"),
        .max_artifacts = (uint64_t)config_integer(config, "sessions.max_artifacts"),
        .max_duration_ms = (uint64_t)config_integer(config, "sessions.max_duration_ms"),
        .retention_ms = (uint64_t)config_integer(config, "sessions.retention_ms"),
    };
}

/* ---- changes ---- */

static void tell(const struct part *part, const char *before, struct str id, const char *behind)
{
    struct buffer uri = BUFFER_INIT;
    buffer_add_str(&uri, str_from(before));
    buffer_add_str(&uri, id);
    buffer_add_str(&uri, str_from(behind));
    if (!buffer_failed(&uri))
        changes_tell(part->changes, CHANGE_RESOURCE, buffer_str(&uri));
    buffer_clear(&uri);
}

/* Topics are "store.session.ID.TYPE". */
static void changed(void *ctx, struct str topic, struct str json)
{
    static const size_t before = sizeof("store.session.") - 1;
    const struct part *part = ctx;
    struct str id = {topic.ptr + before, 0};
    (void)json;
    while (before + id.len < topic.len && id.ptr[id.len] != '.')
        id.len++;
    tell(part, "hexmcp://session/", id, "");
    tell(part, "hexmcp://session/", id, "/history");
    tell(part, "hexmcp://sessions", (struct str){"", 0}, "");
}

static int subscribe(struct part *part, struct error *err)
{
    const struct event_subscription subscription = {.pattern = STR("store.session.**"),
                                                    .policy = EVENT_DROP_OLDEST,
                                                    .queue = QUEUE,
                                                    .ctx = part,
                                                    .event = changed};
    return part->bus->subscribe(part->bus->ctx, &subscription, &part->subscription, err);
}

/* ---- the part ---- */

static void close(void *arg)
{
    struct part *part = arg;
    if (part->subscription)
        part->bus->unsubscribe(part->bus->ctx, part->subscription);
    player_free(part->player);
    recorder_free(part->recorder);
    sessions_free(part->sessions);
    free(part);
}

static int make(struct part *part, struct platform *platform, struct error *err)
{
    const struct config *config = platform->config;
    part->redactor = (struct redactor){platform->crypto, {part->key, KEY_BYTES}};
    part->changes = platform->changes;
    part->bus = platform->bus;
    const struct sessions_parts parts = {
        .journal = platform->journal,
        .projections = platform->projections,
        .events = platform->events,
        .search = platform->search,
        .clock = platform->clock,
        .random = platform->random,
        .crypto = platform->crypto,
        .calls = platform->calls,
        .catalog = platform->catalog,
        .redactor = &part->redactor,
        .artifacts = operations_service(platform->operations),
        .limits = limits_of(config),
        .record_all = str_eq(config_string(config, "sessions.record"), STR("all")),
        .hooks = platform->hooks,
    };
    int rc = platform->random->fill(platform->random->ctx, part->key, KEY_BYTES, err);
    if (!rc)
        rc = sessions_new(&parts, &part->sessions, err);
    if (!rc)
        rc = sessions_add_operations(part->sessions, platform->operations, err);
    if (!rc)
        rc = recorder_new(part->sessions, platform->calls, &part->recorder, err);
    if (!rc)
        rc = player_new(part->sessions, recorder_service(part->recorder), &part->player, err);
    return rc ? rc : subscribe(part, err);
}

static int open(struct platform *platform, void **out, struct error *err)
{
    struct part *part = calloc(1, sizeof(*part));
    if (!part)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = make(part, platform, err);
    if (rc) {
        close(part);
        return rc;
    }
    platform->calls = player_service(part->player);
    *out = part;
    return ST_OK;
}

const struct platform_part platform_sessions = {"sessions", open, close};
