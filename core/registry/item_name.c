#include "core/registry/entry.h"

const char *item_kind_name(enum item_kind kind)
{
    static const char *const names[ITEM_KINDS] = {"tool", "resource", "resource template",
                                                  "prompt"};
    return names[kind];
}

/* Bits for the bytes 0 to 127: - . 0-9, A-Z _, a-z. */
static bool name_byte(char c)
{
    static const uint32_t set[4] = {0, 0x03ff6000, 0x87fffffe, 0x07fffffe};
    unsigned char byte = (unsigned char)c;
    return byte < 128 && set[byte >> 5] >> (byte & 31) & 1;
}

static int check_word(enum item_kind kind, struct str name, struct error *err)
{
    bool good = name.len >= 1 && name.len <= ITEM_NAME_MAX;
    for (size_t i = 0; good && i < name.len; i++)
        good = name_byte(name.ptr[i]);
    if (good)
        return ST_OK;
    return error_set(err, ST_INVALID,
                     "%s name \"%.*s\" is not 1 to %d characters of A-Z a-z 0-9 _ . -",
                     item_kind_name(kind), STR_ARG(name), ITEM_NAME_MAX);
}

int item_name_check(enum item_kind kind, struct str name, struct error *err)
{
    if (kind == ITEM_TOOL || kind == ITEM_PROMPT)
        return check_word(kind, name, err);
    if (name.len >= 1 && name.len <= ITEM_URI_MAX)
        return ST_OK;
    return error_set(err, ST_INVALID, "the URI of a %s has %zu bytes; it needs 1 to %d",
                     item_kind_name(kind), name.len, ITEM_URI_MAX);
}
