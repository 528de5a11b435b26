/* Entries of the configuration. */
#include "core/base/nearest.h"
#include "core/hook/builtin/kinds.h"

static const struct builtin *const kinds[] = {
    &builtin_logging,   &builtin_metrics, &builtin_caching, &builtin_rate_limit,
    &builtin_redaction, &builtin_audit,   &builtin_retry,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *const common_keys[] = {"hook", "points",   "priority",  "when",
                                          "required", NULL};

int parameter_fail(struct parameters *p, const char *key, const char *what)
{
    if (!p->rc)
        p->rc = error_set(p->err, ST_CONFIG, "the hook \"%.*s\": \"%s\" %s", STR_ARG(p->hook), key,
                          what);
    return p->rc;
}

void parameter_u32(struct parameters *p, const char *key, uint32_t min, uint32_t max, uint32_t *out)
{
    struct json value = json_get(p->entry, str_from(key));
    struct error what;
    int64_t number;
    if (!json_exists(value))
        return;
    if (json_int64(value, &number) && number >= min && number <= max) {
        *out = (uint32_t)number;
        return;
    }
    error_set(&what, ST_CONFIG, "must be a whole number from %u to %u", min, max);
    parameter_fail(p, key, what.text);
}

void parameter_bool(struct parameters *p, const char *key, bool *out)
{
    struct json value = json_get(p->entry, str_from(key));
    if (json_exists(value) && !json_bool(value, out))
        parameter_fail(p, key, "must be true or false");
}

void parameter_word(struct parameters *p, const char *key, const char *const *words, unsigned *out)
{
    struct json value = json_get(p->entry, str_from(key));
    struct error what;
    if (!json_exists(value))
        return;
    error_set(&what, ST_CONFIG, "must be one of");
    for (unsigned i = 0; words[i]; i++) {
        if (json_is(value, str_from(words[i]))) {
            *out = i;
            return;
        }
        struct error so_far = what;
        error_set(&what, ST_CONFIG, "%.200s%s %s", so_far.text, i ? "," : "", words[i]);
    }
    parameter_fail(p, key, what.text);
}

static bool among(struct json key, const char *const *keys)
{
    for (; keys && *keys; keys++)
        if (json_is(key, str_from(*keys)))
            return true;
    return false;
}

static int check_keys(struct parameters *p, const char *const *own)
{
    struct json_iter it = json_iter(p->entry);
    while (json_next(&it)) {
        struct str key;
        if (among(it.key, common_keys) || among(it.key, own))
            continue;
        struct nearest near = {.word = json_plain(it.key, &key) ? key : STR("")};
        for (const char *const *k = common_keys; *k; k++)
            nearest_offer(&near, str_from(*k));
        for (const char *const *k = own; k && *k; k++)
            nearest_offer(&near, str_from(*k));
        return error_set(p->err, ST_CONFIG, "the hook \"%.*s\": there is no parameter \"%.*s\"%s%.*s%s",
                         STR_ARG(p->hook), STR_ARG(near.word), near.best.len ? "; did you mean \"" : "",
                         STR_ARG(near.best), near.best.len ? "\"?" : "");
    }
    return ST_OK;
}

int hook_priority_read(struct json value, int32_t *out, struct error *err)
{
    static const struct {
        struct str word;
        int32_t priority;
    } words[] = {
        {STR_INIT("highest"), INT32_MIN}, {STR_INIT("high"), HOOK_PRIORITY_HIGH},
        {STR_INIT("normal"), 0},          {STR_INIT("low"), HOOK_PRIORITY_LOW},
        {STR_INIT("lowest"), INT32_MAX},
    };
    int64_t number;
    if (json_int64(value, &number) && number >= INT32_MIN && number <= INT32_MAX) {
        *out = (int32_t)number;
        return ST_OK;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (json_is(value, words[i].word)) {
            *out = words[i].priority;
            return ST_OK;
        }
    return error_set(err, ST_CONFIG,
                     "must be a whole number, highest, high, normal, low or lowest");
}

/* A decoded text that stays where it is: `scratch` was reserved for all of them. */
static struct str keep(struct hook_entry_points *points, struct json text)
{
    size_t at = points->scratch.len;
    json_decode(text, &points->scratch);
    return buffer_part(&points->scratch, at, points->scratch.len - at);
}

static void read_when(struct parameters *p, struct hook_definition *d,
                      struct hook_entry_points *points)
{
    struct json when = json_get(p->entry, STR("when"));
    struct json_iter it = json_iter(when);
    if (json_exists(when) && json_type(when) != JSON_OBJECT)
        parameter_fail(p, "when", "must be an object of tool, target and caller");
    while (json_next(&it)) {
        struct str *out = json_is(it.key, STR("tool"))     ? &d->tool
                          : json_is(it.key, STR("target")) ? &d->target
                          : json_is(it.key, STR("caller")) ? &d->caller
                                                           : NULL;
        if (!out || json_type(it.value) != JSON_STRING)
            parameter_fail(p, "when", "must be an object of tool, target and caller, each a pattern");
        else
            *out = keep(points, it.value);
    }
}

static void read_points(struct parameters *p, struct hook_definition *d,
                        struct hook_entry_points *points)
{
    struct json given = json_get(p->entry, STR("points"));
    struct json_iter it = json_iter(given);
    size_t count = 0;
    if (!json_exists(given))
        return;
    if (json_type(given) != JSON_ARRAY || json_count(given) == 0 || json_count(given) > 64) {
        parameter_fail(p, "points", "must be an array of 1 to 64 patterns of points");
        return;
    }
    while (json_next(&it))
        points->at[count++] = keep(points, it.value);
    d->points = points->at;
    d->point_count = count;
}

int hook_entry_read(struct str name, struct json entry, struct hook_definition *d,
                    struct hook_entry_points *points, struct error *err)
{
    struct parameters p = {name, entry, err, ST_OK};
    struct error why;
    if (!buffer_reserve(&points->scratch, json_text(entry).len))
        return error_set(err, ST_NOMEM, "out of memory");
    struct json priority = json_get(entry, STR("priority"));
    if (json_exists(priority) && hook_priority_read(priority, &d->priority, &why))
        parameter_fail(&p, "priority", why.text);
    parameter_bool(&p, "required", &d->required);
    read_when(&p, d, points);
    read_points(&p, d, points);
    return p.rc;
}

static const struct builtin *find_kind(struct parameters *p)
{
    struct json named = json_get(p->entry, STR("hook"));
    struct str word;
    for (size_t i = 0; i < KINDS; i++)
        if (json_is(named, str_from(kinds[i]->name)))
            return kinds[i];
    struct nearest near = {.word = json_plain(named, &word) ? word : STR("")};
    for (size_t i = 0; i < KINDS; i++)
        nearest_offer(&near, str_from(kinds[i]->name));
    p->rc = error_set(p->err, ST_CONFIG,
                      "the hook \"%.*s\": \"hook\" must be logging, metrics, caching, rateLimit, "
                      "redaction, audit, retry or plugin:ID/NAME%s%.*s%s",
                      STR_ARG(p->hook), near.best.len ? "; did you mean \"" : "", STR_ARG(near.best),
                      near.best.len ? "\"?" : "");
    return NULL;
}

static void set_defaults(const struct builtin *kind, struct str name, struct hook_definition *d,
                         struct hook_entry_points *points)
{
    size_t count = 0;
    for (; kind->points[count]; count++)
        points->at[count] = str_from(kind->points[count]);
    *d = (struct hook_definition){.name = name,
                                  .kind = str_from(kind->name),
                                  .points = points->at,
                                  .point_count = count,
                                  .quick = true};
}

int hooks_configure(struct hooks *hooks, const struct builtin_parts *parts, struct str name,
                    struct json entry, struct error *err)
{
    struct parameters p = {name, entry, err, ST_OK};
    struct hook_entry_points points = {.scratch = BUFFER_INIT};
    struct hook_definition d;
    if (json_type(entry) != JSON_OBJECT)
        return error_set(err, ST_CONFIG, "the hook \"%.*s\" must be an object", STR_ARG(name));
    const struct builtin *kind = find_kind(&p);
    if (!kind || check_keys(&p, kind->keys))
        return err ? err->code : ST_CONFIG;
    set_defaults(kind, name, &d, &points);
    int rc = kind->make(parts, &p, &d);
    bool made = !rc;
    if (!rc)
        rc = hook_entry_read(name, entry, &d, &points, err);
    if (!rc)
        rc = hooks_add(hooks, &d, err);
    if (rc && made && d.free)
        d.free(d.self);
    buffer_clear(&points.scratch);
    if (rc == ST_INVALID)
        rc = err ? (err->code = ST_CONFIG) : ST_CONFIG;
    return rc;
}

bool builtin_text(struct hook_turn *turn, struct str pointer, struct buffer *out)
{
    struct buffer json = BUFFER_INIT;
    struct json_doc *doc = NULL;
    bool found = hook_turn_read(turn, pointer, &json) && !buffer_failed(&json) &&
                 json_parse(buffer_str(&json), &doc, NULL) == ST_OK &&
                 json_type(json_root(doc)) == JSON_STRING;
    if (found)
        json_decode(json_root(doc), out);
    json_free(doc);
    buffer_clear(&json);
    return found;
}

bool builtin_flag(struct hook_turn *turn, struct str pointer)
{
    struct buffer json = BUFFER_INIT;
    bool on = hook_turn_read(turn, pointer, &json) && str_eq(buffer_str(&json), STR("true"));
    buffer_clear(&json);
    return on;
}
