#include "adapters/driven/plugin_host/reader.h"

#include <stdio.h>

#include "core/base/nearest.h"

static const char *const type_names[] = {
    [JSON_NONE] = "a value",   [JSON_NULL] = "null",      [JSON_BOOL] = "true or false",
    [JSON_NUMBER] = "a number", [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
    [JSON_OBJECT] = "an object",
};

int reader_fail(struct reader *r, const char *format, ...)
{
    char text[ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(r->err, ST_INVALID, "%s: %.*s%s%s", r->file, (int)r->path_len, r->path,
                     r->path_len ? ": " : "", text);
}

size_t reader_enter(struct reader *r, struct str key)
{
    size_t mark = r->path_len;
    if (r->path_len + 1 < sizeof(r->path))
        r->path[r->path_len++] = '/';
    for (size_t i = 0; i < key.len && r->path_len + 2 < sizeof(r->path); i++) {
        char c = key.ptr[i];
        if (c == '~' || c == '/') {
            r->path[r->path_len++] = '~';
            c = c == '~' ? '0' : '1';
        }
        r->path[r->path_len++] = c;
    }
    return mark;
}

size_t reader_enter_index(struct reader *r, size_t index)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%zu", index);
    return reader_enter(r, (struct str){digits, (size_t)len});
}

void reader_leave(struct reader *r, size_t mark)
{
    r->path_len = mark;
}

int reader_type(struct reader *r, struct json v, enum json_type type)
{
    if (json_type(v) == type)
        return ST_OK;
    return reader_fail(r, "must be %s, is %s", type_names[type], type_names[json_type(v)]);
}

static int unknown_key(struct reader *r, struct str key, const struct field *fields, size_t count)
{
    struct nearest near = {.word = key};
    for (size_t i = 0; i < count; i++)
        nearest_offer(&near, str_from(fields[i].name));
    if (near.best.len)
        return reader_fail(r, "unknown key; did you mean \"%.*s\"?", STR_ARG(near.best));
    return reader_fail(r, "unknown key");
}

static int read_member(struct reader *r, struct str key, struct json value,
                       const struct field *fields, size_t count, bool allow_x, void *out)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(key, str_from(fields[i].name)))
            return fields[i].read(r, value, out);
    if (allow_x && str_starts(key, STR("x-")))
        return ST_OK;
    return unknown_key(r, key, fields, count);
}

static int check_required(struct reader *r, struct json object, const struct field *fields,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !json_exists(json_get(object, str_from(fields[i].name))))
            return reader_fail(r, "the key \"%s\" is missing", fields[i].name);
    return ST_OK;
}

int reader_object(struct reader *r, struct json object, const struct field *fields, size_t count,
                  bool allow_x, void *out)
{
    int rc = reader_type(r, object, JSON_OBJECT);
    if (rc)
        return rc;
    struct json_iter it = json_iter(object);
    struct buffer scratch = BUFFER_INIT;
    while (!rc && json_next(&it)) {
        struct str key = {NULL, 0};
        if (!json_string(it.key, &scratch, &key)) {
            rc = error_set(r->err, ST_NOMEM, "out of memory");
            break;
        }
        size_t mark = reader_enter(r, key);
        rc = read_member(r, key, it.value, fields, count, allow_x, out);
        reader_leave(r, mark);
    }
    buffer_clear(&scratch);
    return rc ? rc : check_required(r, object, fields, count);
}

int reader_array(struct reader *r, struct json array, field_read read, void *out)
{
    int rc = reader_type(r, array, JSON_ARRAY);
    struct json_iter it = json_iter(array);
    for (size_t i = 0; !rc && json_next(&it); i++) {
        size_t mark = reader_enter_index(r, i);
        rc = read(r, it.value, out);
        reader_leave(r, mark);
    }
    return rc;
}

int reader_text(struct reader *r, struct json v, struct buffer *scratch, struct str *out)
{
    int rc = reader_type(r, v, JSON_STRING);
    if (rc)
        return rc;
    struct str text;
    if (!json_string(v, scratch, &text))
        return error_set(r->err, ST_NOMEM, "out of memory");
    if (text.len == 0)
        return reader_fail(r, "must not be empty");
    *out = text;
    return ST_OK;
}

int reader_string(struct reader *r, struct json v)
{
    int rc = reader_type(r, v, JSON_STRING);
    if (!rc && json_is(v, STR("")))
        rc = reader_fail(r, "must not be empty");
    return rc;
}

int reader_bool(struct reader *r, struct json v, bool *out)
{
    int rc = reader_type(r, v, JSON_BOOL);
    if (!rc)
        json_bool(v, out);
    return rc;
}

int reader_u32(struct reader *r, struct json v, uint32_t least, uint32_t most, uint32_t *out)
{
    int64_t number;
    if (!json_int64(v, &number) || number < least || number > most)
        return reader_fail(r, "must be a whole number from %u to %u, is %.*s", least, most,
                           (int)(json_text(v).len > 40 ? 40 : json_text(v).len), json_text(v).ptr);
    *out = (uint32_t)number;
    return ST_OK;
}

/* "a", "b" or "c" */
static void list_words(char *out, size_t size, const char *const *words, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count && len < size; i++) {
        const char *between = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        len += (size_t)snprintf(out + len, size - len, "%s\"%s\"", between, words[i]);
    }
}

int reader_word(struct reader *r, struct json v, const char *const *words, size_t count,
                size_t *out)
{
    for (size_t i = 0; i < count; i++)
        if (json_is(v, str_from(words[i]))) {
            *out = i;
            return ST_OK;
        }
    char list[160];
    list_words(list, sizeof(list), words, count);
    return reader_fail(r, "must be %s", list);
}
