#include "adapters/driven/encryption_keys/encryption_keys.h"

#include <string.h>

#include "core/base/buffer.h"
#include "core/base/hex.h"
#include "core/json/json.h"
#include "ports/driven/secret_store.h"

static int read_ids(struct json keys, struct encryption_keys *out, struct error *err)
{
    struct json_iter it = json_iter(keys);
    if (json_type(keys) != JSON_OBJECT || json_count(keys) > ENCRYPTION_KEYS_MAX)
        return error_set(err, ST_CONFIG, "encryption.keys must be an object of at most %d keys",
                         ENCRYPTION_KEYS_MAX);
    while (json_next(&it)) {
        struct str id;
        if (!json_plain(it.key, &id) || !secret_name_valid(id) || id.len > ENCRYPTION_ID_MAX)
            return error_set(err, ST_CONFIG,
                             "encryption.keys: the id of a key is a letter, then letters, digits, '_', "
                             "'-' and '.', at most %d",
                             ENCRYPTION_ID_MAX);
        memcpy(out->list[out->count++].id, id.ptr, id.len);
    }
    return ST_OK;
}

static int choose(struct encryption_keys *m, struct str key, struct error *err)
{
    for (size_t i = 0; i < m->count; i++)
        if (str_eq(str_from(m->list[i].id), key)) {
            m->current = i;
            return ST_OK;
        }
    if (key.len)
        return error_set(err, ST_CONFIG, "encryption.key is \"%.*s\", which encryption.keys has not",
                         (int)(key.len > 60 ? 60 : key.len), key.ptr);
    return m->count <= 1 ? ST_OK
                         : error_set(err, ST_CONFIG, "encryption.keys has several keys; encryption.key "
                                                     "must say which one encrypts");
}

int encryption_keys_new(struct str setting, struct str key, struct encryption_keys *out, struct error *err)
{
    struct json_doc *doc;
    struct str keys = setting.len ? setting : STR("{}");
    memset(out, 0, sizeof(*out));
    int rc = json_parse(keys, &doc, err);
    if (rc)
        return error_prefix(err, "encryption.keys: ");
    rc = read_ids(json_root(doc), out, err);
    json_free(doc);
    if (!rc)
        rc = choose(out, key, err);
    if (!rc && secret_store_new(keys, &out->sources, err))
        rc = error_prefix(err, "encryption.keys: ");
    return rc;
}

void encryption_keys_free(struct encryption_keys *m)
{
    secret_store_free(m->sources);
    for (size_t i = 0; i < m->count; i++) {
        volatile uint8_t *bytes = m->list[i].bytes;
        for (size_t b = 0; b < ENCRYPTION_KEY_BYTES; b++)
            bytes[b] = 0;
    }
}

static bool from_hex(struct str text, uint8_t *out)
{
    if (text.len != 2 * ENCRYPTION_KEY_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);
        if (digit < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return true;
}

static int read_master(struct encryption_keys *m, struct encryption_key *master, struct error *err)
{
    const struct secret_store_port *port = secret_store_port(m->sources);
    struct str id = str_from(master->id);
    const struct plugin_grants grants = {.secrets = &id, .secret_count = 1, .revealed = &id,
                                         .revealed_count = 1};
    struct buffer text = BUFFER_INIT;
    int rc = port->reveal(port->ctx, &grants, id, &text, err);
    if (rc) {
        error_prefix(err, "the encryption key \"%s\" cannot be read: ", master->id);
        err->code = ST_UNAVAILABLE;
        rc = ST_UNAVAILABLE;
    } else if (!from_hex(buffer_str(&text), master->bytes)) {
        rc = error_set(err, ST_UNAVAILABLE,
                       "the encryption key \"%s\" is none: 64 hexadecimal digits are, as \"openssl rand "
                       "-hex 32\" makes them",
                       master->id);
    }
    master->read = !rc;
    buffer_wipe(&text);
    return rc;
}

int encryption_keys_find(struct encryption_keys *m, struct str id, const struct encryption_key **out, struct error *err)
{
    for (size_t i = 0; i < m->count; i++)
        if (str_eq(str_from(m->list[i].id), id)) {
            int rc = m->list[i].read ? ST_OK : read_master(m, &m->list[i], err);
            if (!rc)
                *out = &m->list[i];
            return rc;
        }
    return error_set(err, ST_UNAVAILABLE,
                     "it is encrypted with the key \"%.*s\", which encryption.keys does not name",
                     (int)id.len, id.ptr);
}
