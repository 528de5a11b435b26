/* The typed ports over a plugin that the test plays: what it is asked, and what becomes of its answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driven/storage/storage.h"
#include "tests/adapters/storage/scripted.h"

static struct storage *storage;
static char said[4096];

/* ---- timers: fire when the test says ------------------------------------------------------------ */

struct timer {
    void (*fire)(void *arg);
    void *arg;
    bool set;
};

static struct timer *the_timer;

static struct timer *timer_make(void *ctx, void (*fire)(void *arg), void *arg)
{
    (void)ctx;
    assert_null(the_timer);
    the_timer = calloc(1, sizeof(*the_timer));
    *the_timer = (struct timer){fire, arg, false};
    return the_timer;
}

static void timer_set(void *ctx, struct timer *t, uint64_t ms)
{
    (void)ctx;
    assert_int_equal(ms, 2);
    t->set = true;
}

static void timer_free(void *ctx, struct timer *t)
{
    (void)ctx;
    free(t);
    the_timer = NULL;
}

static const struct timer_port timers = {.create = timer_make, .set = timer_set, .free = timer_free};

/* ---- the domain's side --------------------------------------------------------------------------- */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    size_t len = strlen(said);
    va_list args;
    va_start(args, format);
    vsnprintf(said + len, sizeof(said) - len, format, args);
    va_end(args);
}

static void say_error(const struct error *err)
{
    say("error %d %s", err->code, err->text);
}

static void script(const char *answer)
{
    memset(&plugin, 0, sizeof(plugin));
    plugin.answer = answer;
    said[0] = '\0';
}

static void script_failure(int code, const char *text)
{
    script(text);
    plugin.code = code;
}

static void appended(void *arg, const struct error *err, const struct append_result *r)
{
    (void)arg;
    if (err) {
        say_error(err);
    } else if (r->conflict) {
        say("conflict %.*s is at %d", STR_ARG(r->stream), (int)r->actual);
    } else {
        say("position %d%s:", (int)r->position, r->repeated ? " again" : "");
        for (size_t i = 0; i < r->count; i++)
            say(" %d", (int)r->versions[i]);
    }
}

static const struct stored_event example = {
    .id = STR_INIT("0190"), .type = STR_INIT("MessageSent"), .schema = 2, .at_ms = 1767225600123,
    .correlation = STR_INIT("c\"1"), .caller = STR_INIT("me"), .tenant = STR_INIT("local"),
    .data = STR_INIT("{\"text\":1}")};

static void append_two(void)
{
    const struct event_store *e = storage_events(storage);
    struct stored_event caused = example;
    caused.causation = STR("0189");
    caused.data = STR("");
    const struct stored_event events[] = {example, caused};
    const struct stream_append streams[] = {
        {STR("a/1"), EXPECT_VERSION, 3, events, 2},
        {STR("b/\xC3\xA9"), EXPECT_NONE, 0, events, 0},
    };
    const struct event_batch batch = {STR("key"), streams, 2};
    e->append(e->ctx, &batch, appended, NULL);
}

static void test_append(void **state)
{
    (void)state;
    script("{\"position\":9,\"versions\":{\"b/\xC3\xA9\":1,\"a/1\":5},\"repeated\":false}");
    append_two();
    assert_string_equal(
        plugin.asked,
        "0|events||{\"key\":\"key\",\"streams\":[{\"stream\":\"a/1\",\"expected\":3,\"events\":["
        "{\"id\":\"0190\",\"type\":\"MessageSent\",\"schema\":2,\"at\":\"2026-01-01T00:00:00.123Z\","
        "\"correlation\":\"c\\\"1\",\"caller\":\"me\",\"tenant\":\"local\",\"data\":{\"text\":1}},"
        "{\"id\":\"0190\",\"type\":\"MessageSent\",\"schema\":2,\"at\":\"2026-01-01T00:00:00.123Z\","
        "\"correlation\":\"c\\\"1\",\"causation\":\"0189\",\"caller\":\"me\",\"tenant\":\"local\","
        "\"data\":null}]},{\"stream\":\"b/\xC3\xA9\",\"expected\":\"none\",\"events\":[]}]}|");
    assert_string_equal(said, "position 9: 5 1");
    script("{\"position\":9,\"versions\":{\"a/1\":5,\"b/\\u00e9\":1},\"repeated\":true}");
    append_two();
    assert_string_equal(said, "position 9 again: 5 1");
    script("{\"conflict\":{\"stream\":\"a/\\u0031\",\"expected\":3,\"actual\":4}}");
    append_two();
    assert_string_equal(said, "conflict a/1 is at 4");
}

