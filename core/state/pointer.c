#include "core/state/pointer.h"

bool pointer_valid(struct str pointer)
{
    if (pointer.len && pointer.ptr[0] != '/')
        return false;
    for (size_t i = 0; i < pointer.len; i++)
        if (pointer.ptr[i] == '~' &&
            (i + 1 == pointer.len || (pointer.ptr[i + 1] != '0' && pointer.ptr[i + 1] != '1')))
            return false;
    return true;
}

void pointer_take(struct str *pointer, struct buffer *out)
{
    size_t i = 1;
    buffer_reset(out, SIZE_MAX);
    for (; i < pointer->len && pointer->ptr[i] != '/'; i++) {
        char c = pointer->ptr[i];
        if (c == '~')
            c = pointer->ptr[++i] == '0' ? '~' : '/';
        buffer_add_char(out, c);
    }
    pointer->ptr += i;
    pointer->len -= i;
}

/* The index of an array: digits without a leading zero. */
static bool index_of(struct str part, uint32_t *out)
{
    uint32_t value = 0;
    if (part.len == 0 || part.len > 8 || (part.len > 1 && part.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] < '0' || part.ptr[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(part.ptr[i] - '0');
    }
    *out = value;
    return true;
}

struct json pointer_get(struct json root, struct str pointer)
{
    struct buffer part = BUFFER_INIT;
    struct json v = root;
    uint32_t index;
    while (pointer.len && json_exists(v)) {
        pointer_take(&pointer, &part);
        if (buffer_failed(&part) || json_type(v) == JSON_NULL)
            v = json_none();
        else if (json_type(v) == JSON_ARRAY)
            v = index_of(buffer_str(&part), &index) ? json_at(v, index) : json_none();
        else
            v = json_get(v, buffer_str(&part));
    }
    buffer_clear(&part);
    return v;
}
