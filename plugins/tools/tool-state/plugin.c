/*
 * plugin.c - the tool "tool-state" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include "kit/answer.h"
#include "kit/pace.h"
#include "place.h"

#define VALUE_MOST ((size_t)1024 * 1024)
#define KEY_ROOM 401
#define PAGE_MOST 1000
#define TTL_MOST ((int64_t)10 * 366 * 24 * 3600)

enum operation { GET, SET, DELETE, LIST, STATS, CLEAR };

static const char *const operations[] = {"get", "set", "delete", "list", "stats", "clear", NULL};

static const struct args_taker takers[] = {
    {"key", 1 << GET | 1 << SET | 1 << DELETE}, {"value", 1 << SET},  {"ttl", 1 << SET},
    {"if_version", 1 << SET | 1 << DELETE},     {"after", 1 << LIST}, {"prefix", 1 << LIST | 1 << CLEAR},
    {NULL, 0},
};

struct state_call {
    const hexmcp_round *r;
    struct args args;
    struct pace pace;
    enum operation operation;
    struct place place;
    struct answer answer;
    hexmcp_json_writer *out;
};

/* ---- parts of answers ---- */

static void begin(struct state_call *c)
{
    c->out = answer_begin(&c->answer, c->r);
    hexmcp_json_put_text(c->out, "operation", operations[c->operation]);
    hexmcp_json_put_text(c->out, "scope", place_scope(&c->place));
    hexmcp_json_put_text(c->out, c->place.scope == SCOPE_TOOL ? "namespace" : "session_id", c->place.id);
}

/* The member `from` of `json` as `to`; false if it is not there. */
static bool pass(hexmcp_json_writer *w, hexmcp_str json, const char *from, const char *to)
{
    hexmcp_str value;
    if (hexmcp_json_get(json, from, &value) != HEXMCP_OK)
        return false;
    hexmcp_json_put_raw(w, to, value);
    return true;
}

