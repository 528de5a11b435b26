#include "adapters/driving/cli/grants.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/json/json.h"

struct grants {
    struct path_grants paths;
    struct path_grant *entries;
    char **texts; /* two an entry: as it was named, without links */
};

const struct path_grants *grants_paths(const struct grants *grants)
{
    return &grants->paths;
}

void grants_free(struct grants *grants)
{
    if (!grants)
        return;
    for (size_t i = 0; grants->texts && i < 2 * grants->paths.count; i++)
        free(grants->texts[i]);
    free(grants->texts);
    free(grants->entries);
    free(grants);
}

static void warn(const struct log_port *log, const char *folder, const char *why)
{
    struct error text;
    error_set(&text, ST_NOT_FOUND, "the granted folder %s %s", folder, why);
    log->write(log->ctx, LOG_LEVEL_WARNING, STR("hexmcp"), str_from(text.text));
}

static char *without_links(const char *folder, const struct log_port *log)
{
    struct stat st;
    char *real = realpath(folder, NULL);
    if (!real)
        warn(log, folder, errno == ENOENT ? "does not exist" : strerror(errno));
    else if (stat(real, &st) || !S_ISDIR(st.st_mode))
        warn(log, folder, "is no folder");
    return real ? real : strdup(folder);
}

static int add(struct grants *g, struct str folder, bool write, const struct log_port *log,
               struct error *err)
{
    size_t at = g->paths.count;
    for (size_t i = 0; i < at; i++)
        if (str_eq(g->entries[i].folder, folder))
            return ST_OK; /* granted for writing already */
    char *name = strndup(folder.ptr, folder.len);
    char *real = name ? without_links(name, log) : NULL;
    if (!real) {
        free(name);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    g->texts[2 * at] = name;
    g->texts[2 * at + 1] = real;
    g->entries[at] = (struct path_grant){.folder = str_from(name), .real = str_from(real),
                                         .write = write};
    g->paths.count++;
    return ST_OK;
}

static int add_all(struct grants *g, struct json folders, bool write, const struct log_port *log,
                   struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(folders);
    struct str folder;
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        buffer_reset(&scratch, SIZE_MAX);
        rc = json_string(it.value, &scratch, &folder) ? add(g, folder, write, log, err)
                                                      : error_set(err, ST_NOMEM, "out of memory");
    }
    buffer_clear(&scratch);
    return rc;
}

static int make_room(struct grants *g, size_t count, struct error *err)
{
    g->entries = calloc(count + 1, sizeof(*g->entries));
    g->texts = calloc(2 * count + 1, sizeof(*g->texts));
    g->paths.at = g->entries;
    return g->entries && g->texts ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

int grants_of(struct json read, struct json write, bool hard_links, const struct log_port *log,
              struct grants **out, struct error *err)
{
    struct grants *g = calloc(1, sizeof(*g));
    int rc = g ? make_room(g, json_count(read) + json_count(write), err)
               : error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = add_all(g, write, true, log, err);
    if (!rc)
        rc = add_all(g, read, false, log, err);
    if (rc) {
        grants_free(g);
        return rc;
    }
    g->paths.hard_links = hard_links;
    *out = g;
    return ST_OK;
}

int grants_new(const struct config *config, const struct log_port *log, struct grants **out,
               struct error *err)
{
    struct json_doc *read = NULL, *write = NULL;
    int rc = json_parse(config_text(config, "grants.read"), &read, err);
    if (!rc)
        rc = json_parse(config_text(config, "grants.write"), &write, err);
    if (!rc)
        rc = grants_of(json_root(read), json_root(write), config_bool(config, "grants.hard_links"),
                       log, out, err);
    json_free(read);
    json_free(write);
    return rc;
}