static void test_append_fails(void **state)
{
    static const char *const wrong[] = {"", "[]", "{}", "{\"position\":9,\"versions\":{\"a/1\":5}}",
                                        "{\"versions\":{\"a/1\":5,\"b/\xC3\xA9\":1}}",
                                        "{\"conflict\":{}}"};
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        script(wrong[i]);
        append_two();
        assert_string_equal(said, "error -12 the store's answer to append does not fit");
    }
    script_failure(ST_UNAVAILABLE, "the server is gone");
    append_two();
    assert_string_equal(said, "error -10 the server is gone");
}

static void test_append_too_much(void **state)
{
    const struct event_store *e = storage_events(storage);
    char *data = calloc(1, EVENT_DATA_MAX + 1);
    struct stored_event events[9];
    const struct stream_append stream = {STR("a/1"), EXPECT_ANY, 0, events, 9};
    const struct event_batch batch = {STR(""), &stream, 1};
    (void)state;
    script("{}");
    for (size_t i = 0; i < 9; i++) {
        events[i] = example;
        events[i].data = (struct str){data, EVENT_DATA_MAX};
    }
    e->append(e->ctx, &batch, appended, NULL);
    assert_string_equal(said, "error -11 the event 9 of a/1 is too large for the store: 1 MiB of data "
                              "an event, and 8 MiB together, are allowed");
    script("{}");
    events[0].data.len++;
    e->append(e->ctx, &batch, appended, NULL);
    assert_string_equal(said, "error -11 the event 1 of a/1 is too large for the store: 1 MiB of data "
                              "an event, and 8 MiB together, are allowed");
    assert_string_equal(plugin.asked, "");
    free(data);
}

/* ---- reading events ---------------------------------------------------------------------------- */

static void event_came(void *arg, const struct stored_event *e)
{
    (void)arg;
    say("%.*s %.*s v%d p%d %.*s/%u %lld %.*s %.*s %.*s %.*s %.*s\n", STR_ARG(e->id),
        STR_ARG(e->stream), (int)e->version, (int)e->position, STR_ARG(e->type), e->schema,
        (long long)e->at_ms, STR_ARG(e->correlation), STR_ARG(e->causation), STR_ARG(e->caller),
        STR_ARG(e->tenant), STR_ARG(e->data));
}

static void read_done(void *arg, const struct error *err, const struct events_end *end)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("v%d p%d%s", (int)end->version, (int)end->position, end->more ? " more" : "");
}

static const struct events_sink events_sink = {NULL, event_came, read_done};

#define EVENT(n, more)                                                                             \
    "{\"id\":\"i" n "\",\"stream\":\"a/1\",\"version\":" n ",\"position\":4" n                       \
    ",\"type\":\"T\",\"schema\":1,\"at\":\"2026-01-01T00:00:00.123Z\",\"correlation\":\"c\\u0031\""  \
    ",\"caller\":\"me\",\"tenant\":\"local\"" more ",\"data\":[1]}"

