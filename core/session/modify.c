#include "core/session/modify.h"

#include "core/base/str.h"
#include "core/json/writer.h"

/* The part behind the first '/', decoded; *rest begins with the next '/' or is empty. */
static struct str first_part(struct str path, struct buffer *scratch, struct str *rest)
{
    size_t i = 1;
    scratch->len = 0;
    for (; i < path.len && path.ptr[i] != '/'; i++) {
        bool escape = path.ptr[i] == '~' && i + 1 < path.len;
        if (escape)
            buffer_add_char(scratch, path.ptr[++i] == '0' ? '~' : '/');
        else
            buffer_add_char(scratch, path.ptr[i]);
    }
    *rest = (struct str){path.ptr + i, path.len - i};
    return buffer_str(scratch);
}

static int replace(struct json_writer *w, struct json node, struct str path, struct json value,
                   struct error *err);

static int nowhere(struct str part, struct error *err)
{
    return error_set(err, ST_NOT_FOUND, "there is no \"%.*s\" to change", STR_ARG(part));
}

static int in_object(struct json_writer *w, struct json node, struct str part, struct str rest,
                     struct json value, struct error *err)
{
    struct json_iter it = json_iter(node);
    bool found = false;
    int rc = ST_OK;
    json_begin_object(w);
    while (!rc && json_next(&it)) {
        json_key_raw(w, it.key);
        bool here = json_is(it.key, part);
        found = found || here;
        if (here)
            rc = replace(w, it.value, rest, value, err);
        else
            json_write_raw(w, json_text(it.value));
    }
    if (!rc && !found && rest.len)
        rc = nowhere(part, err);
    if (!rc && !found)
        json_put_raw(w, part, json_text(value));
    json_end_object(w);
    return rc;
}

static int in_array(struct json_writer *w, struct json node, struct str part, struct str rest,
                    struct json value, struct error *err)
{
    struct json_iter it = json_iter(node);
    uint64_t at = 0, wanted = 0;
    int rc = ST_OK;
    if (part.len == 0 || part.len > 9)
        return nowhere(part, err);
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] < '0' || part.ptr[i] > '9')
            return nowhere(part, err);
        wanted = wanted * 10 + (uint64_t)(part.ptr[i] - '0');
    }
    if (wanted >= json_count(node))
        return nowhere(part, err);
    json_begin_array(w);
    for (; !rc && json_next(&it); at++) {
        if (at == wanted)
            rc = replace(w, it.value, rest, value, err);
        else
            json_write_raw(w, json_text(it.value));
    }
    json_end_array(w);
    return rc;
}

static int replace(struct json_writer *w, struct json node, struct str path, struct json value,
                   struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str rest, part;
    int rc;
    if (path.len == 0) {
        json_write_raw(w, json_text(value));
        return ST_OK;
    }
    part = first_part(path, &scratch, &rest);
    if (path.ptr[0] == '/' && json_type(node) == JSON_OBJECT)
        rc = in_object(w, node, part, rest, value, err);
    else if (path.ptr[0] == '/' && json_type(node) == JSON_ARRAY)
        rc = in_array(w, node, part, rest, value, err);
    else
        rc = nowhere(path.ptr[0] == '/' ? part : path, err);
    buffer_clear(&scratch);
    return rc;
}

int json_replace(struct json root, struct str path, struct json value, struct buffer *out,
                 struct error *err)
{
    struct json_writer w = json_writer(out);
    return replace(&w, root, path, value, err);
}
