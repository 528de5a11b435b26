#include "adapters/driving/cli/plugin/manifest_edit.h"

#include <stdio.h>

#include "adapters/driven/plugin_host/names.h"
#include "core/json/json.h"

void manifest_id(struct str text, char id[128])
{
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    struct str value;
    id[0] = '\0';
    if (json_parse(text, &doc, NULL))
        return;
    if (json_string(json_get(json_root(doc), STR("id")), &scratch, &value) &&
        name_is_plugin_id(value))
        snprintf(id, 128, "%.*s", STR_ARG(value));
    buffer_clear(&scratch);
    json_free(doc);
}

/* What stands between two members: comma, line break, indentation. */
static struct str gap_before(struct str text, const char *key)
{
    const char *begin = key;
    while (begin > text.ptr && (begin[-1] == ' ' || begin[-1] == '\t' || begin[-1] == '\n' ||
                                begin[-1] == '\r'))
        begin--;
    return (struct str){begin, (size_t)(key - begin)};
}

static void add_digest(struct buffer *out, const char *digest)
{
    buffer_add_char(out, '"');
    buffer_add_str(out, str_from(digest));
    buffer_add_char(out, '"');
}

/* Behind the last member, laid out like it. */
static void append(struct str text, struct json last_key, struct json last_value,
                   const char *digest, struct buffer *out)
{
    struct str value = json_text(last_value);
    size_t at = (size_t)(value.ptr + value.len - text.ptr);
    buffer_add(out, text.ptr, at);
    buffer_add_char(out, ',');
    buffer_add_str(out, gap_before(text, json_text(last_key).ptr));
    buffer_add_str(out, STR("\"digest\": "));
    add_digest(out, digest);
    buffer_add(out, text.ptr + at, text.len - at);
}

static void replace(struct str text, struct json old, const char *digest, struct buffer *out)
{
    struct str value = json_text(old);
    size_t at = (size_t)(value.ptr - text.ptr);
    buffer_add(out, text.ptr, at);
    add_digest(out, digest);
    buffer_add(out, text.ptr + at + value.len, text.len - at - value.len);
}

int manifest_set_digest(struct str text, const char *digest, struct buffer *out,
                        struct error *err)
{
    struct json_doc *doc;
    struct json key = json_none(), value = json_none();
    int rc = json_parse(text, &doc, err);
    if (rc)
        return error_prefix(err, "plugin.json: ");
    struct json_iter it = json_iter(json_root(doc));
    while (json_type(json_root(doc)) == JSON_OBJECT && json_next(&it)) {
        key = it.key;
        value = it.value;
    }
    struct json old = json_get(json_root(doc), STR("digest"));
    if (json_exists(old))
        replace(text, old, digest, out);
    else if (json_exists(value))
        append(text, key, value, digest, out);
    else
        rc = error_set(err, ST_INVALID, "plugin.json: is no object with members");
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    json_free(doc);
    return rc;
}
