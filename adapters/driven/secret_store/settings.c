/* Secrets in the settings of plugins. */
#include "adapters/driven/secret_store/inside.h"
#include "core/json/writer.h"

static bool names_secret(struct json v, struct str *name)
{
    struct json member = json_get(v, STR("secret"));
    return json_type(v) == JSON_OBJECT && json_count(v) == 1 && json_plain(member, name) &&
           secret_name_valid(*name);
}

static void put_handle(struct json_writer *w, struct str name)
{
    struct buffer handle = BUFFER_INIT;
    buffer_add_str(&handle, STR(SECRET_HANDLE_OPEN));
    buffer_add_str(&handle, name);
    buffer_add_str(&handle, STR(SECRET_HANDLE_CLOSE));
    w->out->failed = w->out->failed || buffer_failed(&handle);
    json_write_string(w, buffer_str(&handle));
    buffer_clear(&handle);
}

/* The depth is bounded by the parser's. */
static void put(struct json_writer *w, struct json v)
{
    struct json_iter it = json_iter(v);
    struct str name;
    bool object = json_type(v) == JSON_OBJECT;
    if (names_secret(v, &name)) {
        put_handle(w, name);
    } else if (object || json_type(v) == JSON_ARRAY) {
        object ? json_begin_object(w) : json_begin_array(w);
        while (json_next(&it)) {
            if (object)
                json_key_raw(w, it.key);
            put(w, it.value);
        }
        object ? json_end_object(w) : json_end_array(w);
    } else {
        json_write_raw(w, json_text(v));
    }
}

int secret_handles_put(struct str settings, struct buffer *out, struct error *err)
{
    struct json_doc *doc;
    struct json_writer w = json_writer(out);
    int rc = json_parse(settings, &doc, err);
    if (rc)
        return rc;
    put(&w, json_root(doc));
    json_free(doc);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}
