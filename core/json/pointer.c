#include "core/json/pointer.h"

#include "core/json/writer.h"

bool json_pointer_valid(struct str pointer)
{
    if (pointer.len && pointer.ptr[0] != '/')
        return false;
    for (size_t i = 0; i < pointer.len; i++)
        if (pointer.ptr[i] == '~' &&
            (i + 1 == pointer.len || (pointer.ptr[i + 1] != '0' && pointer.ptr[i + 1] != '1')))
            return false;
    return true;
}

bool json_pointer_next(struct str *pointer, struct buffer *token)
{
    buffer_reset(token, SIZE_MAX);
    if (pointer->len == 0)
        return false;
    size_t i = 1;
    for (; i < pointer->len && pointer->ptr[i] != '/'; i++) {
        char c = pointer->ptr[i];
        if (c == '~')
            c = pointer->ptr[++i] == '0' ? '~' : '/';
        buffer_add_char(token, c);
    }
    pointer->ptr += i;
    pointer->len -= i;
    return true;
}

bool json_pointer_within(struct str pointer, struct str outer)
{
    return str_starts(pointer, outer) &&
           (pointer.len == outer.len || pointer.ptr[outer.len] == '/');
}

/* The index that a token says, or UINT32_MAX. */
static uint32_t index_of(struct str token)
{
    uint64_t index = 0;
    if (token.len == 0 || token.len > 9 || (token.len > 1 && token.ptr[0] == '0'))
        return UINT32_MAX;
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] < '0' || token.ptr[i] > '9')
            return UINT32_MAX;
        index = index * 10 + (uint64_t)(token.ptr[i] - '0');
    }
    return (uint32_t)index;
}

static struct json step(struct json value, struct str token)
{
    if (json_type(value) == JSON_OBJECT)
        return json_get(value, token);
    return json_type(value) == JSON_ARRAY ? json_at(value, index_of(token)) : json_none();
}

struct json json_pointer_get(struct json root, struct str pointer)
{
    struct buffer token = BUFFER_INIT;
    while (json_exists(root) && json_pointer_next(&pointer, &token))
        root = buffer_failed(&token) ? json_none() : step(root, buffer_str(&token));
    buffer_clear(&token);
    return root;
}

static bool set(struct json_writer *w, struct json at, struct str pointer, struct str value,
                unsigned depth);

static bool set_member(struct json_writer *w, struct json at, struct str key, struct str rest,
                       struct str value, unsigned depth)
{
    bool found = false, good = true;
    struct json_iter it = json_iter(at);
    json_begin_object(w);
    while (json_next(&it)) {
        bool here = json_is(it.key, key);
        found = found || here;
        json_key_raw(w, it.key);
        if (here)
            good = set(w, it.value, rest, value, depth + 1) && good;
        else
            json_write_raw(w, json_text(it.value));
    }
    if (!found) {
        json_put_raw(w, key, value);
        good = rest.len == 0;
    }
    json_end_object(w);
    return good;
}

static bool set_element(struct json_writer *w, struct json at, struct str token, struct str rest,
                        struct str value, unsigned depth)
{
    bool append = str_eq(token, STR("-"));
    uint32_t index = index_of(token), i = 0;
    bool good = append ? rest.len == 0 : index < json_count(at);
    struct json_iter it = json_iter(at);
    json_begin_array(w);
    while (json_next(&it))
        if (i++ == index)
            good = set(w, it.value, rest, value, depth + 1) && good;
        else
            json_write_raw(w, json_text(it.value));
    if (append)
        json_write_raw(w, value);
    json_end_array(w);
    return good;
}

static bool set(struct json_writer *w, struct json at, struct str pointer, struct str value,
                unsigned depth)
{
    struct buffer token = BUFFER_INIT;
    bool good = false;
    if (depth > JSON_MAX_DEPTH)
        return false;
    if (!json_pointer_next(&pointer, &token)) {
        json_write_raw(w, value);
        good = true;
    } else if (json_type(at) == JSON_OBJECT) {
        good = set_member(w, at, buffer_str(&token), pointer, value, depth);
    } else if (json_type(at) == JSON_ARRAY) {
        good = set_element(w, at, buffer_str(&token), pointer, value, depth);
    }
    good = good && !buffer_failed(&token);
    buffer_clear(&token);
    return good;
}

bool json_pointer_set(struct json root, struct str pointer, struct str value, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    return set(&w, root, pointer, value, 0) && !buffer_failed(out);
}
