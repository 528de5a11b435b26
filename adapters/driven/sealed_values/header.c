#include "adapters/driven/sealed_values/header.h"

#include "adapters/driven/sealed_values/backend.h"
#include "ports/driven/key_value_store.h"

static const struct str magic = STR_INIT("HXV1");

bool sealed_has_header(struct str value)
{
    return str_starts(value, STR("HXV"));
}

static int malformed(struct error *err)
{
    return error_set(err, ST_PROTOCOL, "its header is damaged");
}

int sealed_header_read(struct str value, struct sealed_header *out, struct error *err)
{
    struct sealed_header h = {0};
    if (!str_starts(value, magic))
        return error_set(err, ST_PROTOCOL, "it is from a later version of hexmcp");
    if (value.len < 6)
        return malformed(err);
    h.flags = (unsigned char)value.ptr[4];
    size_t id = (unsigned char)value.ptr[5], at = 6;
    bool encrypted = h.flags & SEALED_ENCRYPTED;
    size_t more = encrypted ? SEAL_NONCE_BYTES + SEAL_TAG_BYTES : 0;
    if (h.flags > (SEALED_COMPRESSED | SEALED_ENCRYPTED) || id > SEALED_ID_MAX ||
        (id > 0) != encrypted || value.len < at + id + 8 + more)
        return malformed(err);
    h.key_id = (struct str){value.ptr + at, id};
    at += id;
    for (size_t i = 0; i < 8; i++)
        h.clear_len |= (uint64_t)(unsigned char)value.ptr[at + i] << (8 * i);
    at += 8;
    h.bound = (struct str){value.ptr, at};
    if (encrypted)
        h.nonce = (struct str){value.ptr + at, SEAL_NONCE_BYTES};
    at += h.nonce.len;
    h.payload = (struct str){value.ptr + at, value.len - at};
    size_t inner = h.payload.len - (encrypted ? SEAL_TAG_BYTES : 0);
    if (h.clear_len > VALUE_MAX || (!(h.flags & SEALED_COMPRESSED) && h.clear_len != inner))
        return malformed(err);
    *out = h;
    return ST_OK;
}

void sealed_header_write(struct buffer *out, unsigned flags, struct str key_id, uint64_t clear_len)
{
    buffer_add_str(out, magic);
    buffer_add_char(out, (char)flags);
    buffer_add_char(out, (char)key_id.len);
    buffer_add_str(out, key_id);
    for (size_t i = 0; i < 8; i++)
        buffer_add_char(out, (char)(clear_len >> (8 * i)));
}