static void test_read(void **state)
{
    const struct event_store *e = storage_events(storage);
    const struct stream_query all = {.stream = STR("a/1"), .from = 2, .to = 9, .until_ms = 1000,
                                     .backward = true, .limit = 100};
    const struct stream_query some = {.stream = STR("a/1"), .limit = 1};
    (void)state;
    script("{\"version\":3,\"more\":true}");
    plugin.pieces[0] = (struct scripted_piece){
        "{\"events\":[" EVENT("1", "") "," EVENT("2", ",\"causation\":\"x\"") "]}", ""};
    plugin.pieces[1] = (struct scripted_piece){"{\"events\":[" EVENT("3", "") "]}", ""};
    e->read(e->ctx, &all, &events_sink);
    assert_string_equal(plugin.asked,
                        "1|events||{\"stream\":\"a/1\",\"from\":2,\"to\":9,\"until\":"
                        "\"1970-01-01T00:00:01.000Z\",\"backward\":true,\"limit\":100}|");
    assert_string_equal(said, "i1 a/1 v1 p41 T/1 1767225600123 c1  me local [1]\n"
                              "i2 a/1 v2 p42 T/1 1767225600123 c1 x me local [1]\n"
                              "i3 a/1 v3 p43 T/1 1767225600123 c1  me local [1]\n"
                              "v3 p0 more");
    script("{\"version\":0,\"more\":false}");
    e->read(e->ctx, &some, &events_sink);
    assert_string_equal(plugin.asked, "1|events||{\"stream\":\"a/1\",\"limit\":1}|");
    assert_string_equal(said, "v0 p0");
    script("{\"version\":3,\"more\":false}");
    plugin.pieces[0] = (struct scripted_piece){"{\"events\":[" EVENT("1", "") ",{}]}", ""};
    plugin.pieces[1] = (struct scripted_piece){"{\"events\":[" EVENT("2", "") "]}", ""};
    e->read(e->ctx, &some, &events_sink);
    assert_string_equal(said, "i1 a/1 v1 p41 T/1 1767225600123 c1  me local [1]\n"
                              "error -12 the store's answer to read does not fit");
}

static void test_read_all(void **state)
{
    const struct event_store *e = storage_events(storage);
    static const struct str types[] = {STR_INIT("A"), STR_INIT("B")};
    const struct events_query query = {.after = 40, .types = types, .type_count = 2, .limit = 5};
    (void)state;
    script("{\"position\":44,\"more\":false}");
    e->read_all(e->ctx, &query, &events_sink);
    assert_string_equal(plugin.asked,
                        "2|events||{\"after\":40,\"types\":[\"A\",\"B\"],\"limit\":5}|");
    assert_string_equal(said, "v0 p44");
    script("{\"more\":false}");
    e->read_all(e->ctx, &query, &events_sink);
    assert_string_equal(said, "error -12 the store's answer to read_all does not fit");
    script_failure(ST_TIMEOUT, "too slow");
    e->read_all(e->ctx, &query, &events_sink);
    assert_string_equal(said, "error -8 too slow");
}

/* ---- projections -------------------------------------------------------------------------------- */

static void projected(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("%s %d", conflict ? "conflict" : "at", (int)position);
}

static void test_project(void **state)
{
    const struct event_store *e = storage_events(storage);
    static const struct projection_row rows[] = {{STR_INIT("k"), STR_INIT("{\"n\":1}")},
                                                 {STR_INIT("gone"), STR_INIT("")}};
    struct projection_write write = {.projection = STR("P"), .expected = 1, .position = 5,
                                     .rows = rows, .count = 2};
    (void)state;
    script("{\"position\":5}");
    e->project(e->ctx, &write, projected, NULL);
    assert_string_equal(plugin.asked,
                        "3|events||{\"projection\":\"P\",\"expected\":1,\"position\":5,\"rows\":["
                        "{\"key\":\"k\",\"value\":{\"n\":1}},{\"key\":\"gone\",\"value\":null}]}|");
    assert_string_equal(said, "at 5");
    write = (struct projection_write){.projection = STR("P~"), .reset = true, .replaces = STR("P")};
    script("{\"conflict\":{\"actual\":3}}");
    e->project(e->ctx, &write, projected, NULL);
    assert_string_equal(plugin.asked,
                        "3|events||{\"projection\":\"P~\",\"expected\":0,\"position\":0,\"rows\":[],"
                        "\"reset\":true,\"replaces\":\"P\"}|");
    assert_string_equal(said, "conflict 3");
    script("{}");
    e->project(e->ctx, &write, projected, NULL);
    assert_string_equal(said, "error -12 the store's answer to project does not fit");
}

