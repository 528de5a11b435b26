#include "core/policy/grant_list.h"

#include "core/base/path.h"
#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/policy/host_rule.h"
#include "core/policy/operation_rule.h"
#include "core/uri/characters.h"

#define ENV_MAX 255
#define SECRET_MAX 64

static const struct str star = STR_INIT("*");

const char *grant_list_name(enum grant_list list)
{
    static const char *const names[] = {"hosts", "env", "programs", "secrets",
                                        "operations"};
    return names[list];
}

static bool all_of(struct str text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!uri_is_letter(c) && !uri_is_digit(c) && !uri_is_one_of(c, others))
            return false;
    }
    return text.len > 0;
}

static bool is_variable(struct str name)
{
    return name.len <= ENV_MAX && all_of(name, "_") && !uri_is_digit(name.ptr[0]);
}

static bool is_clean_path(struct str path)
{
    struct buffer clean = BUFFER_INIT;
    bool same = path_clean(path, &clean, NULL) == ST_OK && str_eq(buffer_str(&clean), path);
    buffer_clear(&clean);
    for (size_t i = 0; i < path.len; i++)
        same = same && (unsigned char)path.ptr[i] >= ' ' && path.ptr[i] != 0x7f;
    return same && path.len > 1;
}

static bool is_program(struct str name)
{
    if (path_is_absolute(name))
        return is_clean_path(name);
    return name.len <= ENV_MAX && all_of(name, "._+-") && name.ptr[0] != '-' &&
           name.ptr[0] != '.';
}

static bool is_secret(struct str name)
{
    return name.len <= SECRET_MAX && all_of(name, "._-") && !uri_is_one_of(name.ptr[0], "._-");
}

static bool fails(struct str entry, const char *what, struct error *err)
{
    struct str shown = path_shown(entry);
    error_set(err, ST_INVALID, "\"%.*s\" is no %s", STR_ARG(shown), what);
    return false;
}

bool grant_valid(enum grant_list list, struct str entry, struct error *err)
{
    if (list == GRANT_HOSTS)
        return host_rule_valid(entry, err);
    if (list == GRANT_OPERATIONS)
        return operation_rule_valid(entry, err);
    if (str_eq(entry, star))
        return true;
    if (list == GRANT_ENV)
        return is_variable(entry) ||
               fails(entry, "name of an environment variable: letters, digits and _, at most 255",
                     err);
    if (list == GRANT_PROGRAMS)
        return is_program(entry) ||
               fails(entry,
                     "program: write a name without \"/\", such as \"git\", or an absolute path "
                     "without \".\" and \"..\"",
                     err);
    return is_secret(entry) ||
           fails(entry, "name of a secret: letters, digits, \".\", \"_\" and \"-\", at most 64",
                 err);
}

struct str grant_entry(struct json entry, struct buffer *scratch)
{
    struct str text = {"", 0};
    if (json_type(entry) == JSON_OBJECT)
        entry = json_get(entry, STR("name"));
    buffer_reset(scratch, SIZE_MAX);
    if (!json_string(entry, scratch, &text))
        return STR("");
    return text;
}

/* The narrower one, if it lies in the other. */
static bool meet_operations(struct str a, struct str b, struct buffer *out)
{
    if (operation_rule_covers(b, a))
        buffer_add_str(out, a);
    else if (operation_rule_covers(a, b))
        buffer_add_str(out, b);
    else
        return false;
    return true;
}

/* Appends what both allow to `out`; false, and nothing, if that is nothing. "*" of `b` counts, of `a`
 * not. */
static bool meet(enum grant_list list, struct str a, struct str b, struct buffer *out)
{
    if (list == GRANT_HOSTS)
        return host_rule_meet(a, b, out);
    if (list == GRANT_OPERATIONS)
        return meet_operations(a, b, out);
    if (!str_eq(a, b) && !str_eq(b, star))
        return false;
    buffer_add_str(out, a);
    return true;
}

/* An array that is written, each entry once. */
struct gathering {
    struct json_writer writer;
    struct buffer seen; /* the entries, each with a NUL behind it */
};

