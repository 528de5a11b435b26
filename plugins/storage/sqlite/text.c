/*
 * SPDX-License-Identifier: MIT
 */
#include "text.h"

bool text_same(hexmcp_str a, hexmcp_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

size_t text_member(hexmcp_str key, const hexmcp_str *names, size_t count)
{
    bool escaped = memchr(key.ptr, '\\', key.len) != NULL;
    for (size_t i = 0; i < count; i++) {
        if (escaped ? hexmcp_json_equals(key, names[i].ptr)
                    : key.len == names[i].len + 2 &&
                          memcmp(key.ptr + 1, names[i].ptr, names[i].len) == 0)
            return i;
    }
    return count;
}

int32_t text_members(hexmcp_str object, const hexmcp_str *names, hexmcp_str *values, size_t count,
                     const char *what, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str key, value;
    memset(values, 0, count * sizeof(*values));
    if (!it.is_object)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be a JSON object", what);
    while (hexmcp_json_next(&it, &key, &value)) {
        size_t i = text_member(key, names, count);
        if (i < count && !values[i].ptr && !hexmcp_str_equals(value, "null"))
            values[i] = value;
    }
    if (it.status != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is no JSON", what);
    return HEXMCP_OK;
}

int32_t text_take(hexmcp_str json, size_t min, size_t max, const char *what, hexmcp_str *ret,
                  hexmcp_error *err)
{
    hexmcp_str text = {json.ptr + 1, json.len - 2};
    if (json.len < 2 || json.ptr[0] != '"')
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be a string", what);
    if (memchr(text.ptr, '\\', text.len)) {
        char *own = (char *)(uintptr_t)json.ptr;
        if (hexmcp_json_string(json, own, json.len + 1, &text.len) != HEXMCP_OK)
            return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be a string", what);
        text.ptr = own;
    }
    if (text.len < min || text.len > max || (text.len > 0 && memchr(text.ptr, '\0', text.len)))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be %zu to %zu bytes of text without NUL",
                           what, min, max);
    *ret = text;
    return HEXMCP_OK;
}

int32_t text_number(hexmcp_str json, int64_t min, int64_t max, const char *what, int64_t *ret,
                    hexmcp_error *err)
{
    int64_t number;
    if (!json.ptr)
        return HEXMCP_OK;
    if (hexmcp_json_int64(json, &number) != HEXMCP_OK || number < min || number > max)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be a whole number from %lld to %lld", what,
                           (long long)min, (long long)max);
    *ret = number;
    return HEXMCP_OK;
}

int32_t text_bool(hexmcp_str json, const char *what, bool *ret, hexmcp_error *err)
{
    int yes;
    if (!json.ptr)
        return HEXMCP_OK;
    if (hexmcp_json_bool(json, &yes) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be true or false", what);
    *ret = yes;
    return HEXMCP_OK;
}

static bool make_room(struct out *o, size_t more)
{
    size_t room = o->room ? o->room : 256;
    char *text;
    if (o->failed || more < o->room - o->len)
        return !o->failed;
    while (room - o->len <= more)
        room *= 2;
    text = realloc(o->text, room);
    if (!text) {
        o->failed = true;
        return false;
    }
    o->text = text;
    o->room = room;
    return true;
}

void out_raw(struct out *o, hexmcp_str bytes)
{
    if (bytes.len == 0 || !make_room(o, bytes.len))
        return;
    memcpy(o->text + o->len, bytes.ptr, bytes.len);
    o->len += bytes.len;
}

void out_number(struct out *o, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof(digits);
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        *--at = '-';
    out_raw(o, (hexmcp_str){at, (size_t)(digits + sizeof(digits) - at)});
}

static bool is_plain(hexmcp_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            return false;
    }
    return true;
}

void out_string(struct out *o, hexmcp_str text)
{
    hexmcp_json_writer w;
    if (is_plain(text)) {
        OUT(o, "\"");
        out_raw(o, text);
        OUT(o, "\"");
        return;
    }
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_string(&w, text);
    if (hexmcp_json_writer_status(&w) != HEXMCP_OK)
        o->failed = true;
    out_raw(o, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
}

void out_free(struct out *o)
{
    free(o->text);
    *o = (struct out){0};
}