static void rows_came(void *arg, const struct error *err, const struct rows_result *r)
{
    (void)arg;
    if (err) {
        say_error(err);
        return;
    }
    for (size_t i = 0; i < r->count; i++)
        say("%.*s=%.*s ", STR_ARG(r->rows[i].key), STR_ARG(r->rows[i].value));
    say("at %d%s", (int)r->position, r->more ? " more" : "");
}

static void test_rows(void **state)
{
    const struct event_store *e = storage_events(storage);
    const struct rows_query query = {.projection = STR("P"), .key = STR("k"), .prefix = STR("p"),
                                     .after = STR("a"), .backward = true, .limit = 3};
    (void)state;
    script("{\"position\":5,\"rows\":[{\"key\":\"k\\\"1\",\"value\":{\"n\":1}},"
           "{\"key\":\"k2\",\"value\":2},{\"key\":\"\\u00e9\",\"value\":\"x\"}],\"more\":true}");
    e->rows(e->ctx, &query, rows_came, NULL);
    assert_string_equal(plugin.asked, "4|events||{\"projection\":\"P\",\"key\":\"k\",\"prefix\":\"p\","
                                      "\"after\":\"a\",\"backward\":true,\"limit\":3}|");
    assert_string_equal(said, "k\"1={\"n\":1} k2=2 \xC3\xA9=\"x\" at 5 more");
    script("{\"position\":0,\"rows\":[],\"more\":false}");
    e->rows(e->ctx, &query, rows_came, NULL);
    assert_string_equal(said, "at 0");
    script("{\"position\":0,\"rows\":[{\"value\":1}],\"more\":false}");
    e->rows(e->ctx, &query, rows_came, NULL);
    assert_string_equal(said, "error -12 the store's answer to rows does not fit");
}

/* ---- values -------------------------------------------------------------------------------------- */

static void value_came(void *arg, const struct error *err, const struct kv_value *v)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("%.*s v%d ttl %d", STR_ARG(v->value), (int)v->version, (int)v->ttl_ms);
}

static void test_get(void **state)
{
    const struct key_value_store *v = storage_values(storage);
    (void)state;
    script("{\"version\":4,\"ttlMs\":50}");
    plugin.pieces[0] = (struct scripted_piece){"{}", "a long "};
    plugin.pieces[1] = (struct scripted_piece){"{}", "value"};
    v->get(v->ctx, STR("state/global"), STR("k"), value_came, NULL);
    assert_string_equal(plugin.asked, "5|state/global|k||");
    assert_string_equal(said, "a long value v4 ttl 50");
    script("{\"version\":1}");
    v->get(v->ctx, STR("s"), STR("k"), value_came, NULL);
    assert_string_equal(said, " v1 ttl 0");
    script("{}");
    v->get(v->ctx, STR("s"), STR("k"), value_came, NULL);
    assert_string_equal(said, "error -12 the store's answer to get does not fit");
    script_failure(ST_NOT_FOUND, "there is none");
    v->get(v->ctx, STR("s"), STR("k"), value_came, NULL);
    assert_string_equal(said, "error -4 there is none");
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)arg;
    if (err)
        say_error(err);
    else if (r->conflict)
        say("conflict %.*s is at %d", STR_ARG(r->key), (int)r->actual);
    else
        for (size_t i = 0; i < r->count; i++)
            say("v%d ", (int)r->versions[i]);
}

