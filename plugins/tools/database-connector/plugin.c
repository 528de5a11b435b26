/*
 * plugin.c - the tool "database-connector" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include "answers.h"

/* Columns of a schema that are read at most. */
#define COLUMNS_MOST 20000
#define SCHEMA_BYTES ((size_t)8 * 1024 * 1024)

static int32_t find(const hexmcp_round *r, const struct request *q, struct database **db)
{
    struct settings *s = r->self;
    *db = NULL;
    if (q->path)
        return HEXMCP_OK;
    *db = settings_find(s, q->database);
    if (*db)
        return HEXMCP_OK;
    char names[300] = "none is";
    for (size_t i = 0, at = 0; i < s->count && at < sizeof(names); i++)
        at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", i ? ", " : "",
                               s->databases[i].name);
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND,
                       "there is no database %.100s; configured are: %s. The operator adds one in "
                       "plugins.settings, hexmcp.database-connector, databases",
                       q->database, s->count ? names : "none");
}

static int32_t may_run(const hexmcp_round *r, const struct request *q, const struct database *db)
{
    if (db && db->read_only && q->operation == OPERATION_QUERY && q->kind != KIND_SELECT)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "the database %.100s is for reading only; the operator allows changes with "
                           "\"readOnly\": false in its settings",
                           db->name);
    return HEXMCP_OK;
}

static bool try_to_enter(struct settings *s, struct database *db)
{
    pthread_mutex_lock(&s->mutex);
    bool free = db->open < db->pool;
    db->open += free;
    pthread_mutex_unlock(&s->mutex);
    return free;
}

/* One more connection to it: waits until there may be one, as long as the query may take. */
static int32_t enter(const hexmcp_round *r, const struct request *q, struct database *db)
{
    struct pace pace = pace_begin(r);
    int32_t status = HEXMCP_OK;
    while (db && status == HEXMCP_OK && !try_to_enter(r->self, db)) {
        if (pace_ms(&pace) >= q->timeout_ms)
            return hexmcp_fail(r->err, HEXMCP_E_BUSY,
                               "%d quer%s on the database %.100s, and no more may at once; try again in a "
                               "moment", db->pool, db->pool == 1 ? "y runs" : "ies run", db->name);
        status = pace_sleep(&pace, 20, "waiting for other queries on the database");
    }
    return status;
}

static void leave(const hexmcp_round *r, struct database *db)
{
    struct settings *s = r->self;
    if (!db)
        return;
    pthread_mutex_lock(&s->mutex);
    db->open--;
    pthread_mutex_unlock(&s->mutex);
}

static int32_t run(const hexmcp_round *r, const struct request *q, const struct database *db)
{
    bool schema = q->operation == OPERATION_SCHEMA;
    struct job job = {.r = r, .q = q, .db = db, .pace = pace_begin(r)};
    rows_begin(&job.rows, schema ? 0 : q->offset, schema ? COLUMNS_MOST : q->limit);
    job.rows.r = r;
    if (schema) /* the page is made of its rows later */
        job.rows.most_bytes = SCHEMA_BYTES;
    int32_t status = !db                                 ? sqlite_run(&job)
                     : db->engine == ENGINE_POSTGRESQL ? postgresql_run(&job)
                                                         : mariadb_run(&job);
    if (status == HEXMCP_OK)
        status = answers_tell(&job);
    rows_free(&job.rows);
    return status;
}

static int32_t call(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request q;
    struct database *db = NULL;
    int32_t status = request_read(&args, &q);
    if (status == HEXMCP_OK)
        status = find(r, &q, &db);
    if (status == HEXMCP_OK)
        status = may_run(r, &q, db);
    if (status == HEXMCP_OK && (status = enter(r, &q, db)) == HEXMCP_OK) {
        status = run(r, &q, db);
        leave(r, db);
    }
    args_end(&args);
    return status;
}

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    struct settings *s = self;
    (void)host;
    (void)err;
    pthread_mutex_init(&s->mutex, NULL);
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)host;
    return settings_read(self, config_json, err);
}

static void clear(void *self)
{
    pthread_mutex_destroy(&((struct settings *)self)->mutex);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("database-connector", call), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct settings), .make = make, .init = init, .clear = clear, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.database-connector", "0.1.0", plugin);