static bool is_true(hexmcp_str json, const char *key)
{
    hexmcp_str value;
    int yes = 0;
    if (hexmcp_json_get(json, key, &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &yes);
    return yes != 0;
}

static int64_t number(hexmcp_str json, const char *key)
{
    hexmcp_str value;
    int64_t found = 0;
    if (hexmcp_json_get(json, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &found);
    return found;
}

static const char *key_of(struct state_call *c)
{
    return args_needed(&c->args, "key", KEY_ROOM - 1);
}

/* What the operation on a key would meet: the version that the key is at, 0 if it is not there, and whether
 * if_version is another one. */
static int32_t meet(struct state_call *c, const char *key, int64_t *version, bool *conflict)
{
    int64_t wanted = args_int(&c->args, "if_version", 0, INT64_MAX, 0);
    struct told told;
    hexmcp_json_writer w;
    place_begin(&c->place, &w);
    hexmcp_json_put_text(&w, "key", key);
    int32_t status = place_ask(c->r, "state.get", &w, &told);
    if (status != HEXMCP_OK && status != HEXMCP_E_NOT_FOUND)
        return status;
    *version = status == HEXMCP_OK ? number(told_str(&told), "version") : 0;
    *conflict = args_has(&c->args, "if_version") && wanted != *version;
    told_free(&told);
    return HEXMCP_OK;
}

/* ---- operations ---- */

static int32_t get(struct state_call *c)
{
    const char *key = key_of(c);
    struct told told;
    hexmcp_json_writer w;
    if (args_status(&c->args) != HEXMCP_OK)
        return args_status(&c->args);
    place_begin(&c->place, &w);
    hexmcp_json_put_text(&w, "key", key);
    int32_t status = place_ask(c->r, "state.get", &w, &told);
    bool found = status == HEXMCP_OK;
    if (!found && status != HEXMCP_E_NOT_FOUND)
        return status;
    begin(c);
    hexmcp_json_put_text(c->out, "key", key);
    hexmcp_json_put_bool(c->out, "found", found);
    if (found) {
        pass(c->out, told_str(&told), "value", "value");
        pass(c->out, told_str(&told), "version", "version");
        pass(c->out, told_str(&told), "updatedAt", "updated_at");
        pass(c->out, told_str(&told), "expiresAt", "expires_at");
    }
    answer_text(&c->answer, found ? "The value of a key was read." : "There is no such key.");
    told_free(&told);
    return answer_end(&c->answer);
}

/* The new value as JSON; also null is one. */
static hexmcp_str value_of(struct state_call *c)
{
    hexmcp_str value = {NULL, 0};
    if (hexmcp_json_get(c->r->args, "value", &value) != HEXMCP_OK)
        args_fail(&c->args, HEXMCP_E_INVALID, "value is missing; give any JSON");
    else if (value.len > VALUE_MOST)
        args_fail(&c->args, HEXMCP_E_TOO_LARGE,
                  "value has %zu bytes of JSON, but at most %zu are kept; keep large data in a file or an "
                  "artifact and its name here",
                  value.len, VALUE_MOST);
    return value;
}

static int32_t try_set(struct state_call *c, const char *key)
{
    int64_t version;
    bool conflict;
    int32_t status = meet(c, key, &version, &conflict);
    if (status != HEXMCP_OK)
        return status;
    begin(c);
    hexmcp_json_put_text(c->out, "key", key);
    hexmcp_json_put_bool(c->out, "changed", !conflict);
    hexmcp_json_put_bool(c->out, "conflict", conflict);
    if (version > 0)
        hexmcp_json_put_int64(c->out, "version", version);
    hexmcp_json_put_bool(c->out, "dry_run", true);
    answer_text(&c->answer, "%s", conflict ? "Nothing would be set: the key is at another version."
                                           : "The value would be set; nothing was changed.");
    return answer_end(&c->answer);
}

static int32_t set(struct state_call *c)
{
    const char *key = key_of(c);
    hexmcp_str value = value_of(c);
    int64_t ttl = args_int(&c->args, "ttl", 1, TTL_MOST, 0);
    int64_t version = args_int(&c->args, "if_version", 0, INT64_MAX, 0);
    bool dry = args_bool(&c->args, "dry_run", false);
    struct told told;
    hexmcp_json_writer w;
    if (args_status(&c->args) != HEXMCP_OK)
        return args_status(&c->args);
    if (dry)
        return try_set(c, key);
    place_begin(&c->place, &w);
    hexmcp_json_put_text(&w, "key", key);
    hexmcp_json_put_raw(&w, "value", value);
    if (ttl > 0)
        hexmcp_json_put_int64(&w, "ttlMs", ttl * 1000);
    if (args_has(&c->args, "if_version"))
        hexmcp_json_put_int64(&w, "ifVersion", version);
    int32_t status = place_ask(c->r, "state.set", &w, &told);
    if (status != HEXMCP_OK)
        return status;
    bool conflict = is_true(told_str(&told), "conflict");
    begin(c);
    hexmcp_json_put_text(c->out, "key", key);
    hexmcp_json_put_bool(c->out, "changed", !conflict);
    hexmcp_json_put_bool(c->out, "conflict", conflict);
    pass(c->out, told_str(&told), "version", "version");
    pass(c->out, told_str(&told), "redacted", "redacted");
    hexmcp_json_put_bool(c->out, "dry_run", false);
    answer_text(&c->answer, conflict ? "Nothing was set: the key is at another version by now."
                                     : "The value was set.");
    told_free(&told);
    return answer_end(&c->answer);
}

static int32_t delete_key(struct state_call *c, const char *key, bool *removed, bool *conflict)
{
    int64_t version = args_int(&c->args, "if_version", 0, INT64_MAX, 0);
    struct told told;
    hexmcp_json_writer w;
    place_begin(&c->place, &w);
    hexmcp_json_put_text(&w, "key", key);
    if (args_has(&c->args, "if_version"))
        hexmcp_json_put_int64(&w, "ifVersion", version);
    int32_t status = place_ask(c->r, "state.delete", &w, &told);
    if (status != HEXMCP_OK)
        return status;
    *removed = is_true(told_str(&told), "removed");
    *conflict = is_true(told_str(&told), "conflict");
    told_free(&told);
    return HEXMCP_OK;
}

static int32_t try_delete(struct state_call *c, const char *key, bool *removed, bool *conflict)
{
    int64_t version;
    int32_t status = meet(c, key, &version, conflict);
    if (status == HEXMCP_OK)
        *removed = version > 0 && !*conflict;
    return status;
}

static int32_t remove_one(struct state_call *c)
{
    const char *key = key_of(c);
    bool dry = args_bool(&c->args, "dry_run", false), removed, conflict;
    args_int(&c->args, "if_version", 0, INT64_MAX, 0);
    if (args_status(&c->args) != HEXMCP_OK)
        return args_status(&c->args);
    int32_t status = dry ? try_delete(c, key, &removed, &conflict) : delete_key(c, key, &removed, &conflict);
    if (status != HEXMCP_OK)
        return status;
    begin(c);
    hexmcp_json_put_text(c->out, "key", key);
    hexmcp_json_put_int64(c->out, "removed", removed ? 1 : 0);
    hexmcp_json_put_bool(c->out, "conflict", conflict);
    hexmcp_json_put_bool(c->out, "dry_run", dry);
    if (dry)
        answer_text(&c->answer, "The key %s be removed; nothing was changed.", removed ? "would" : "would not");
    else
        answer_text(&c->answer, "%s", removed ? "The key was removed." : "Nothing was removed.");
    return answer_end(&c->answer);
}

static void put_entries(struct state_call *c, hexmcp_str told, int64_t *count)
{
    hexmcp_str list = {NULL, 0}, entry;
    hexmcp_json_get(told, "entries", &list);
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    hexmcp_json_key(c->out, "entries");
    hexmcp_json_begin_array(c->out);
    for (; hexmcp_json_next(&it, NULL, &entry); ++*count) {
        hexmcp_json_begin_object(c->out);
        pass(c->out, entry, "key", "key");
        pass(c->out, entry, "version", "version");
        pass(c->out, entry, "bytes", "bytes");
        pass(c->out, entry, "value", "value");
        pass(c->out, entry, "updatedAt", "updated_at");
        pass(c->out, entry, "expiresAt", "expires_at");
        hexmcp_json_end_object(c->out);
    }
    hexmcp_json_end_array(c->out);
}

static int32_t ask_list(struct state_call *c, const char *prefix, const char *after, int64_t limit, bool values,
                        struct told *told)
{
    hexmcp_json_writer w;
    place_begin(&c->place, &w);
    if (*prefix)
        hexmcp_json_put_text(&w, "prefix", prefix);
    if (*after)
        hexmcp_json_put_text(&w, "after", after);
    hexmcp_json_put_int64(&w, "limit", limit);
    hexmcp_json_put_bool(&w, "values", values);
    return place_ask(c->r, "state.list", &w, told);
}

/* Passes over at most `most` keys from `after` on, which becomes the last of them; `count` says how many there
 * were, and `more` whether others follow. */
static int32_t skip_keys(struct state_call *c, const char *prefix, int64_t most, char after[KEY_ROOM],
                         int64_t *count, bool *more)
{
    *more = true;
    *count = 0;
    while (*more && *count < most) {
        struct told told;
        hexmcp_str entries = {NULL, 0}, entry, next;
        int64_t left = most - *count;
        int32_t status = pace_step(&c->pace, (double)*count, 0, "counting keys");
        if (status == HEXMCP_OK)
            status = ask_list(c, prefix, after, left < PAGE_MOST ? left : PAGE_MOST, false, &told);
        if (status != HEXMCP_OK)
            return status;
        hexmcp_json_get(told_str(&told), "entries", &entries);
        hexmcp_json_iter it = hexmcp_json_iter_begin(entries);
        while (hexmcp_json_next(&it, NULL, &entry))
            ++*count;
        *more = hexmcp_json_get(told_str(&told), "next", &next) == HEXMCP_OK &&
                hexmcp_json_string(next, after, KEY_ROOM, NULL) == HEXMCP_OK;
        told_free(&told);
    }
    return HEXMCP_OK;
}

static int32_t put_page(struct state_call *c, const char *prefix, const char *after, int64_t offset)
{
    int64_t limit = args_int(&c->args, "limit", 1, PAGE_MOST, 100), count = 0;
    struct told told;
    int32_t status = ask_list(c, prefix, after, limit, args_bool(&c->args, "values", false), &told);
    if (status != HEXMCP_OK)
        return status;
    begin(c);
    put_entries(c, told_str(&told), &count);
    hexmcp_json_put_int64(c->out, "count", count);
    bool more = pass(c->out, told_str(&told), "next", "next_after");
    if (more && !args_has(&c->args, "after"))
        hexmcp_json_put_int64(c->out, "next_offset", offset + count);
    hexmcp_json_put_bool(c->out, "truncated", more);
    answer_text(&c->answer, "%lld keys%s.", (long long)count, more ? "; there are more" : "");
    told_free(&told);
    return answer_end(&c->answer);
}

static int32_t put_nothing(struct state_call *c)
{
    begin(c);
    hexmcp_json_key(c->out, "entries");
    hexmcp_json_begin_array(c->out);
    hexmcp_json_end_array(c->out);
    hexmcp_json_put_int64(c->out, "count", 0);
    hexmcp_json_put_bool(c->out, "truncated", false);
    answer_text(&c->answer, "0 keys: there are no more than offset.");
    return answer_end(&c->answer);
}

static int32_t list(struct state_call *c)
{
    const char *prefix = args_text(&c->args, "prefix", KEY_ROOM - 1, "");
    const char *given = args_text(&c->args, "after", KEY_ROOM - 1, "");
    int64_t offset = args_int(&c->args, "offset", 0, INT64_MAX, 0), skipped = 0;
    char after[KEY_ROOM];
    bool more;
    args_int(&c->args, "limit", 1, PAGE_MOST, 100);
    args_bool(&c->args, "values", false);
    if (*given && offset > 0)
        args_fail(&c->args, HEXMCP_E_INVALID,
                  "offset and after are both given; give next_offset as offset, or next_after as after");
    if (args_status(&c->args) != HEXMCP_OK)
        return args_status(&c->args);
    snprintf(after, sizeof(after), "%s", given);
    int32_t status = skip_keys(c, prefix, offset, after, &skipped, &more);
    if (status != HEXMCP_OK)
        return status;
    return more ? put_page(c, prefix, after, offset) : put_nothing(c);
}

static int32_t stats(struct state_call *c)
{
    struct told told;
    hexmcp_json_writer w;
    place_begin(&c->place, &w);
    int32_t status = place_ask(c->r, "state.quota", &w, &told);
    if (status != HEXMCP_OK)
        return status;
    begin(c);
    pass(c->out, told_str(&told), "keys", "keys");
    pass(c->out, told_str(&told), "maxKeys", "max_keys");
    pass(c->out, told_str(&told), "bytes", "bytes");
    pass(c->out, told_str(&told), "maxBytes", "max_bytes");
    answer_text(&c->answer, "%lld keys with %lld bytes.", (long long)number(told_str(&told), "keys"),
                (long long)number(told_str(&told), "bytes"));
    told_free(&told);
    return answer_end(&c->answer);
}

static int32_t remove_many(struct state_call *c, const char *prefix, int64_t *count)
{
    struct told told;
    hexmcp_json_writer w;
    place_begin(&c->place, &w);
    if (*prefix)
        hexmcp_json_put_text(&w, "prefix", prefix);
    int32_t status = place_ask(c->r, "state.clear", &w, &told);
    if (status != HEXMCP_OK)
        return status;
    *count = number(told_str(&told), "removed");
    told_free(&told);
    return HEXMCP_OK;
}

static int32_t clear(struct state_call *c)
{
    const char *prefix = args_text(&c->args, "prefix", KEY_ROOM - 1, "");
    bool dry = args_bool(&c->args, "dry_run", false);
    int64_t count = 0;
    if (args_status(&c->args) != HEXMCP_OK)
        return args_status(&c->args);
    char after[KEY_ROOM] = "";
    bool more;
    int32_t status = dry ? skip_keys(c, prefix, INT64_MAX, after, &count, &more) : remove_many(c, prefix, &count);
    if (status != HEXMCP_OK)
        return status;
    begin(c);
    hexmcp_json_put_int64(c->out, "removed", count);
    hexmcp_json_put_bool(c->out, "dry_run", dry);
    answer_text(&c->answer, "%lld keys %s.", (long long)count, dry ? "would be removed" : "were removed");
    return answer_end(&c->answer);
}

/* ---- */

static int32_t call(const hexmcp_round *r)
{
    static int32_t (*const run[])(struct state_call *) = {get, set, remove_one, list, stats, clear};
    struct state_call c = {.r = r, .args = args_begin(r->args, r->err), .pace = pace_begin(r)};
    c.operation = (enum operation)args_choice(&c.args, "operation", operations, GET);
    args_refuse(&c.args, takers, operations, c.operation);
    int32_t status = place_read(&c.args, &c.place);
    if (status == HEXMCP_OK)
        status = run[c.operation](&c);
    args_end(&c.args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("tool-state", call), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.tool-state", "0.1.0", plugin);