static void test_apply(void **state)
{
    const struct key_value_store *v = storage_values(storage);
    static const struct kv_change changes[] = {
        {.key = STR_INIT("a"), .value = STR_INIT("one"), .ttl_ms = 5},
        {.key = STR_INIT("b"), .remove = true, .if_version = true, .version = 2},
        {.key = STR_INIT("c"), .value = STR_INIT("two"), .if_version = true},
    };
    (void)state;
    script("{\"versions\":[1,0,3]}");
    v->apply(v->ctx, STR("s"), changes, 3, applied, NULL);
    assert_string_equal(plugin.asked,
                        "6|s||{\"changes\":[{\"key\":\"a\",\"bytes\":3,\"ttlMs\":5},"
                        "{\"key\":\"b\",\"remove\":true,\"ifVersion\":2},"
                        "{\"key\":\"c\",\"bytes\":3,\"ifVersion\":0}]}|onetwo");
    assert_string_equal(said, "v1 v0 v3 ");
    script("{\"conflict\":{\"key\":\"b\",\"version\":7}}");
    v->apply(v->ctx, STR("s"), changes + 1, 1, applied, NULL);
    assert_string_equal(plugin.asked,
                        "6|s||{\"changes\":[{\"key\":\"b\",\"remove\":true,\"ifVersion\":2}]}|");
    assert_string_equal(said, "conflict b is at 7");
    script("{\"versions\":[1]}");
    v->apply(v->ctx, STR("s"), changes, 3, applied, NULL);
    assert_string_equal(said, "error -12 the store's answer to apply does not fit");
    script("{}");
    v->apply(v->ctx, STR("s"), changes, 0, applied, NULL);
    assert_string_equal(said, "error -3 0 changes at once; 1 to 1,000 are allowed");
    struct kv_change big = {.key = STR("big"), .value = {said, VALUE_MAX + 1}};
    script("{}");
    v->apply(v->ctx, STR("s"), &big, 1, applied, NULL);
    assert_string_equal(said, "error -11 the values are too large for the store, up to big they have "
                              "more than 16 MiB");
}

static void entries_came(void *arg, const struct error *err, const struct kv_entry *entries,
                         size_t count, bool more)
{
    (void)arg;
    if (err) {
        assert_int_equal(count, 0);
        say_error(err);
        return;
    }
    for (size_t i = 0; i < count; i++)
        say("%.*s v%d %d ttl %d \"%.*s\"\n", STR_ARG(entries[i].key), (int)entries[i].version,
            (int)entries[i].bytes, (int)entries[i].ttl_ms, STR_ARG(entries[i].value));
    say("%s", more ? "more" : "all");
}

static void test_list(void **state)
{
    const struct key_value_store *v = storage_values(storage);
    const struct kv_query keys = {.prefix = STR("p"), .after = STR("pa"), .limit = 10};
    const struct kv_query values = {.limit = 1000, .values = true};
    (void)state;
    script("{\"keys\":[{\"key\":\"pb\",\"version\":1,\"bytes\":3,\"ttlMs\":9},"
           "{\"key\":\"p\\u00e9\",\"version\":2,\"bytes\":0}],\"more\":true}");
    v->list(v->ctx, STR("s"), &keys, entries_came, NULL);
    assert_string_equal(plugin.asked, "7|s||{\"prefix\":\"p\",\"after\":\"pa\",\"limit\":10}|");
    assert_string_equal(said, "pb v1 3 ttl 9 \"\"\np\xC3\xA9 v2 0 ttl 0 \"\"\nmore");
    script("{\"more\":false}");
    plugin.pieces[0] = (struct scripted_piece){
        "{\"keys\":[{\"key\":\"a\",\"version\":1,\"bytes\":3},"
        "{\"key\":\"big\",\"version\":1,\"bytes\":70000,\"left\":true},"
        "{\"key\":\"b\",\"version\":2,\"bytes\":2}]}",
        "onetw"};
    plugin.pieces[1] =
        (struct scripted_piece){"{\"keys\":[{\"key\":\"c\",\"version\":3,\"bytes\":1}]}", "3"};
    v->list(v->ctx, STR("s"), &values, entries_came, NULL);
    assert_string_equal(plugin.asked, "7|s||{\"limit\":1000,\"values\":true}|");
    assert_string_equal(said, "a v1 3 ttl 0 \"one\"\nbig v1 70000 ttl 0 \"\"\nb v2 2 ttl 0 \"tw\"\n"
                              "c v3 1 ttl 0 \"3\"\nall");
    script("{\"more\":false}");
    plugin.pieces[0] = (struct scripted_piece){
        "{\"keys\":[{\"key\":\"a\",\"version\":1,\"bytes\":3}]}", "on"};
    v->list(v->ctx, STR("s"), &values, entries_came, NULL);
    assert_string_equal(said, "error -12 the store's answer to list does not fit");
}

