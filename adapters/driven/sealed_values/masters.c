/* Master keys: where they come from, and what they must be. */
#include <string.h>

#include "adapters/driven/sealed_values/inside.h"
#include "core/base/base64.h"
#include "core/json/writer.h"

static int wrong(struct error *err, uint32_t index, const char *what)
{
    return error_set(err, ST_CONFIG, "encryption.keys: entry %u %s", index + 1, what);
}

static int read_entry(struct json v, uint32_t index, struct masters *m, struct json_writer *sources,
                      struct error *err)
{
    struct str id;
    struct json source = json_get(v, STR("source"));
    if (json_type(v) != JSON_OBJECT || json_count(v) != 2 ||
        !json_plain(json_get(v, STR("id")), &id) || json_type(source) != JSON_OBJECT)
        return wrong(err, index, "must be {\"id\": name, \"source\": {\"env\", \"file\" or "
                                 "\"keyring\": where}}");
    if (!secret_name_valid(id) || id.len > SEALED_ID_MAX)
        return wrong(err, index, "has no good id: a letter, then letters, digits, '_', '-' and '.', at "
                                 "most 32");
    for (size_t i = 0; i < m->count; i++)
        if (str_eq(str_from(m->list[i].id), id))
            return wrong(err, index, "has the id of another one");
    memcpy(m->list[m->count++].id, id.ptr, id.len);
    json_put_raw(sources, id, json_text(source));
    return ST_OK;
}

int masters_new(struct str setting, struct masters *out, struct error *err)
{
    struct json_doc *doc;
    struct buffer sources = BUFFER_INIT;
    struct json_writer w = json_writer(&sources);
    int rc = json_parse(setting.len ? setting : STR("[]"), &doc, err);
    if (rc)
        return error_prefix(err, "encryption.keys: ");
    struct json_iter it = json_iter(json_root(doc));
    memset(out, 0, sizeof(*out));
    if (json_type(json_root(doc)) != JSON_ARRAY || json_count(json_root(doc)) > MASTERS_MAX)
        rc = error_set(err, ST_CONFIG, "encryption.keys must be an array of at most %d keys",
                       MASTERS_MAX);
    json_begin_object(&w);
    for (uint32_t i = 0; !rc && json_next(&it); i++)
        rc = read_entry(it.value, i, out, &w, err);
    json_end_object(&w);
    if (!rc && buffer_failed(&sources))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc && secret_store_new(buffer_str(&sources), &out->sources, err))
        rc = error_prefix(err, "encryption.keys: ");
    buffer_clear(&sources);
    json_free(doc);
    return rc;
}

void masters_free(struct masters *m)
{
    secret_store_free(m->sources);
    for (size_t i = 0; i < m->count; i++) {
        volatile uint8_t *bytes = m->list[i].bytes;
        for (size_t b = 0; b < SEAL_MASTER_BYTES; b++)
            bytes[b] = 0;
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool from_hex(struct str text, uint8_t *out)
{
    if (text.len != 2 * SEAL_MASTER_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);
        if (digit < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return true;
}

static int read_master(struct masters *m, struct master *master, struct error *err)
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

int masters_find(struct masters *m, struct str id, const struct master **out, struct error *err)
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
