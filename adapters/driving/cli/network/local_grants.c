#include "adapters/driving/cli/network/local_grants.h"

#include <stdlib.h>

#include "adapters/driving/cli/grants.h"
#include "core/base/path.h"
#include "core/json/writer.h"

/* Different sets of folders that are kept, and folders in one of them. */
#define SETS_MAX 4096u
#define FOLDERS_MAX 256u

struct local_grants {
    struct grants **sets;
    size_t count;
    const struct log_port *log;
    bool allowed;
    bool hard_links;
};

int local_grants_new(const struct config *config, const struct log_port *log,
                     struct local_grants **out, struct error *err)
{
    struct local_grants *g = calloc(1, sizeof(*g));
    if (!g)
        return error_set(err, ST_NOMEM, "out of memory");
    g->log = log;
    g->allowed = config_bool(config, "listen.local_grants");
    g->hard_links = config_bool(config, "grants.hard_links");
    *out = g;
    return ST_OK;
}

static int add_clean(struct json folder, struct json_writer *w, struct error *err)
{
    struct buffer scratch = BUFFER_INIT, clean = BUFFER_INIT;
    struct str path;
    int rc = ST_OK;
    if (json_type(folder) != JSON_STRING)
        rc = error_set(err, ST_INVALID, "a folder must be a string");
    else if (!json_string(folder, &scratch, &path))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else if (!path_is_absolute(path))
        rc = error_set(err, ST_INVALID, "the folder \"%.*s\" must begin with \"/\"",
                       STR_ARG(path_shown(path)));
    else
        rc = path_clean(path, &clean, err);
    if (!rc)
        json_write_string(w, buffer_str(&clean));
    buffer_clear(&scratch);
    buffer_clear(&clean);
    return rc;
}

/* The array of folders with each path clean. */
static int clean_list(struct json list, struct json_doc **out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    struct json_iter it = json_iter(list);
    size_t len;
    int rc = ST_OK;
    if (json_exists(list) && json_type(list) != JSON_ARRAY)
        return error_set(err, ST_INVALID, "\"read\" and \"write\" must be arrays of folders");
    if (json_count(list) > FOLDERS_MAX)
        return error_set(err, ST_TOO_LARGE, "more than %u folders", FOLDERS_MAX);
    json_begin_array(&w);
    while (!rc && json_next(&it))
        rc = add_clean(it.value, &w, err);
    json_end_array(&w);
    char *data = rc ? NULL : buffer_take(&text, &len);
    buffer_clear(&text);
    if (rc)
        return rc;
    return data ? json_parse_take(data, len, out, err) : error_set(err, ST_NOMEM, "out of memory");
}

static bool same(const struct path_grants *a, const struct path_grants *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_eq(a->at[i].folder, b->at[i].folder) || !str_eq(a->at[i].real, b->at[i].real) ||
            a->at[i].write != b->at[i].write)
            return false;
    return true;
}

/* Takes `made`. */
static int keep(struct local_grants *g, struct grants *made, const struct path_grants **out,
                struct error *err)
{
    for (size_t i = 0; i < g->count; i++)
        if (same(grants_paths(g->sets[i]), grants_paths(made))) {
            grants_free(made);
            *out = grants_paths(g->sets[i]);
            return ST_OK;
        }
    struct grants **sets =
        g->count < SETS_MAX ? realloc(g->sets, (g->count + 1) * sizeof(struct grants *)) : NULL;
    if (!sets) {
        grants_free(made);
        return error_set(err, ST_BUSY, "the server has been given too many different sets of folders; "
                                       "start it again");
    }
    g->sets = sets;
    g->sets[g->count++] = made;
    *out = grants_paths(made);
    return ST_OK;
}

int local_grants_find(void *grants, struct json read, struct json write,
                      const struct path_grants **out, struct error *err)
{
    struct local_grants *g = grants;
    struct json_doc *reads = NULL, *writes = NULL;
    struct grants *made;
    int rc = clean_list(read, &reads, err);
    if (!rc)
        rc = clean_list(write, &writes, err);
    bool none = !rc && json_count(json_root(reads)) == 0 && json_count(json_root(writes)) == 0;
    if (!rc && !none && !g->allowed)
        rc = error_set(err, ST_DENIED,
                       "this server grants its own folders alone (setting listen.local_grants)");
    if (!rc && !none)
        rc = grants_of(json_root(reads), json_root(writes), g->hard_links, g->log, &made, err);
    if (!rc && !none)
        rc = keep(g, made, out, err);
    json_free(reads);
    json_free(writes);
    return rc;
}

void local_grants_free(struct local_grants *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->count; i++)
        grants_free(g->sets[i]);
    free(g->sets);
    free(g);
}