static void gather(struct gathering *g, struct str entry)
{
    for (size_t at = 0; at < g->seen.len;) {
        struct str one = str_from(g->seen.data + at);
        if (str_eq(one, entry))
            return;
        at += one.len + 1;
    }
    buffer_add_str(&g->seen, entry);
    buffer_add_char(&g->seen, 0);
    json_write_string(&g->writer, entry);
}

/* What `entry` has in common with any of `granted`; false if that is nothing. */
static bool gather_met(enum grant_list list, struct gathering *g, struct str entry,
                       struct json granted)
{
    struct buffer scratch = BUFFER_INIT, met = BUFFER_INIT;
    struct json_iter it = json_iter(granted);
    bool any = false;
    while (json_next(&it)) {
        buffer_reset(&met, SIZE_MAX);
        if (!meet(list, entry, grant_entry(it.value, &scratch), &met))
            continue;
        gather(g, buffer_str(&met));
        any = true;
    }
    buffer_clear(&scratch);
    buffer_clear(&met);
    return any;
}

/* Everything that is granted, but for a "*" that says only that everything may be asked for. */
static void gather_granted(enum grant_list list, struct gathering *g, struct json granted)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(granted);
    while (json_next(&it)) {
        struct str entry = grant_entry(it.value, &scratch);
        if (list == GRANT_HOSTS || !str_eq(entry, star))
            gather(g, entry);
    }
    buffer_clear(&scratch);
}

/* A secret is written as it is asked for: whether its value is seen belongs to it. */
static void add_secret(struct gathering *g, struct json entry, struct str name, struct json granted)
{
    struct json_iter it = json_iter(granted);
    while (json_next(&it))
        if (json_is(it.value, name) || json_is(it.value, star)) {
            json_write_raw(&g->writer, json_text(entry));
            return;
        }
}

static bool asks_for_all(enum grant_list list, struct str entry)
{
    if (list == GRANT_OPERATIONS)
        return false;
    return str_eq(entry, star) || (list == GRANT_HOSTS && str_eq(entry, STR("*:*")));
}

void grant_cut(enum grant_list list, struct json asked, struct json granted, struct buffer *out)
{
    struct gathering g = {json_writer(out), BUFFER_INIT};
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(asked);
    json_begin_array(&g.writer);
    while (json_next(&it)) {
        struct str entry = grant_entry(it.value, &scratch);
        if (asks_for_all(list, entry))
            gather_granted(list, &g, granted);
        else if (list == GRANT_SECRETS)
            add_secret(&g, it.value, entry, granted);
        else
            gather_met(list, &g, entry, granted);
    }
    json_end_array(&g.writer);
    buffer_clear(&scratch);
    buffer_clear(&g.seen);
}

void grant_resolve(enum grant_list list, struct json asked, struct json granted,
                   struct buffer *out)
{
    struct gathering g = {json_writer(out), BUFFER_INIT};
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(asked);
    json_begin_array(&g.writer);
    while (json_next(&it)) {
        struct str entry = grant_entry(it.value, &scratch);
        if (str_eq(entry, star))
            gather_granted(list, &g, granted);
        else if (list == GRANT_SECRETS)
            json_write_raw(&g.writer, json_text(it.value));
        else
            gather(&g, entry);
    }
    json_end_array(&g.writer);
    buffer_clear(&scratch);
    buffer_clear(&g.seen);
}

bool grant_narrow(enum grant_list list, struct json granted, struct json fewer, struct buffer *out,
                  struct json *fault)
{
    struct gathering g = {json_writer(out), BUFFER_INIT};
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(fewer);
    bool all = true;
    json_begin_array(&g.writer);
    while (all && json_next(&it)) {
        all = gather_met(list, &g, grant_entry(it.value, &scratch), granted);
        if (!all)
            *fault = it.value;
    }
    json_end_array(&g.writer);
    buffer_clear(&scratch);
    buffer_clear(&g.seen);
    return all;
}
