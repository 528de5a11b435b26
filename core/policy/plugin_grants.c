#include "core/policy/plugin_grants.h"

#include "core/base/str.h"
#include "core/json/writer.h"

/* The list of this key; GRANT_LISTS if it is none. */
static enum grant_list list_of(struct json key)
{
    int list = 0;
    while (list < GRANT_LISTS && !json_is(key, str_from(grant_list_name((enum grant_list)list))))
        list++;
    return (enum grant_list)list;
}

/* ---- grants from elsewhere ---- */

static int bad(struct error *err, const char *key, const char *what)
{
    return error_set(err, ST_INVALID, "%s: %s", key, what);
}

static int check_entry(enum grant_list list, struct json entry, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct error why;
    bool may_be_object = list == GRANT_SECRETS && json_type(entry) == JSON_OBJECT;
    int rc = ST_OK;
    if (!may_be_object && json_type(entry) != JSON_STRING)
        rc = bad(err, grant_list_name(list), "an entry is no string");
    else if (!grant_valid(list, grant_entry(entry, &scratch), &why))
        rc = bad(err, grant_list_name(list), why.text);
    buffer_clear(&scratch);
    return rc;
}

static int check_words(const char *key, const char *const *words, struct json list,
                       struct error *err)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it)) {
        size_t i = 0;
        while (words[i] && !json_is(it.value, str_from(words[i])))
            i++;
        if (!words[i])
            return bad(err, key, "an entry has no meaning");
    }
    return ST_OK;
}

static int check_number(const char *key, struct json value, int64_t least, int64_t most,
                        struct error *err)
{
    int64_t number;
    if (json_int64(value, &number) && number >= least && number <= most)
        return ST_OK;
    return bad(err, key, "the number is out of range");
}

static int check_member(struct json key, struct json value, struct error *err)
{
    static const char *const paths[] = {"read", "write", "direct", NULL};
    static const char *const system[] = {"libraries", "timezones",    "locales",
                                         "fonts",     "certificates", "machine", NULL};
    if (json_is(key, STR("memoryMiB")))
        return check_number("memoryMiB", value, GRANT_MEMORY_LEAST, GRANT_MEMORY_MOST, err);
    if (json_is(key, STR("cpuSeconds")))
        return check_number("cpuSeconds", value, 1, GRANT_CPU_MOST, err);
    if (json_is(key, STR("processes")))
        return check_number("processes", value, 1, GRANT_PROCESSES_MOST, err);
    if (json_type(value) != JSON_ARRAY)
        return bad(err, "grants", "a member is no array, or has no meaning");
    if (json_is(key, STR("paths")))
        return check_words("paths", paths, value, err);
    if (json_is(key, STR("system")))
        return check_words("system", system, value, err);
    enum grant_list list = list_of(key);
    struct json_iter it = json_iter(value);
    int rc = list < GRANT_LISTS ? ST_OK : bad(err, "grants", "a key has no meaning");
    while (!rc && json_next(&it))
        rc = check_entry(list, it.value, err);
    return rc;
}

int plugin_grants_check(struct json grants, struct error *err)
{
    struct json_iter it = json_iter(grants);
    int rc = json_type(grants) == JSON_OBJECT ? ST_OK : bad(err, "grants", "they are no object");
    while (!rc && json_next(&it))
        rc = check_member(it.key, it.value, err);
    return rc;
}

/* ---- grants as ports know them ---- */

static bool is_revealed(struct json entry)
{
    bool reveal = false;
    json_bool(json_get(entry, STR("reveal")), &reveal);
    return reveal;
}

/* The names of a list, of those that are revealed if `revealed_alone`. */
static size_t keep_names(struct arena *arena, struct json list, bool revealed_alone,
                         const struct str **out)
{
    size_t most = json_count(list);
    struct str *names = most ? arena_alloc(arena, most * sizeof(*names)) : NULL;
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(list);
    size_t count = 0;
    while (names && json_next(&it))
        if (!revealed_alone || is_revealed(it.value))
            names[count++] = arena_copy(arena, grant_entry(it.value, &scratch));
    buffer_clear(&scratch);
    *out = names;
    return count;
}

static bool has(struct json list, struct str word)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it))
        if (json_is(it.value, word))
            return true;
    return false;
}

static uint32_t number(struct json grants, struct str key)
{
    int64_t value = 0;
    json_int64(json_get(grants, key), &value);
    return (uint32_t)value;
}