/* ---- blobs --------------------------------------------------------------------------------------- */

static struct blob_put *the_put;

static void put_ready(void *arg, const struct error *err, struct blob_put *put)
{
    (void)arg;
    the_put = put;
    if (err)
        say_error(err);
    else
        say(put ? "ready " : "there ");
}

static void told(void *arg, const struct error *err)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("done ");
}

static void put(void)
{
    const struct blob_store *b = storage_blobs(storage);
    b->put(b->ctx, STR("artifacts"), STR("blake3:00"), 12, put_ready, NULL);
}

static void more(const char *bytes, bool last)
{
    const struct blob_store *b = storage_blobs(storage);
    b->write(b->ctx, the_put, str_from(bytes), last, told, NULL);
}

static void test_put(void **state)
{
    (void)state;
    script("{\"stored\":false}");
    put();
    assert_string_equal(plugin.asked, "8|artifacts|blake3:00|{\"bytes\":12}|");
    assert_string_equal(said, "there ");
    script_failure(ST_TOO_LARGE, "no room");
    put();
    assert_string_equal(said, "error -11 no room");
    script("{\"stored\":true}"); /* answered within the last write */
    plugin.ends_on_last = true;
    put();
    more("one", false);
    more("two", true);
    assert_string_equal(plugin.written, "one,two.");
    assert_string_equal(said, "ready done done ");
    script(NULL); /* answered later */
    put();
    more("one", true);
    assert_string_equal(said, "ready ");
    plugin.answer = "{\"stored\":true}";
    finish();
    assert_string_equal(said, "ready done ");
}

static void fire(void)
{
    assert_true(the_timer->set);
    the_timer->set = false;
    the_timer->fire(the_timer->arg);
}

static void test_put_waits(void **state)
{
    char bytes[] = "one";
    (void)state;
    script("{\"stored\":true}");
    plugin.ends_on_last = true;
    plugin.busy = 2;
    put();
    more(bytes, false);
    memset(bytes, 'x', 3); /* the adapter has its own copy */
    assert_string_equal(said, "ready ");
    fire();
    assert_string_equal(said, "ready ");
    fire();
    assert_string_equal(said, "ready done ");
    more("two", true);
    assert_string_equal(plugin.written, "one,two.");
    assert_string_equal(said, "ready done done ");
    assert_null(the_timer);
}

static void test_put_fails(void **state)
{
    const struct blob_store *b = storage_blobs(storage);
    (void)state;
    script(NULL);
    put();
    plugin.write_code = ST_UNAVAILABLE;
    more("one", false);
    assert_string_equal(said, "ready error -10 the disk is full");
    script(NULL); /* it breaks while the last bytes are written, and between two writes */
    put();
    more("one", true);
    plugin.answer = "the disk broke";
    plugin.code = ST_UNAVAILABLE;
    finish();
    assert_string_equal(said, "ready error -10 the disk broke");
    script(NULL);
    put();
    more("one", false);
    plugin.answer = "the disk broke";
    plugin.code = ST_UNAVAILABLE;
    finish();
    assert_string_equal(said, "ready done ");
    more("two", false);
    assert_string_equal(said, "ready done error -10 the disk broke");
    script(NULL); /* another has put it meanwhile */
    put();
    plugin.answer = "{\"stored\":false}";
    finish();
    more("one", false);
    more("two", true);
    assert_string_equal(said, "ready done done ");
    assert_string_equal(plugin.written, "");
    script(NULL);
    put();
    b->drop(b->ctx, the_put);
    assert_int_equal(plugin.cancelled, 1);
    script(NULL);
    put();
    plugin.answer = "{\"stored\":false}";
    finish();
    b->drop(b->ctx, the_put);
    assert_int_equal(plugin.cancelled, 0);
}

