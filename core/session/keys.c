#include <stdio.h>

#include "core/base/hex.h"
#include "core/base/str.h"
#include "core/session/projections.h"

#define PART_MAX 96u

void session_key_part(struct buffer *key, struct str part)
{
    size_t end = key->len + PART_MAX;
    for (size_t i = 0; i < part.len && key->len < end; i++) {
        unsigned char c = (unsigned char)part.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '_' || c == '.';
        if (plain) {
            buffer_add_char(key, (char)c);
            continue;
        }
        char escape[3] = "%";
        hex_write(&c, 1, escape + 1);
        buffer_add_str(key, (struct str){escape, sizeof(escape)});
    }
}

void session_key_owner(struct buffer *key, struct str tenant, struct str caller)
{
    session_key_part(key, tenant);
    buffer_add_char(key, '/');
    session_key_part(key, caller);
    buffer_add_char(key, '/');
}

void session_key_version(struct buffer *key, struct str id, uint64_t version)
{
    char digits[24];
    session_key_part(key, id);
    snprintf(digits, sizeof(digits), "/%020llu", (unsigned long long)version);
    buffer_add_str(key, str_from(digits));
}