int plugin_grants_read(struct json grants, struct kept_grants *out, struct error *err)
{
    struct kept_grants kept = {.arena = ARENA_INIT};
    struct plugin_grants *g = &kept.grants;
    struct arena *a = &kept.arena;
    struct json paths = json_get(grants, STR("paths"));
    struct json secrets = json_get(grants, STR("secrets"));
    g->host_count = keep_names(a, json_get(grants, STR("hosts")), false, &g->hosts);
    g->env_count = keep_names(a, json_get(grants, STR("env")), false, &g->env);
    g->program_count = keep_names(a, json_get(grants, STR("programs")), false, &g->programs);
    g->secret_count = keep_names(a, secrets, false, &g->secrets);
    g->revealed_count = keep_names(a, secrets, true, &g->revealed);
    g->system_count = keep_names(a, json_get(grants, STR("system")), false, &g->system);
    g->operation_count =
        keep_names(a, json_get(grants, STR("operations")), false, &g->operations);
    g->writes_paths = has(paths, STR("write"));
    g->reads_paths = g->writes_paths || has(paths, STR("read"));
    g->direct_paths = has(paths, STR("direct"));
    g->memory_bytes = (uint64_t)number(grants, STR("memoryMiB")) << 20;
    g->cpu_seconds = number(grants, STR("cpuSeconds"));
    g->processes = number(grants, STR("processes"));
    if (kept.arena.failed) {
        kept_grants_clear(&kept);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = kept;
    return ST_OK;
}

void kept_grants_clear(struct kept_grants *kept)
{
    arena_clear(&kept->arena);
    *kept = (struct kept_grants){.arena = ARENA_INIT};
}

/* ---- what is allowed of it ---- */

static void cut_paths(struct json_writer *w, struct json asked, const struct allowed_grants *allowed)
{
    struct json_iter it = json_iter(asked);
    json_begin_array(w);
    while (allowed->paths && json_next(&it))
        if (allowed->direct || !json_is(it.value, STR("direct")))
            json_write_raw(w, json_text(it.value));
    json_end_array(w);
}

static void copy_entries(struct json list, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(list);
    json_begin_array(&w);
    while (json_next(&it))
        json_write_raw(&w, json_text(it.value));
    json_end_array(&w);
}

static void cut_list(struct json_writer *w, struct json key, struct json asked,
                     const struct allowed_grants *allowed, enum grant_list list)
{
    struct buffer text = BUFFER_INIT;
    if (!allowed->confirmed)
        grant_cut(list, asked, allowed->lists[list], &text);
    else if (list == GRANT_ENV || list == GRANT_PROGRAMS || list == GRANT_SECRETS)
        grant_resolve(list, asked, allowed->lists[list], &text);
    else
        copy_entries(asked, &text);
    json_key_raw(w, key);
    json_write_raw(w, buffer_str(&text));
    w->out->failed |= buffer_failed(&text);
    buffer_clear(&text);
}

void plugin_grants_cut(struct json asked, const struct allowed_grants *allowed,
                       struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(asked);
    json_begin_object(&w);
    while (json_next(&it)) {
        enum grant_list list = list_of(it.key);
        if (list < GRANT_LISTS) {
            cut_list(&w, it.key, it.value, allowed, list);
        } else if (json_is(it.key, STR("paths"))) {
            json_key_raw(&w, it.key);
            cut_paths(&w, it.value, allowed);
        } else if (allowed->limits || json_is(it.key, STR("system"))) {
            json_put_member(&w, it.key, it.value);
        }
    }
    json_end_object(&w);
}

/* ---- what a person takes away ---- */

static bool is_denied(struct json value, bool paths, struct str entry)
{
    struct json name = json_type(value) == JSON_OBJECT ? json_get(value, STR("name")) : value;
    return entry.len == 0 || json_is(name, entry) || (paths && str_eq(entry, STR("read")));
}

/* What is left of a list; false if nothing was taken. */
static bool deny_in_list(struct json_writer *w, struct json list, bool paths, struct str entry)
{
    struct json_iter it = json_iter(list);
    bool any = false;
    json_begin_array(w);
    while (json_next(&it)) {
        if (is_denied(it.value, paths, entry))
            any = true;
        else
            json_write_raw(w, json_text(it.value));
    }
    json_end_array(w);
    return any;
}

static bool deny_in(struct json_writer *w, struct json grants, struct str key, struct str entry)
{
    struct json_iter it = json_iter(grants);
    bool any = false;
    json_begin_object(w);
    while (json_next(&it)) {
        if (!json_is(it.key, key)) {
            json_put_member(w, it.key, it.value);
        } else if (json_type(it.value) == JSON_ARRAY) {
            json_key_raw(w, it.key);
            any = deny_in_list(w, it.value, str_eq(key, STR("paths")), entry);
        } else if (entry.len == 0 || str_eq(json_text(it.value), entry)) {
            any = true;
        } else {
            json_put_member(w, it.key, it.value);
        }
    }
    json_end_object(w);
    return any;
}

int plugin_grants_deny(struct json grants, struct str key, struct str entry, struct buffer *out,
                       struct error *err)
{
    struct buffer left = BUFFER_INIT;
    struct json_writer w = json_writer(&left);
    bool any = deny_in(&w, grants, key, entry);
    int rc = ST_OK;
    if (buffer_failed(&left))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else if (!any)
        rc = error_set(err, ST_INVALID, "the plugin does not ask for %.*s%s%.*s", STR_ARG(key),
                       entry.len ? "=" : "", STR_ARG(entry));
    else
        buffer_add_str(out, buffer_str(&left));
    buffer_clear(&left);
    return rc;
}
