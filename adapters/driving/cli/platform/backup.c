/* Backups: their operations, and the timer that makes them while hexmcp runs. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/backup/backup.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/secretstream/secretstream.h"
#include "adapters/driven/zstd/zstd.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/platform/backup_keys.h"
#include "adapters/driving/cli/platform/platform.h"
#include "core/json/writer.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
#define HOUR_MS ((int64_t)60 * 60 * 1000)

/* After a start, until the first look. */
#define FIRST_LOOK_MS 60000u

struct part {
    struct zstd_module *zstd;
    struct secretstream_module *secretstream;
    struct backups *backups;
    struct backup_keys keys;
    struct encryption_keys sources;
    struct loop *loop;
    const struct log_port *log;
    const struct clock_port *clock;
    const struct timer_port *timers;
    struct timer *timer;
    int64_t interval_ms;
};

/* ---- operations ---- */

/* Whoever runs the program may; a backup holds what belongs to others, too. */
static bool refused(struct operation_call *call)
{
    const struct caller *caller = operation_context(call)->caller;
    struct error err;
    if (!caller->authenticated && str_eq(caller->id, STR("stdio")))
        return false;
    error_set(&err, ST_NOT_FOUND, "backups are for who runs hexmcp: use the command hexmcp backup");
    operation_fail(call, &err);
    return true;
}

static void answer(struct operation_call *call, struct buffer *json)
{
    struct error err;
    if (buffer_failed(json)) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
    } else {
        operation_answer(call, buffer_str(json));
    }
    buffer_clear(json);
}

static void put_facts(struct json_writer *w, const char *name, const struct backup_facts *facts)
{
    struct buffer text = BUFFER_INIT;
    backup_describe(facts, &text);
    if (name)
        json_key(w, str_from(name));
    json_write_raw(w, buffer_str(&text));
    buffer_clear(&text);
}

