#include "adapters/driven/api_keys/api_keys.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/api_keys/key_list.h"
#include "adapters/driven/private_file/private_file.h"
#include "core/base/base64url.h"

#define MOST_BYTES ((size_t)2 << 20)
#define SECRET_BYTES 32
#define DAY_MS (24 * 3600 * INT64_C(1000))
#define NS_PER_MS 1000000u

struct api_keys {
    struct api_keys_config config;
    char *path;
    struct api_key_list list;
    struct stat seen; /* the file that `list` is from */
    bool have;        /* there was one */
    uint64_t looked_ns;
    bool looked;
    struct error fault; /* why the file cannot be used; code 0: it can */
};

static int64_t wall(const struct api_keys *k)
{
    return k->config.clock->wall_ms(k->config.clock->ctx);
}

/* ---- the file ---- */

static int refuse(const struct api_keys *k, const char *fault, struct error *err)
{
    return error_set(err, ST_CONFIG,
                     "the file of API keys %s %s; nobody is let in by a key until it is put right, "
                     "or deleted and keys are made anew with \"hexmcp key create\"",
                     k->path, fault);
}

static int load(struct api_keys *k, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct error fault;
    int rc = private_file_read(k->path, MOST_BYTES, &text, &k->seen, &fault);
    if (rc == ST_CONFIG)
        refuse(k, fault.text, err);
    else if (rc && rc != ST_NOT_FOUND)
        error_set(err, rc, "%s", fault.text);
    else if (!rc && !api_key_list_read(buffer_str(&text), &k->list))
        rc = refuse(k, "is damaged", err);
    buffer_clear(&text);
    k->have = !rc;
    if (rc)
        api_key_list_clear(&k->list);
    return rc == ST_NOT_FOUND ? ST_OK : rc;
}

/* Reads the file unless it is the one that was read before. */
static int look(struct api_keys *k, struct error *err)
{
    if (!k->path || (k->have && private_file_same(k->path, &k->seen)))
        return ST_OK;
    api_key_list_clear(&k->list);
    return load(k, err);
}

int api_keys_refresh(struct api_keys *k, struct error *err)
{
    uint64_t now = k->config.clock->monotonic_ns(k->config.clock->ctx);
    if (!k->looked || now - k->looked_ns >= (uint64_t)API_KEYS_LOOK_MS * NS_PER_MS) {
        k->fault.code = ST_OK;
        look(k, &k->fault);
        k->looked = true;
        k->looked_ns = now;
    }
    if (k->fault.code && err)
        *err = k->fault;
    return k->fault.code;
}

static int save(struct api_keys *k, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    api_key_list_write(&k->list, &text);
    int rc = buffer_failed(&text) ? error_set(err, ST_NOMEM, "out of memory")
                                  : private_file_replace(k->path, buffer_str(&text), err);
    buffer_clear(&text);
    /* What is in memory counts only once it is in the file. */
    k->have = false;
    k->looked = false;
    return rc ? rc : look(k, err);
}

static int begin_change(struct api_keys *k, int *lock, struct error *err)
{
    char path[PATH_MAX];
    if (!k->path)
        return error_set(err, ST_CONFIG,
                         "there is no place for API keys: HOME is not set; set it, or auth.keys_file");
    if ((size_t)snprintf(path, sizeof(path), "%s.lock", k->path) >= sizeof(path))
        return error_set(err, ST_UNAVAILABLE, "%s: the path is too long", k->path);
    int rc = private_file_lock(path, lock, err);
    if (rc)
        return rc;
    rc = look(k, err);
    if (rc)
        private_file_unlock(*lock);
    return rc;
}

/* ---- looking up ---- */

bool api_key_is_one(struct str text)
{
    return str_starts(text, STR(API_KEY_PREFIX));
}

static struct str id_in(struct str text)
{
    return (struct str){text.ptr + sizeof(API_KEY_PREFIX) - 1, API_KEY_ID_LEN};
}

static bool is_valid(const struct api_key *key, int64_t now)
{
    return key->revoked_ms == 0 && (key->expires_ms == 0 || now < key->expires_ms);
}

int api_keys_find(struct api_keys *k, struct str text, const struct api_key **out,
                  struct error *err)
{
    const struct crypto_port *crypto = k->config.crypto;
    uint8_t hash[SHA256_BYTES];
    int rc = api_keys_refresh(k, err);
    if (rc)
        return rc;
    if (text.len != API_KEY_LEN || !api_key_is_one(text))
        return error_set(err, ST_DENIED, "the API key is not valid");
    rc = crypto->sha256(crypto->ctx, text, hash, err);
    if (rc)
        return rc;
    const struct api_key *key = api_key_list_find(&k->list, id_in(text));
    if (!key || !crypto->equal(crypto->ctx, hash, key->hash, SHA256_BYTES) ||
        !is_valid(key, wall(k)))
        return error_set(err, ST_DENIED, "the API key is not valid");
    *out = key;
    return ST_OK;
}

/* ---- changing ---- */

static int check_wish(const struct api_key_wish *wish, struct error *err)
{
    if (!api_key_word(wish->name))
        return error_set(err, ST_INVALID,
                         "the name of a key must be 1 to %d bytes of text on one line",
                         API_KEY_WORD_MAX);
    if (!api_key_word(wish->tenant))
        return error_set(err, ST_INVALID,
                         "the tenant of a key must be 1 to %d bytes of text on one line",
                         API_KEY_WORD_MAX);
    if (!api_key_scopes(wish->scopes))
        return error_set(err, ST_INVALID,
                         "the scopes of a key must be words of visible ASCII, without \" and \\, "
                         "separated by one space, together at most %d bytes",
                         API_KEY_WORD_MAX);
    return ST_OK;
}

