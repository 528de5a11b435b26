#include "core/state/operations.h"

#include <stdlib.h>

#include "core/base/time_text.h"
#include "core/state/access.h"

struct str call_text(struct json arguments, struct str name, struct buffer *scratch)
{
    struct str text = {NULL, 0};
    json_string(json_get(arguments, name), scratch, &text);
    return text;
}

uint64_t call_number(struct json arguments, struct str name, uint64_t other)
{
    int64_t value;
    return json_int64(json_get(arguments, name), &value) && value >= 0 ? (uint64_t)value : other;
}

void place_text_clear(struct place_text *scratch)
{
    buffer_clear(&scratch->kind);
    buffer_clear(&scratch->id);
}

int call_place(struct operation_call *call, struct place_text *scratch, struct state_place *out,
               struct error *err)
{
    struct json arguments = operation_arguments(call);
    const struct caller *caller = operation_context(call)->caller;
    struct buffer name = BUFFER_INIT;
    struct str scope = call_text(arguments, STR("scope"), &name);
    *out = (struct state_place){.tenant = caller->tenant, .owner = caller->id};
    *scratch = (struct place_text){BUFFER_INIT, BUFFER_INIT};
    bool known = !scope.len || state_scope_from(scope, &out->scope);
    buffer_clear(&name);
    out->kind = call_text(arguments, STR("kind"), &scratch->kind);
    out->id = call_text(arguments, STR("id"), &scratch->id);
    return known ? ST_OK : error_set(err, ST_INVALID, "there is no such scope of state");
}

void call_answer(struct operation_call *call, struct buffer *text)
{
    struct error err;
    if (buffer_failed(text)) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
    } else {
        operation_answer(call, buffer_str(text));
    }
    buffer_clear(text);
}

void state_put_time(struct json_writer *w, struct str name, int64_t ms)
{
    char text[TIME_TEXT_SIZE];
    time_text(ms, text);
    json_put_string(w, name, str_from(text));
}

static void put_entry(struct json_writer *w, const struct state_entry *e)
{
    json_begin_object(w);
    json_put_string(w, STR("key"), e->key);
    if (json_exists(e->value))
        json_put_raw(w, STR("value"), json_text(e->value));
    json_put_i64(w, STR("version"), (int64_t)e->version);
    json_put_i64(w, STR("bytes"), (int64_t)e->bytes);
    if (e->facts.schema) {
        json_put_string(w, STR("class"), state_class_name(e->facts.value_class));
        json_put_i64(w, STR("schema"), e->facts.schema);
        state_put_time(w, STR("updatedAt"), e->facts.updated_ms);
        if (e->expires_ms)
            state_put_time(w, STR("expiresAt"), e->expires_ms);
    }
    json_end_object(w);
}

static void told_entry(void *arg, const struct error *err, const struct state_entry *entry)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        access_fail(arg, err);
        return;
    }
    put_entry(&w, entry);
    access_answer(arg, &out);
}

static void get(struct access *a)
{
    state_get(a->operations->parts.state, &a->place, a->key, told_entry, a);
}

static void run_get(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_BEFORE_STATE_READ, "get", "key", get);
}

static void told_change(void *arg, const struct error *err, const struct state_changed *changed)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        access_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_put_i64(&w, STR("version"), (int64_t)changed->version);
    if (changed->conflict)
        json_put_bool(&w, STR("conflict"), true);
    if (changed->removed)
        json_put_bool(&w, STR("removed"), true);
    if (changed->redacted)
        json_put_i64(&w, STR("redacted"), (int64_t)changed->redacted);
    if (changed->sealed)
        json_put_bool(&w, STR("encrypted"), true);
    json_end_object(&w);
    access_changed(arg, changed->version, changed->removed, changed->conflict, &out);
}

static void change(struct access *a, bool remove)
{
    struct json arguments = operation_arguments(a->call);
    struct buffer name = BUFFER_INIT;
    struct state_change wish = {.key = a->key, .remove = remove, .value = a->value,
                                .value_class = STATE_STANDARD};
    state_class_from(call_text(arguments, STR("class"), &name), &wish.value_class);
    wish.schema = (uint32_t)call_number(arguments, STR("schema"), 0);
    wish.ttl_ms = call_number(arguments, STR("ttlMs"), 0);
    wish.if_version = json_exists(json_get(arguments, STR("ifVersion")));
    wish.version = call_number(arguments, STR("ifVersion"), 0);
    state_set(a->operations->parts.state, &a->place, &wish, told_change, a);
    buffer_clear(&name);
}