static void told(void *arg, const struct error *err, const struct backup_facts *facts)
{
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    if (err) {
        operation_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    put_facts(&w, "backup", facts);
    json_end_object(&w);
    answer(arg, &json);
}

static void create(void *domain, struct operation_call *call)
{
    struct part *part = domain;
    struct json kind = json_get(operation_arguments(call), STR("kind"));
    struct str name = STR("standard");
    enum backup_importance importance = BACKUP_STANDARD;
    json_plain(json_get(operation_arguments(call), STR("importance")), &name);
    backup_importance_parse(name, &importance);
    if (!refused(call))
        backups_create(part->backups,
                       json_is(kind, STR("full"))          ? BACKUP_FULL
                       : json_is(kind, STR("incremental")) ? BACKUP_INCREMENTAL
                                                           : BACKUP_AUTO,
                       importance, told, call);
}

static void listed(void *arg, const struct error *err, const struct backup_facts *all, size_t count)
{
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    if (err) {
        operation_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_key(&w, STR("backups"));
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        put_facts(&w, NULL, &all[i]);
    json_end_array(&w);
    json_end_object(&w);
    answer(arg, &json);
}

static void list(void *domain, struct operation_call *call)
{
    const struct part *part = domain;
    if (!refused(call))
        backups_list(part->backups, listed, call);
}

/* The schema has checked its length. */
static bool take_id(struct operation_call *call, char id[BACKUP_ID_SIZE])
{
    struct str text;
    struct error err;
    if (json_plain(json_get(operation_arguments(call), STR("id")), &text) && backup_id_valid(text)) {
        memcpy(id, text.ptr, text.len);
        id[text.len] = '\0';
        return true;
    }
    error_set(&err, ST_INVALID, "an id of a backup is like 20261121T120000Z-1a2b3c4d; backup.list shows "
                                "what there is");
    operation_fail(call, &err);
    return false;
}

static void verify(void *domain, struct operation_call *call)
{
    const struct part *part = domain;
    char id[BACKUP_ID_SIZE];
    if (!refused(call) && take_id(call, id))
        backups_verify(part->backups, id, told, call);
}

static void progressed(void *arg, const struct restore_progress *progress)
{
    static const char *const phases[] = {"checking", "saving", "loading", "done"};
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    json_begin_object(&w);
    json_put_string(&w, STR("phase"), str_from(phases[progress->phase]));
    json_put_i64(&w, STR("records"), (int64_t)progress->records);
    json_put_i64(&w, STR("of"), (int64_t)progress->of);
    json_end_object(&w);
    operation_piece(arg, buffer_str(&json), STR(""));
    buffer_clear(&json);
}

static void restored(void *arg, const struct error *err, const struct restore_result *result)
{
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    if (err) {
        operation_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_put_bool(&w, STR("restored"), result->before.id[0] != '\0');
    json_put_i64(&w, STR("records"), (int64_t)result->records);
    put_facts(&w, "backup", &result->facts);
    if (result->before.id[0])
        put_facts(&w, "before", &result->before);
    json_end_object(&w);
    answer(arg, &json);
}

static void restore(void *domain, struct operation_call *call)
{
    const struct part *part = domain;
    char id[BACKUP_ID_SIZE];
    struct buffer kinds = BUFFER_INIT;
    struct json given = json_get(operation_arguments(call), STR("kinds"));
    bool dry = false;
    if (refused(call) || !take_id(call, id))
        return;
    json_bool(json_get(operation_arguments(call), STR("dryRun")), &dry);
    buffer_add_str(&kinds, json_text(given));
    buffer_add_char(&kinds, '\0');
    const struct restore_options options = {id, dry, json_exists(given) ? kinds.data : NULL,
                                            progressed};
    backups_restore(part->backups, &options, restored, call);
    buffer_clear(&kinds);
}

static void pruned(void *arg, const struct error *err, const struct backup_facts *all, const bool *gone,
                   size_t count)
{
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    size_t kept = 0;
    if (err) {
        operation_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_key(&w, STR("removed"));
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++) {
        kept += !gone[i];
        if (gone[i])
            put_facts(&w, NULL, &all[i]);
    }
    json_end_array(&w);
    json_put_i64(&w, STR("kept"), (int64_t)kept);
    json_end_object(&w);
    answer(arg, &json);
}

static void prune(void *domain, struct operation_call *call)
{
    const struct part *part = domain;
    bool dry = false;
    json_bool(json_get(operation_arguments(call), STR("dryRun")), &dry);
    if (!refused(call))
        backups_prune(part->backups, dry, pruned, call);
}

#define OBJECT(properties, required)                                                               \
    "{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required                 \
    "],\"additionalProperties\":false}"
#define ID "\"id\":{\"type\":\"string\",\"minLength\":25,\"maxLength\":25}"
#define DRY "\"dryRun\":{\"type\":\"boolean\"}"

static const struct operation table[] = {
    {"backup.create", "Make a backup",
     "Writes what the store holds at one moment into a file, and reads it back to check it.",
     OBJECT("\"kind\":{\"enum\":[\"auto\",\"full\",\"incremental\"]},"
            "\"importance\":{\"enum\":[\"low\",\"standard\",\"important\",\"critical\"]}",
            ""),
     OPERATION_CHANGES, create},
    {"backup.list", "List backups", "Lists the backups, the oldest first.", OBJECT("", ""),
     OPERATION_READS, list},
    {"backup.verify", "Check a backup", "Reads a backup whole, with all that it adds to.",
     OBJECT(ID, "\"id\""), OPERATION_READS, verify},
    {"backup.restore", "Restore a backup",
     "Checks a backup, makes one of what is there, and puts its records in the place of the store's.",
     OBJECT(ID "," DRY ",\"kinds\":{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,\"items\":{"
                "\"enum\":[\"event\",\"projection\",\"value\",\"blob\",\"document\"]}}",
            "\"id\""),
     OPERATION_DESTROYS, restore},
    {"backup.prune", "Remove old backups",
     "Removes the backups that the settings do not keep; with dryRun it only tells which.",
     OBJECT(DRY, ""), OPERATION_DESTROYS, prune},
};

/* ---- the timer ---- */

static void sleep_for(struct part *part, int64_t ms)
{
    part->timers->set(part->timers->ctx, part->timer, (uint64_t)(ms < 1000 ? 1000 : ms));
}

static void complain(const struct part *part, const char *what, const struct error *err)
{
    char text[ERROR_TEXT_SIZE + 64];
    snprintf(text, sizeof(text), "%s: %s", what, err->text);
    part->log->write(part->log->ctx, LOG_LEVEL_ERROR, STR("backup"), str_from(text));
}

static void pruned_by_timer(void *arg, const struct error *err, const struct backup_facts *all,
                            const bool *gone, size_t count)
{
    (void)all;
    (void)gone;
    (void)count;
    if (err)
        complain(arg, "old backups cannot be removed", err);
}

static void made_by_timer(void *arg, const struct error *err, const struct backup_facts *facts)
{
    struct part *part = arg;
    (void)facts;
    if (err)
        complain(part, "no backup was made", err);
    else
        backups_prune(part->backups, false, pruned_by_timer, part);
}

/* Another process may have made the last one. */
static void looked(void *arg, const struct error *err, const struct backup_facts *all, size_t count)
{
    struct part *part = arg;
    int64_t now = part->clock->wall_ms(part->clock->ctx), due = 0;
    if (err)
        complain(part, "the backups cannot be listed", err);
    else if (count)
        due = all[count - 1].created_ms + part->interval_ms - now;
    if (due > 0 && due <= part->interval_ms) {
        sleep_for(part, due);
        return;
    }
    sleep_for(part, part->interval_ms);
    backups_create(part->backups, BACKUP_AUTO, BACKUP_STANDARD, made_by_timer, part);
}

static void fire(void *arg)
{
    struct part *part = arg;
    backups_list(part->backups, looked, part);
}

/* ---- the part ---- */

static void close(void *arg)
{
    struct part *part = arg;
    if (part->timer)
        part->timers->free(part->timers->ctx, part->timer);
    if (part->backups) {
        backups_stop(part->backups);
        while (backups_working(part->backups))
            loop_turn(part->loop);
    }
    backups_free(part->backups);
    secretstream_module_free(part->secretstream);
    zstd_module_free(part->zstd);
    encryption_keys_free(&part->sources);
    free(part);
}

static int folder_of(const struct platform *platform, char folder[PATH_MAX], struct error *err)
{
    struct str given = config_string(platform->config, "backup.folder");
    const char *state = places_state(platform->places);
    int len = given.len ? snprintf(folder, PATH_MAX, "%.*s", STR_ARG(given))
                        : snprintf(folder, PATH_MAX, "%s/backups", state ? state : "");
    if (len >= PATH_MAX)
        return error_set(err, ST_CONFIG, "backup.folder is too long");
    return ST_OK;
}

static void name_of(struct str text, struct str end, char out[BACKUP_NAME_SIZE])
{
    size_t len = 0;
    while (len < text.len && len + 1 < BACKUP_NAME_SIZE && (!end.len || text.ptr[len] != end.ptr[0])) {
        out[len] = text.ptr[len];
        len++;
    }
    out[len] = '\0';
}

static int make_backups(struct part *part, struct platform *platform, struct error *err)
{
    const struct config *config = platform->config;
    char folder[PATH_MAX], store[BACKUP_NAME_SIZE], key[BACKUP_NAME_SIZE];
    int rc = folder_of(platform, folder, err);
    if (rc)
        return rc;
    name_of(config_string(config, "storage.url"), STR(":"), store);
    name_of(config_string(config, "backup.key"), STR(""), key);
    const struct backup_ports ports = {
        platform->dump,  platform->executor, zstd_module_port(part->zstd),
        secretstream_module_port(part->secretstream), platform->clock, platform->random, &part->keys};
    const struct backup_options options = {
        folder, store, key,
        {(size_t)config_integer(config, "backup.keep"),
         config_integer(config, "backup.keep_days") * DAY_MS,
         config_integer(config, "backup.full_days") * DAY_MS}};
    return backups_new(&ports, &options, &part->backups, err);
}

static int make(struct part *part, struct platform *platform, struct error *err)
{
    part->loop = platform->loop;
    part->log = platform->log;
    part->clock = platform->clock;
    part->timers = platform->timers;
    part->interval_ms = config_integer(platform->config, "backup.interval_hours") * HOUR_MS;
    part->keys = (struct backup_keys){&part->sources, backup_keys_find};
    int rc = encryption_keys_new(config_text(platform->config, "encryption.keys"),
                                 config_string(platform->config, "encryption.key"), &part->sources,
                                 err);
    if (!rc)
        rc = zstd_module_new(places_modules(platform->places), &part->zstd, err);
    if (!rc)
        rc = secretstream_module_new(places_modules(platform->places), &part->secretstream, err);
    if (!rc)
        rc = make_backups(part, platform, err);
    if (!rc && part->interval_ms) {
        part->timer = part->timers->create(part->timers->ctx, fire, part);
        if (!part->timer)
            return error_set(err, ST_NOMEM, "out of memory");
        sleep_for(part, FIRST_LOOK_MS);
    }
    return rc ? rc
              : operations_add(platform->operations, table, sizeof(table) / sizeof(table[0]), part, err);
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
    *out = part;
    return ST_OK;
}

const struct platform_part platform_backup = {"backup", open, close};
