#include "adapters/driven/plugin_lock/lock_text.h"

#include "core/base/hex.h"
#include "core/json/pretty.h"
#include "core/json/writer.h"
#include "core/policy/plugin_grants.h"

#define FORMAT 2

static int fault(struct error *err, struct str id, const char *what)
{
    if (id.len == 0)
        return error_set(err, ST_INVALID, "%s", what);
    return error_set(err, ST_INVALID, "the entry of %.*s: %s", STR_ARG(id), what);
}

static bool is_digest(struct str text)
{
    return text.len == 71 && str_starts(text, STR("sha256:")) &&
           hex_is_small((struct str){text.ptr + 7, text.len - 7});
}

static bool are_definitions(struct json definitions)
{
    struct json_iter it = json_iter(definitions);
    while (json_next(&it)) {
        struct json_iter each = json_iter(it.value);
        if (json_type(it.value) != JSON_ARRAY)
            return false;
        while (json_next(&each))
            if (json_type(each.value) != JSON_OBJECT)
                return false;
    }
    return json_type(definitions) == JSON_OBJECT;
}

static bool read_entry(struct json key, struct json at, struct lock_entry *out)
{
    struct lock_entry e = {.asked = json_get(at, STR("asked")),
                           .granted = json_get(at, STR("granted")),
                           .definitions = json_get(at, STR("definitions"))};
    struct json place = json_get(at, STR("place"));
    if (!json_plain(key, &e.id) || !json_plain(json_get(at, STR("version")), &e.version) ||
        !json_plain(json_get(at, STR("binary")), &e.binary) ||
        !json_plain(json_get(at, STR("manifest")), &e.manifest) ||
        !json_plain(json_get(at, STR("seen")), &e.seen) ||
        !json_plain(json_get(at, STR("confirmed")), &e.confirmed) ||
        json_type(place) != JSON_STRING)
        return false;
    e.place = json_text(place);
    if (json_plain(e.definitions, &e.defined))
        e.definitions = json_none();
    *out = e;
    return true;
}

static int check_entry(struct json key, struct json at, struct error *err)
{
    struct lock_entry e;
    struct error why;
    struct str id;
    if (!json_plain(key, &id) || id.len == 0)
        return fault(err, STR(""), "an id is no plain text");
    if (json_count(at) != 9 || !read_entry(key, at, &e))
        return fault(err, id, "it does not have the members of an entry");
    if (!is_digest(e.binary) || !is_digest(e.manifest))
        return fault(err, id, "a digest is no digest");
    if (e.defined.len && !is_digest(e.defined))
        return fault(err, id, "a digest is no digest");
    if (!e.defined.len && !are_definitions(e.definitions))
        return fault(err, id, "its definitions are no lists of objects");
    if (plugin_grants_check(e.asked, &why) || plugin_grants_check(e.granted, &why))
        return fault(err, id, why.text);
    return ST_OK;
}

static int check(struct json root, struct error *err)
{
    struct json plugins = json_get(root, STR("plugins"));
    struct json_iter it = json_iter(plugins);
    int64_t format = 0;
    int rc = ST_OK;
    if (!json_int64(json_get(root, STR("lock")), &format) || format < 1 || format > FORMAT)
        return fault(err, STR(""), "\"lock\" must be 1 or 2");
    if (json_type(plugins) != JSON_OBJECT || json_count(root) != 2)
        return fault(err, STR(""), "it must have the members \"lock\" and \"plugins\" alone");
    if (json_count(plugins) > LOCK_PLUGINS_MAX)
        return fault(err, STR(""), "it has more than 1024 plugins");
    while (!rc && json_next(&it))
        rc = check_entry(it.key, it.value, err);
    return rc;
}

int lock_text_take(char *data, size_t len, struct json_doc **out, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse_take(data, len, &doc, err);
    if (rc)
        return rc;
    rc = check(json_root(doc), err);
    if (rc) {
        json_free(doc);
        return rc;
    }
    *out = doc;
    return ST_OK;
}

static struct json plugins_of(const struct json_doc *doc)
{
    return doc ? json_get(json_root(doc), STR("plugins")) : json_none();
}

bool lock_text_at(const struct json_doc *doc, uint32_t index, struct lock_entry *out)
{
    struct json_iter it = json_iter(plugins_of(doc));
    while (json_next(&it))
        if (index-- == 0)
            return read_entry(it.key, it.value, out);
    return false;
}

bool lock_text_find(const struct json_doc *doc, struct str id, struct lock_entry *out)
{
    struct json_iter it = json_iter(plugins_of(doc));
    while (json_next(&it))
        if (json_is(it.key, id))
            return read_entry(it.key, it.value, out);
    return false;
}

/* ---- writing ---- */

static void write_entry(struct json_writer *w, const struct lock_entry *e)
{
    json_key(w, e->id);
    json_begin_object(w);
    json_put_string(w, STR("version"), e->version);
    json_put_raw(w, STR("place"), e->place);
    json_put_string(w, STR("binary"), e->binary);
    json_put_string(w, STR("manifest"), e->manifest);
    json_put_string(w, STR("seen"), e->seen);
    json_put_string(w, STR("confirmed"), e->confirmed);
    json_put_raw(w, STR("asked"), json_text(e->asked));
    json_put_raw(w, STR("granted"), json_text(e->granted));
    if (e->defined.len)
        json_put_string(w, STR("definitions"), e->defined);
    else
        json_put_raw(w, STR("definitions"), json_text(e->definitions));
    json_end_object(w);
}

/* All entries but that of `id`, in order, with `entry`, which may be NULL, at its place. */
static void write_all(struct json_writer *w, const struct json_doc *doc, struct str id,
                      const struct lock_entry *entry)
{
    struct lock_entry e;
    json_begin_object(w);
    json_put_i64(w, STR("lock"), FORMAT);
    json_key(w, STR("plugins"));
    json_begin_object(w);
    for (uint32_t i = 0; lock_text_at(doc, i, &e); i++) {
        if (entry && str_cmp(id, e.id) < 0) {
            write_entry(w, entry);
            entry = NULL;
        }
        if (!str_eq(id, e.id))
            write_entry(w, &e);
    }
    if (entry)
        write_entry(w, entry);
    json_end_object(w);
    json_end_object(w);
}

static int write_text(const struct json_doc *doc, struct str id, const struct lock_entry *entry,
                      struct buffer *out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    struct json_doc *fresh = NULL;
    write_all(&w, doc, id, entry);
    int rc = buffer_failed(&text) ? error_set(err, ST_NOMEM, "out of memory")
                                  : json_parse(buffer_str(&text), &fresh, err);
    if (!rc) {
        json_pretty(out, json_root(fresh));
        buffer_add_char(out, '\n');
    }
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    json_free(fresh);
    buffer_clear(&text);
    return rc;
}

int lock_text_put(const struct json_doc *doc, const struct lock_entry *entry, struct buffer *out,
                  struct error *err)
{
    struct lock_entry old;
    if (json_count(plugins_of(doc)) >= LOCK_PLUGINS_MAX && !lock_text_find(doc, entry->id, &old))
        return error_set(err, ST_TOO_LARGE, "%u plugins are trusted already; that is the limit",
                         LOCK_PLUGINS_MAX);
    return write_text(doc, entry->id, entry, out, err);
}

int lock_text_remove(const struct json_doc *doc, struct str id, struct buffer *out,
                     struct error *err)
{
    return write_text(doc, id, NULL, out, err);
}