static void blob_piece(void *arg, struct str bytes)
{
    (void)arg;
    say("%.*s|", STR_ARG(bytes));
}

static void blob_done(void *arg, const struct error *err, uint64_t bytes)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("%d", (int)bytes);
}

static void blob_stat(void *arg, const struct error *err, const struct blob_entry *e)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("%.*s %d %d", STR_ARG(e->key), (int)e->bytes, (int)e->stored_bytes);
}

static void blobs_came(void *arg, const struct error *err, const struct blob_entry *entries,
                       size_t count, bool more_follow)
{
    if (err)
        say_error(err);
    for (size_t i = 0; i < count; i++) {
        blob_stat(arg, NULL, &entries[i]);
        say("\n");
    }
    say(more_follow ? "more" : "all");
}

static void test_blobs(void **state)
{
    const struct blob_store *b = storage_blobs(storage);
    const struct blob_sink sink = {NULL, blob_piece, blob_done};
    (void)state;
    script("{\"bytes\":1000}");
    plugin.pieces[0] = (struct scripted_piece){"{}", "some"};
    plugin.pieces[1] = (struct scripted_piece){"{}", "bytes"};
    b->get(b->ctx, STR("s"), STR("k"), 5, 9, &sink);
    assert_string_equal(plugin.asked, "9|s|k|{\"offset\":5,\"length\":9}|");
    assert_string_equal(said, "some|bytes|1000");
    script("{}");
    b->get(b->ctx, STR("s"), STR("k"), 0, 0, &sink);
    assert_string_equal(plugin.asked, "9|s|k|{}|");
    assert_string_equal(said, "error -12 the store's answer to get does not fit");
    script("{\"bytes\":1000,\"storedBytes\":10}");
    b->stat(b->ctx, STR("s"), STR("k"), blob_stat, NULL);
    assert_string_equal(said, "k 1000 10");
    script_failure(ST_NOT_FOUND, "there is none");
    b->stat(b->ctx, STR("s"), STR("k"), blob_stat, NULL);
    assert_string_equal(said, "error -4 there is none");
    script("{\"blobs\":[{\"key\":\"k\",\"bytes\":1,\"storedBytes\":1}],\"more\":true}");
    b->list(b->ctx, STR("s"), STR("a"), 9, blobs_came, NULL);
    assert_string_equal(plugin.asked, "11|s||{\"after\":\"a\",\"limit\":9}|");
    assert_string_equal(said, "k 1 1\nmore");
    script("{\"blobs\":[{}]}");
    b->list(b->ctx, STR("s"), STR(""), 9, blobs_came, NULL);
    assert_string_equal(said, "error -12 the store's answer to list does not fitall");
    script("{\"removed\":true}");
    b->remove(b->ctx, STR("s"), STR("k"), told, NULL);
    assert_string_equal(said, "done ");
    script("{\"removed\":false}");
    b->remove(b->ctx, STR("s"), STR("k"), told, NULL);
    assert_string_equal(said, "error -4 there is no such blob");
}

/* ---- search and dump ------------------------------------------------------------------------------ */

static void searched(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("%.*s", STR_ARG(json));
}

static void test_search(void **state)
{
    const struct search_index *s = storage_search(storage);
    (void)state;
    script("{\"indexed\":1}");
    s->index(s->ctx, STR("sessions"), STR("{\"documents\":[]}"), searched, NULL);
    assert_string_equal(plugin.asked, "13|sessions||{\"documents\":[]}|");
    assert_string_equal(said, "{\"indexed\":1}");
    script("{\"removed\":1}");
    s->remove(s->ctx, STR("sessions"), STR("{\"all\":true}"), searched, NULL);
    assert_string_equal(plugin.asked, "14|sessions||{\"all\":true}|");
    script_failure(ST_UNSUPPORTED, "no vectors");
    s->query(s->ctx, STR("sessions"), STR("{}"), searched, NULL);
    assert_string_equal(plugin.asked, "15|sessions||{}|");
    assert_string_equal(said, "error -5 no vectors");
}