/* 32 characters, so that each is as likely; without those that are read wrongly. */
static int make_id(struct api_keys *k, char out[API_KEY_ID_LEN], struct error *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t random[API_KEY_ID_LEN];
    int rc = k->config.random->fill(k->config.random->ctx, random, sizeof(random), err);
    for (size_t i = 0; !rc && i < sizeof(random); i++)
        out[i] = letters[random[i] % 32];
    return rc;
}

static int make_text(struct api_keys *k, char out[API_KEY_LEN + 1], struct error *err)
{
    uint8_t secret[SECRET_BYTES];
    struct buffer text = BUFFER_INIT;
    char id[API_KEY_ID_LEN];
    int rc = k->config.random->fill(k->config.random->ctx, secret, sizeof(secret), err);
    do {
        rc = rc ? rc : make_id(k, id, err);
    } while (!rc && api_key_list_find(&k->list, (struct str){id, sizeof(id)}));
    if (!rc && !buffer_reserve(&text, API_KEY_SECRET_LEN + 1))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc) {
        base64url_encode((struct str){(char *)secret, sizeof(secret)}, &text);
        snprintf(out, API_KEY_LEN + 1, API_KEY_PREFIX "%.*s_%.*s", API_KEY_ID_LEN, id,
                 STR_ARG(buffer_str(&text)));
        explicit_bzero(text.data, text.cap);
    }
    explicit_bzero(secret, sizeof(secret));
    buffer_clear(&text);
    return rc;
}

/* Without the keys that ended long ago. The strings stay in the arena, which lives as long. */
static void drop_old(struct api_keys *k, int64_t now)
{
    const int64_t kept = API_KEYS_KEPT_DAYS * DAY_MS;
    size_t left = 0;
    for (size_t i = 0; i < k->list.count; i++) {
        const struct api_key *key = &k->list.keys[i];
        bool old = (key->revoked_ms && now - key->revoked_ms > kept) ||
                   (key->expires_ms && now - key->expires_ms > kept);
        if (!old)
            k->list.keys[left++] = *key;
    }
    k->list.count = left;
}

static int add_key(struct api_keys *k, const struct api_key_wish *wish, const char *text,
                   struct error *err)
{
    const struct str whole = {text, API_KEY_LEN};
    struct api_key key = {.id = id_in(whole),
                          .name = wish->name,
                          .tenant = wish->tenant,
                          .scopes = wish->scopes,
                          .created_ms = wall(k),
                          .expires_ms = wish->expires_ms};
    drop_old(k, key.created_ms);
    if (k->list.count == API_KEYS_MAX)
        return error_set(err, ST_TOO_LARGE,
                         "there are %d API keys in %s, and more do not fit; use another "
                         "auth.keys_file",
                         API_KEYS_MAX, k->path);
    int rc = k->config.crypto->sha256(k->config.crypto->ctx, whole, key.hash, err);
    if (!rc && !api_key_list_add(&k->list, &key))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc ? rc : save(k, err);
}

int api_keys_create(struct api_keys *k, const struct api_key_wish *wish,
                    char text[API_KEY_LEN + 1], const struct api_key **made, struct error *err)
{
    int lock;
    int rc = check_wish(wish, err);
    if (!rc)
        rc = begin_change(k, &lock, err);
    if (rc)
        return rc;
    rc = make_text(k, text, err);
    if (!rc)
        rc = add_key(k, wish, text, err);
    private_file_unlock(lock);
    if (!rc)
        *made = api_key_list_find(&k->list, id_in((struct str){text, API_KEY_LEN}));
    return rc;
}

int api_keys_revoke(struct api_keys *k, struct str id, const struct api_key **revoked,
                    struct error *err)
{
    int lock;
    int rc = begin_change(k, &lock, err);
    if (rc)
        return rc;
    struct api_key *key = api_key_list_find(&k->list, id);
    if (!key) {
        rc = error_set(err, ST_NOT_FOUND,
                       "there is no API key %.*s in %s; \"hexmcp key list\" lists them",
                       STR_ARG(id), k->path);
    } else if (key->revoked_ms == 0) {
        key->revoked_ms = wall(k);
        rc = save(k, err);
    }
    private_file_unlock(lock);
    if (!rc)
        *revoked = api_key_list_find(&k->list, id);
    return rc;
}

/* ---- all of them ---- */

size_t api_keys_count(const struct api_keys *k)
{
    return k->list.count;
}

const struct api_key *api_keys_at(const struct api_keys *k, size_t index)
{
    return &k->list.keys[index];
}

int api_keys_open(const struct api_keys_config *config, struct api_keys **out, struct error *err)
{
    struct api_keys *k = calloc(1, sizeof(*k));
    if (k)
        k->path = config->path ? strdup(config->path) : NULL;
    if (!k || (config->path && !k->path)) {
        free(k);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    k->config = *config;
    k->list = (struct api_key_list)API_KEY_LIST_INIT;
    *out = k;
    return ST_OK;
}

void api_keys_free(struct api_keys *k)
{
    if (!k)
        return;
    api_key_list_clear(&k->list);
    free(k->path);
    free(k);
}
