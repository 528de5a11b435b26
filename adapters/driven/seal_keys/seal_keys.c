#include "adapters/driven/seal_keys/seal_keys.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driven/seal_keys/key_file.h"
#include "core/base/error.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

struct seal_keys {
    struct seal_keys_port port;
    struct seal_keys_config config;
    char *folder;
    struct key_list shared; /* what the file held when it was `seen` */
    struct stat seen;
    struct seal_key own; /* of this process alone; id 0: none */
};

/* Reads the file unless it is the one that was read before. */
static int refresh(struct seal_keys *k, struct error *err)
{
    if (!k->folder)
        return error_set(err, ST_UNAVAILABLE, "there is no state folder (HOME is not set)");
    if (k->shared.count && key_file_same(k->folder, &k->seen))
        return ST_OK;
    int rc = key_file_read(k->folder, &k->shared, &k->seen, err);
    if (rc)
        explicit_bzero(&k->shared, sizeof(k->shared));
    return rc;
}

/* A key from the future was made by a clock that was wrong. */
static bool is_due(const struct seal_keys *k)
{
    if (k->shared.count == 0)
        return true;
    int64_t now = k->config.clock->wall_ms(k->config.clock->ctx);
    int64_t age = now - k->shared.list[k->shared.count - 1].made_ms;
    return age >= SEAL_KEY_DAYS * DAY_MS || age < -DAY_MS;
}

static int make_key(const struct seal_keys *k, struct seal_key *out, struct error *err)
{
    const struct random_port *random = k->config.random;
    int rc;
    do {
        rc = random->fill(random->ctx, &out->id, sizeof(out->id), err);
    } while (!rc && (out->id == 0 || key_list_find(&k->shared, out->id)));
    return rc ? rc : random->fill(random->ctx, out->bytes, sizeof(out->bytes), err);
}

/* The keys of `k` that are still needed, and a new one. */
static int compose(const struct seal_keys *k, struct key_list *out, struct error *err)
{
    int64_t now = k->config.clock->wall_ms(k->config.clock->ctx);
    out->count = 0;
    for (size_t i = 0; i < k->shared.count; i++)
        if (now - k->shared.list[i].made_ms < SEAL_KEY_KEPT_DAYS * DAY_MS)
            out->list[out->count++] = k->shared.list[i];
    if (out->count == MAX_KEYS)
        memmove(out->list, out->list + 1, --out->count * sizeof(out->list[0]));
    out->list[out->count].made_ms = now;
    return make_key(k, &out->list[out->count++].key, err);
}

static int rotate_locked(struct seal_keys *k, struct error *err)
{
    struct key_list next;
    /* Another process may have been faster. */
    int rc = refresh(k, err);
    if ((rc && rc != ST_NOT_FOUND) || !is_due(k))
        return rc;
    rc = compose(k, &next, err);
    if (!rc)
        rc = key_file_replace(k->folder, &next, err);
    explicit_bzero(&next, sizeof(next));
    return rc ? rc : refresh(k, err);
}

static int rotate(struct seal_keys *k, struct error *err)
{
    int lock;
    int rc = key_file_lock(k->folder, &lock, err);
    if (rc)
        return rc;
    rc = rotate_locked(k, err);
    key_file_unlock(lock);
    return rc;
}

/* Instead of the file, for the reason in `why`. */
static int make_own(struct seal_keys *k, const struct error *why, struct error *err)
{
    const struct log_port *log = k->config.log;
    struct seal_key key;
    struct error text;
    int rc = make_key(k, &key, err);
    if (rc)
        return rc;
    k->own = key;
    explicit_bzero(&key, sizeof(key));
    text = *why;
    error_prefix(&text, "requests are sealed with a key of this process alone, those under way end "
                        "with it: ");
    if (log)
        log->write(log->ctx, LOG_LEVEL_NOTICE, STR("seal"), str_from(text.text));
    return ST_OK;
}

static int current(void *ctx, struct seal_key *out, struct error *err)
{
    struct seal_keys *k = ctx;
    struct error why;
    if (!k->own.id) {
        int rc = refresh(k, &why);
        if (rc == ST_NOT_FOUND || (!rc && is_due(k)))
            rc = rotate(k, &why);
        if (rc == ST_UNAVAILABLE)
            rc = make_own(k, &why, &why);
        if (rc)
            return error_set(err, rc, "%s", why.text);
    }
    *out = k->own.id ? k->own : k->shared.list[k->shared.count - 1].key;
    return ST_OK;
}

static bool find(void *ctx, uint32_t id, struct seal_key *out)
{
    struct seal_keys *k = ctx;
    if (id == 0)
        return false;
    if (id == k->own.id) {
        *out = k->own;
        return true;
    }
    const struct dated_key *found = refresh(k, NULL) ? NULL : key_list_find(&k->shared, id);
    if (found)
        *out = found->key;
    return found != NULL;
}

int seal_keys_open(const struct seal_keys_config *config, struct seal_keys **out,
                   struct error *err)
{
    struct seal_keys *k = calloc(1, sizeof(*k));
    if (k && config->folder)
        k->folder = strdup(config->folder);
    if (!k || (config->folder && !k->folder)) {
        free(k);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    k->config = *config;
    k->config.folder = k->folder;
    k->port = (struct seal_keys_port){k, current, find};
    *out = k;
    return ST_OK;
}

void seal_keys_free(struct seal_keys *k)
{
    if (!k)
        return;
    free(k->folder);
    explicit_bzero(k, sizeof(*k));
    free(k);
}

const struct seal_keys_port *seal_keys_port(struct seal_keys *k)
{
    return &k->port;
}
