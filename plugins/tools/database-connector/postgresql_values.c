/*
 * SPDX-License-Identifier: MIT
 */
#include "postgresql_values.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>

enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_OID = 26,
    TYPE_JSON = 114,
    TYPE_FLOAT4 = 700,
    TYPE_FLOAT8 = 701,
    TYPE_TIMESTAMP = 1114,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_JSONB = 3802
};

static void put_bytes(struct rows *rows, const char *text, size_t len)
{
    unsigned char *bytes = malloc(len / 2 + 1);
    size_t count = 0;
    if (bytes && len >= 2 && text[0] == '\\' && text[1] == 'x' &&
        sodium_hex2bin(bytes, len / 2 + 1, text + 2, len - 2, NULL, &count, NULL) == 0)
        rows_bytes(rows, bytes, count);
    else
        rows_text(rows, text, len);
    free(bytes);
}

void postgresql_iso(char *text)
{
    size_t len = strlen(text);
    if (len < 19 || text[4] != '-' || text[10] != ' ' || text[13] != ':' || strstr(text, " BC"))
        return;
    text[10] = 'T';
    if (strcmp(text + len - 3, "+00") == 0) {
        text[len - 3] = 'Z';
        text[len - 2] = '\0';
    }
}

static void put_time(struct rows *rows, const char *text, size_t len)
{
    char copy[64];
    snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
    postgresql_iso(copy);
    rows_text(rows, copy, strlen(copy));
}

static void put_float(struct rows *rows, const char *text, size_t len)
{
    double value = strtod(text, NULL);
    if (isfinite(value))
        rows_number(rows, text, len); /* the shortest digits that tell it, as the server wrote them */
    else
        rows_double(rows, value);
}

void postgresql_put(struct rows *rows, unsigned type, const char *text, size_t len)
{
    switch (type) {
    case TYPE_BOOL:
        rows_bool(rows, text[0] == 't');
        break;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_OID:
        rows_int64(rows, strtoll(text, NULL, 10));
        break;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        put_float(rows, text, len);
        break;
    case TYPE_JSON:
    case TYPE_JSONB:
        rows_json(rows, text, len);
        break;
    case TYPE_BYTEA:
        put_bytes(rows, text, len);
        break;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        put_time(rows, text, len);
        break;
    default:
        rows_text(rows, text, len);
    }
}
