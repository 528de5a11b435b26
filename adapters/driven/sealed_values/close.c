/* One value: into its stored form and out of it. */
#include <stdlib.h>

#include "adapters/driven/module/module.h"
#include "adapters/driven/sealed_values/inside.h"

typedef int (*seal_entry)(struct seal_backend *out, struct error *err);

int sealed_load(struct sealed_values *s, struct error *err)
{
    module_entry *entry;
    if (s->loaded)
        return ST_OK;
    int rc = module_open(s->modules, "seal", &entry, err);
    if (!rc)
        rc = ((seal_entry)entry)(&s->backend, err);
    s->loaded = !rc;
    return rc;
}

/* What the encryption covers beside the value: its header, and where it is. */
static bool bind(struct str head, struct str space, struct str key, struct buffer *out)
{
    char len[2] = {(char)(space.len >> 8), (char)space.len};
    buffer_add_str(out, head);
    buffer_add(out, len, 2);
    buffer_add_str(out, space);
    buffer_add_str(out, key);
    return !buffer_failed(out);
}

static int pack(struct sealed_values *s, struct str *value, struct buffer *out, struct error *err)
{
    if (value->len <= SEALED_COMPRESS_MIN)
        return ST_OK;
    int rc = sealed_load(s, err);
    if (rc)
        return rc;
    size_t room = s->backend.bound(value->len);
    if (!buffer_reserve(out, room))
        return error_set(err, ST_NOMEM, "out of memory");
    out->len = s->backend.compress(*value, (uint8_t *)out->data, room);
    if (out->len && out->len < value->len)
        *value = buffer_str(out);
    return ST_OK;
}

static int encrypt(struct sealed_values *s, const struct encryption_key *master, struct str space,
                   struct str key, struct str clear, struct buffer *out, struct error *err)
{
    uint8_t derived[SEAL_MASTER_BYTES];
    struct buffer with = BUFFER_INIT;
    bool good = bind(buffer_str(out), space, key, &with) &&
                buffer_reserve(out, SEAL_NONCE_BYTES + clear.len + SEAL_TAG_BYTES);
    if (good) {
        uint8_t *at = (uint8_t *)out->data + out->len;
        s->backend.derive(master->bytes, space, derived);
        s->backend.encrypt(derived, buffer_str(&with), clear, at, at + SEAL_NONCE_BYTES);
        s->backend.wipe(derived, sizeof(derived));
        out->len += SEAL_NONCE_BYTES + clear.len + SEAL_TAG_BYTES;
    }
    buffer_clear(&with);
    return good ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

int sealed_close(struct sealed_values *s, struct str space, struct str key, bool encrypted,
                 struct str value, struct buffer *out, struct error *err)
{
    struct buffer packed = BUFFER_INIT;
    const struct encryption_key *master = NULL;
    struct str body = value;
    size_t before = out->len;
    int rc = encrypted ? sealed_load(s, err) : ST_OK;
    if (!rc && encrypted)
        rc = encryption_keys_find(&s->keys, str_from(s->keys.list[s->keys.current].id), &master, err);
    if (!rc)
        rc = pack(s, &body, &packed, err);
    bool compressed = body.ptr != value.ptr;
    if (!rc && !encrypted && !compressed && !sealed_has_header(value)) {
        buffer_add_str(out, value);
    } else if (!rc) {
        struct buffer whole = BUFFER_INIT;
        sealed_header_write(&whole,
                            (compressed ? SEALED_COMPRESSED : 0u) |
                                (encrypted ? SEALED_ENCRYPTED : 0u),
                            encrypted ? str_from(master->id) : (struct str){NULL, 0}, value.len);
        if (encrypted)
            rc = encrypt(s, master, space, key, body, &whole, err);
        else
            buffer_add_str(&whole, body);
        buffer_add_str(out, buffer_str(&whole));
        if (buffer_failed(&whole))
            out->failed = true;
        buffer_clear(&whole);
    }
    buffer_clear(&packed);
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc && out->len - before > VALUE_MAX)
        rc = error_set(err, ST_TOO_LARGE, "a value has at most %zu bytes, this one %zu when it is "
                                          "encrypted",
                       VALUE_MAX, out->len - before);
    return rc;
}

static int decrypt(struct sealed_values *s, const struct sealed_header *h, struct str space,
                   struct str key, struct buffer *out, struct error *err)
{
    const struct encryption_key *master;
    struct buffer with = BUFFER_INIT;
    uint8_t derived[SEAL_MASTER_BYTES];
    int rc = encryption_keys_find(&s->keys, h->key_id, &master, err);
    if (rc)
        return rc;
    if (!bind(h->bound, space, key, &with) || !buffer_reserve(out, h->payload.len)) {
        rc = error_set(err, ST_NOMEM, "out of memory");
    } else {
        s->backend.derive(master->bytes, space, derived);
        if (!s->backend.decrypt(derived, buffer_str(&with), h->payload,
                                (const uint8_t *)h->nonce.ptr, (uint8_t *)out->data))
            rc = error_set(err, ST_DENIED,
                           "the key \"%.*s\" does not open it: the key is another one than before, or "
                           "the value was changed or moved",
                           (int)h->key_id.len, h->key_id.ptr);
        s->backend.wipe(derived, sizeof(derived));
        out->len = rc ? 0 : h->payload.len - SEAL_TAG_BYTES;
    }
    buffer_clear(&with);
    return rc;
}

static int expand(struct sealed_values *s, const struct sealed_header *h, struct str packed,
                  struct buffer *out, struct error *err)
{
    size_t before = out->len;
    if (!buffer_reserve(out, h->clear_len + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    if (!s->backend.expand(packed, (uint8_t *)out->data + before, h->clear_len))
        return error_set(err, ST_PROTOCOL, "it is damaged");
    out->len += h->clear_len;
    return ST_OK;
}

int sealed_open(struct sealed_values *s, struct str space, struct str key, struct str value,
                struct buffer *memory, struct str *out, struct error *err)
{
    struct sealed_header h;
    struct buffer clear = BUFFER_INIT;
    if (!sealed_has_header(value)) {
        *out = value;
        return ST_OK;
    }
    int rc = sealed_header_read(value, &h, err);
    if (!rc && h.flags)
        rc = sealed_load(s, err);
    if (!rc && (h.flags & SEALED_ENCRYPTED))
        rc = decrypt(s, &h, space, key, &clear, err);
    struct str body = !rc && (h.flags & SEALED_ENCRYPTED) ? buffer_str(&clear) : h.payload;
    size_t before = memory->len;
    if (!rc && (h.flags & SEALED_COMPRESSED))
        rc = expand(s, &h, body, memory, err);
    else if (!rc)
        buffer_add_str(memory, body);
    if (!rc && buffer_failed(memory))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        *out = buffer_part(memory, before, memory->len - before);
    buffer_wipe(&clear);
    return rc ? error_prefix(err, "the value of \"%.*s\" in %.*s cannot be read: ",
                             (int)(key.len > 60 ? 60 : key.len), key.ptr,
                             (int)(space.len > 100 ? 100 : space.len), space.ptr)
              : ST_OK;
}