static void set(struct access *a)
{
    change(a, false);
}

static void delete(struct access *a)
{
    change(a, true);
}

static void run_set(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_BEFORE_STATE_WRITE, "set", "key", set);
}

static void run_delete(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_BEFORE_STATE_WRITE, "delete", "key", delete);
}

static void told_list(void *arg, const struct error *err, const struct state_list *list)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        access_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_key(&w, STR("entries"));
    json_begin_array(&w);
    for (size_t i = 0; i < list->count; i++)
        put_entry(&w, &list->entries[i]);
    json_end_array(&w);
    if (list->next.len)
        json_put_string(&w, STR("next"), list->next);
    json_end_object(&w);
    access_answer(arg, &out);
}

static void list(struct access *a, bool search)
{
    struct json arguments = operation_arguments(a->call);
    struct buffer texts[3] = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
    struct state_query query = {
        .prefix = a->key,
        .after = call_text(arguments, STR("after"), &texts[0]),
        .limit = (uint32_t)call_number(arguments, STR("limit"), 100),
        .search = search,
        .pattern = call_text(arguments, STR("pattern"), &texts[1]),
        .pointer = call_text(arguments, STR("pointer"), &texts[2]),
        .by_value = json_exists(json_get(arguments, STR("pointer"))),
        .equals = json_get(arguments, STR("equals")),
    };
    json_bool(json_get(arguments, STR("values")), &query.values);
    json_bool(json_get(arguments, STR("ephemeral")), &query.ephemeral);
    state_list(a->operations->parts.state, &a->place, &query, told_list, a);
    for (size_t i = 0; i < 3; i++)
        buffer_clear(&texts[i]);
}

static void list_all(struct access *a)
{
    list(a, false);
}

static void search(struct access *a)
{
    list(a, true);
}

static void run_list(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_BEFORE_STATE_READ, "list", "prefix", list_all);
}

static void run_search(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_BEFORE_STATE_READ, "search", "prefix", search);
}

static void told_cleared(void *arg, const struct error *err, uint64_t removed)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        access_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_put_i64(&w, STR("removed"), (int64_t)removed);
    json_end_object(&w);
    access_changed(arg, 0, removed > 0, false, &out);
}

static void clear(struct access *a)
{
    state_clear(a->operations->parts.state, &a->place, a->key, told_cleared, a);
}

static void run_clear(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_BEFORE_STATE_WRITE, "clear", "prefix", clear);
}

static void told_usage(void *arg, const struct error *err, const struct state_usage *usage)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        operation_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_put_i64(&w, STR("bytes"), (int64_t)usage->bytes);
    json_put_i64(&w, STR("maxBytes"), (int64_t)usage->max_bytes);
    json_put_i64(&w, STR("keys"), (int64_t)usage->keys);
    json_put_i64(&w, STR("maxKeys"), (int64_t)usage->max_keys);
    json_end_object(&w);
    call_answer(arg, &out);
}

static void run_quota(void *domain, struct operation_call *call)
{
    struct state_operations *s = domain;
    struct place_text texts;
    struct state_place place;
    struct error err;
    if (call_place(call, &texts, &place, &err))
        operation_fail(call, &err);
    else
        state_usage(s->parts.state, &place, told_usage, call);
    place_text_clear(&texts);
}

#define OBJECT(members) "{\"type\":\"object\",\"additionalProperties\":false," members "}"
#define REQUIRED(names) ",\"required\":[" names "]"
#define SET_MEMBERS                                                                                \
    "\"properties\":{" PLACE_SCHEMA "," KEY_SCHEMA ",\"value\":{}," VERSION_SCHEMA                   \
    ",\"class\":{\"enum\":[\"ephemeral\",\"standard\",\"sensitive\",\"external\"],\"default\":"     \
    "\"standard\"},\"schema\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":4294967295},"         \
    "\"ttlMs\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":3155760000000}}"
