#include "adapters/driven/denials/denials.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/private_file/private_file.h"
#include "core/base/str.h"

#define MOST_BYTES ((size_t)1 << 20)

struct denials {
    struct denials_config config;
    struct denials_port port;
    char *path;
    pthread_mutex_t lock; /* of all below */
    struct denial_list known;   /* kinds that were logged */
    struct denial_list waiting; /* counted, and not written yet */
    int64_t written_ms;
};

void denials_read(const char *path, struct denial_list *out)
{
    struct buffer text = BUFFER_INIT;
    struct stat seen;
    struct error err;
    if (path && private_file_read(path, MOST_BYTES, &text, &seen, &err) == ST_OK &&
        !denial_list_read(out, buffer_str(&text)))
        denial_list_clear(out);
    buffer_clear(&text);
}

static bool add_all(struct denial_list *to, const struct denial_list *from)
{
    bool good = true;
    for (size_t i = 0; good && i < from->count; i++) {
        const struct denial *d = &from->at[i];
        good = denial_list_add(to, str_from(d->plugin), str_from(d->what), d->count, d->first_ms,
                               d->last_ms, NULL);
    }
    return good;
}

/* Adds what waits to the file. What cannot be written is logged and forgotten. */
static void write_file(struct denials *denials)
{
    char lock_path[PATH_MAX];
    struct denial_list all = {0};
    struct buffer text = BUFFER_INIT;
    struct error err;
    int lock;
    snprintf(lock_path, sizeof(lock_path), "%s.lock", denials->path);
    int rc = private_file_lock(lock_path, &lock, &err);
    if (!rc) {
        denials_read(denials->path, &all);
        if (add_all(&all, &denials->waiting))
            denial_list_write(&all, &text);
        rc = text.len && !buffer_failed(&text)
                 ? private_file_replace(denials->path, buffer_str(&text), &err)
                 : error_set(&err, ST_NOMEM, "out of memory");
        private_file_unlock(lock);
    }
    if (rc)
        denials->config.log->write(denials->config.log->ctx, LOG_LEVEL_INFO, STR("plugins"),
                                   str_from(err.text));
    denial_list_clear(&denials->waiting);
    denial_list_clear(&all);
    buffer_clear(&text);
}

static void log_first(const struct denials *denials, struct str plugin, struct str what)
{
    const struct log_port *log = denials->config.log;
    struct error text;
    error_set(&text, ST_DENIED,
              "denied: it %.*s; attempts are counted, see: hexmcp plugin inspect %.*s",
              STR_ARG(what), STR_ARG(plugin));
    log->write(log->ctx, LOG_LEVEL_WARNING, plugin, str_from(text.text));
}

/* `what`, or one word for all that is too much. */
static struct str kind_of(const struct denials *denials, struct str plugin, struct str what)
{
    size_t kinds = 0;
    for (size_t i = 0; i < denials->known.count; i++) {
        const struct denial *d = &denials->known.at[i];
        if (!str_eq(str_from(d->plugin), plugin))
            continue;
        if (str_eq(str_from(d->what), what))
            return what;
        kinds++;
    }
    return kinds < DENIALS_OF_PLUGIN_MAX - 1 ? what : STR("tried more than is told apart");
}

static bool is_time(const struct denials *denials, int64_t now, bool fresh)
{
    int64_t pause = fresh ? DENIALS_WRITE_NEW_MS : DENIALS_WRITE_MS;
    return denials->written_ms == 0 || now < denials->written_ms ||
           now - denials->written_ms >= pause;
}

static void count(struct denials *denials, struct str plugin, struct str what)
{
    const struct clock_port *clock = denials->config.clock;
    int64_t now = clock->wall_ms(clock->ctx);
    bool fresh = false;
    what = kind_of(denials, plugin, what);
    if (denial_list_add(&denials->known, plugin, what, 1, now, now, &fresh) && fresh)
        log_first(denials, plugin, what);
    if (!denials->path || !denial_list_add(&denials->waiting, plugin, what, 1, now, now, NULL))
        return;
    if (is_time(denials, now, fresh)) {
        denials->written_ms = now;
        write_file(denials);
    }
}

static void denied(void *ctx, struct str plugin, struct str what)
{
    struct denials *denials = ctx;
    pthread_mutex_lock(&denials->lock);
    count(denials, plugin, what);
    pthread_mutex_unlock(&denials->lock);
}

int denials_new(const struct denials_config *config, struct denials **out, struct error *err)
{
    struct denials *denials = calloc(1, sizeof(*denials));
    if (!denials)
        return error_set(err, ST_NOMEM, "out of memory");
    denials->config = *config;
    denials->port = (struct denials_port){denials, denied};
    denials->path = config->path ? strdup(config->path) : NULL;
    if (config->path && !denials->path) {
        free(denials);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    pthread_mutex_init(&denials->lock, NULL);
    *out = denials;
    return ST_OK;
}

void denials_free(struct denials *denials)
{
    if (!denials)
        return;
    if (denials->waiting.count)
        write_file(denials);
    denial_list_clear(&denials->known);
    denial_list_clear(&denials->waiting);
    pthread_mutex_destroy(&denials->lock);
    free(denials->path);
    free(denials);
}

const struct denials_port *denials_port(const struct denials *denials)
{
    return &denials->port;
}