static bool record_came(void *arg, struct str json, struct str bytes)
{
    (void)arg;
    say("%.*s %.*s\n", STR_ARG(json), STR_ARG(bytes));
    return false;
}

static void dump_done(void *arg, const struct error *err, uint64_t position, uint64_t records)
{
    (void)arg;
    if (err)
        say_error(err);
    else
        say("p%d n%d", (int)position, (int)records);
}

static void test_dump(void **state)
{
    const struct store_dump *d = storage_dump(storage);
    const struct dump_sink sink = {NULL, record_came, dump_done};
    (void)state;
    script(NULL);
    plugin.pieces[0] = (struct scripted_piece){"{\"kind\":\"value\"}", "v"};
    uint64_t id = d->dump(d->ctx, STR(""), &sink);
    assert_string_equal(plugin.asked, "16|||{}|");
    d->resume(d->ctx, id);
    assert_int_equal(plugin.resumed, 1);
    plugin.answer = "{\"position\":5,\"records\":1}";
    finish();
    assert_string_equal(said, "{\"kind\":\"value\"} v\np5 n1");
    d->resume(d->ctx, id);
    d->stop(d->ctx, id);
    assert_int_equal(plugin.resumed + plugin.cancelled, 1);
    script(NULL);
    id = d->dump(d->ctx, STR("{\"kinds\":[]}"), &sink);
    d->stop(d->ctx, id);
    assert_int_equal(plugin.cancelled, 1);
    assert_string_equal(said, "error -7 the dump was given up");
    script("{}");
    d->dump(d->ctx, STR(""), &sink);
    assert_string_equal(said, "error -12 the store's answer to dump does not fit");
}

static void test_restore(void **state)
{
    const struct store_dump *d = storage_dump(storage);
    struct store_restore *restore = NULL;
    struct error err;
    (void)state;
    script("{\"records\":1}");
    plugin.ends_on_last = true;
    assert_int_equal(d->restore(d->ctx, &restore, &err), ST_OK);
    d->load(d->ctx, restore, STR("{\"kind\":\"value\"}"), STR("v"), false, told, NULL);
    d->load(d->ctx, restore, STR(""), STR(""), true, told, NULL);
    assert_string_equal(plugin.written, "{\"kind\":\"value\"}v,.");
    assert_string_equal(said, "done done ");
    script_failure(ST_UNSUPPORTED, "it cannot");
    assert_int_equal(d->restore(d->ctx, &restore, &err), ST_UNSUPPORTED);
    assert_string_equal(err.text, "it cannot");
    script("{}");
    assert_int_equal(d->restore(d->ctx, &restore, &err), ST_PROTOCOL);
    script(NULL);
    assert_int_equal(d->restore(d->ctx, &restore, &err), ST_OK);
    d->drop(d->ctx, restore);
    assert_int_equal(plugin.cancelled, 1);
}

static int set_up(void **state)
{
    (void)state;
    return storage_new(&store, &timers, &storage, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    storage_free(storage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),      cmocka_unit_test(test_append_fails),
        cmocka_unit_test(test_append_too_much),
        cmocka_unit_test(test_read),        cmocka_unit_test(test_read_all),
        cmocka_unit_test(test_project),     cmocka_unit_test(test_rows),
        cmocka_unit_test(test_get),         cmocka_unit_test(test_apply),
        cmocka_unit_test(test_list),        cmocka_unit_test(test_put),
        cmocka_unit_test(test_put_waits),   cmocka_unit_test(test_put_fails),
        cmocka_unit_test(test_blobs),       cmocka_unit_test(test_search),
        cmocka_unit_test(test_dump),        cmocka_unit_test(test_restore),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