#define LIST_MEMBERS                                                                               \
    PLACE_SCHEMA ",\"prefix\":{\"type\":\"string\",\"maxLength\":400},\"after\":{\"type\":\"string\","  \
    "\"maxLength\":400},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,"             \
    "\"default\":100},\"values\":{\"type\":\"boolean\",\"default\":false}"

static const struct operation table[] = {
    {"state.get", "Get a value of state", "Answers the value of a key, with its version.",
     OBJECT("\"properties\":{" PLACE_SCHEMA "," KEY_SCHEMA "}" REQUIRED("\"key\"")), OPERATION_READS,
     run_get},
    {"state.set", "Set a value of state",
     "Sets the value of a key. With ifVersion only if nobody has changed it since; else the answer has "
     "\"conflict\" and the version that it is at.",
     OBJECT(SET_MEMBERS REQUIRED("\"key\",\"value\"")), OPERATION_CHANGES, run_set},
    {"state.cas", "Compare and set a value of state", "As state.set, with a version that must be given.",
     OBJECT(SET_MEMBERS REQUIRED("\"key\",\"value\",\"ifVersion\"")), OPERATION_CHANGES, run_set},
    {"state.delete", "Delete a value of state", "Removes a key.",
     OBJECT("\"properties\":{" PLACE_SCHEMA "," KEY_SCHEMA "," VERSION_SCHEMA "}" REQUIRED(
         "\"key\"")),
     OPERATION_DESTROYS, run_delete},
    {"state.list", "List state", "Lists keys in the order of their bytes, on request with values.",
     OBJECT("\"properties\":{" LIST_MEMBERS
            ",\"ephemeral\":{\"type\":\"boolean\",\"default\":false}}"),
     OPERATION_READS, run_list},
    {"state.search", "Search state",
     "Finds keys that a pattern fits (\"*\" any text, \"?\" one character), and values with something, or "
     "with `equals`, at a JSON Pointer. A page may be empty and have `next` nevertheless.",
     OBJECT("\"properties\":{" LIST_MEMBERS
            ",\"pattern\":{\"type\":\"string\",\"maxLength\":400},\"pointer\":{\"type\":\"string\","
            "\"maxLength\":1000},\"equals\":{}}"),
     OPERATION_READS, run_search},
    {"state.clear", "Clear state", "Removes all keys of a place, or those with a prefix.",
     OBJECT("\"properties\":{" PLACE_SCHEMA ",\"prefix\":{\"type\":\"string\",\"maxLength\":400}}"),
     OPERATION_DESTROYS, run_clear},
    {"state.quota", "Show the use of state", "Counts bytes and keys of a place.",
     OBJECT("\"properties\":{" PLACE_SCHEMA "}"), OPERATION_READS, run_quota},
    {"state.watch", "Wait for a change of state",
     "Answers as soon as this server changes something in a place, or after a time with nothing.",
     state_watch_schema, OPERATION_READS, run_watch},
    {"state.migrate", "Migrate state",
     "Brings the values of a place to a version of their shape by a file of migrations.",
     state_migrate_schema, OPERATION_DESTROYS, run_migrate},
    {"state.rollback", "Roll a migration of state back",
     "Puts back the values from before a migration that was not committed.", state_run_schema,
     OPERATION_DESTROYS, run_rollback},
    {"state.commit", "Commit a migration of state",
     "Drops the values from before a migration; it cannot be rolled back then.", state_run_schema,
     OPERATION_DESTROYS, run_commit},
};

int state_operations_new(const struct state_operations_parts *parts, struct operations *ops,
                         struct state_operations **out, struct error *err)
{
    struct state_operations *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    s->parts = *parts;
    int rc = operations_add(ops, table, sizeof(table) / sizeof(table[0]), s, err);
    if (rc) {
        free(s);
        return rc;
    }
    *out = s;
    return ST_OK;
}

void state_operations_free(struct state_operations *s)
{
    if (!s)
        return;
    access_free_all(s);
    watching_free_all(s);
    running_free_all(s);
    free(s);
}
