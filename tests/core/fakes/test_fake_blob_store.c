/* The fake keeps what it is told to: other tests lean on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "tests/core/fakes/fake_blob_store.h"

struct seen {
    int told;
    int code;
    struct blob_put *put;
    char text[200];
    uint64_t bytes;
    bool more;
};

static void note(struct seen *s, const struct error *err)
{
    s->told++;
    s->code = err ? err->code : ST_OK;
}

static void ready(void *arg, const struct error *err, struct blob_put *put)
{
    struct seen *s = arg;
    note(s, err);
    s->put = put;
}

static void done(void *arg, const struct error *err)
{
    note(arg, err);
}

static void piece(void *arg, struct str bytes)
{
    struct seen *s = arg;
    size_t at = strlen(s->text);
    snprintf(s->text + at, sizeof(s->text) - at, "%.*s", STR_ARG(bytes));
}

static void got(void *arg, const struct error *err, uint64_t bytes)
{
    struct seen *s = arg;
    note(s, err);
    s->bytes = bytes;
}

static void stated(void *arg, const struct error *err, const struct blob_entry *entry)
{
    struct seen *s = arg;
    note(s, err);
    s->bytes = entry ? entry->bytes : 0;
}

static void listed(void *arg, const struct error *err, const struct blob_entry *entries, size_t count,
                   bool more)
{
    struct seen *s = arg;
    note(s, err);
    s->more = more;
    for (size_t i = 0; i < count; i++)
        piece(s, entries[i].key);
}

static void store(struct fake_blob_store *fake, const char *key, const char *text)
{
    struct seen s = {0};
    struct blob_store *port = &fake->port;
    port->put(port->ctx, STR("space"), str_from(key), strlen(text), ready, &s);
    assert_non_null(s.put);
    port->write(port->ctx, s.put, (struct str){text, 1}, false, done, &s);
    port->write(port->ctx, s.put, str_from(text + 1), true, done, &s);
    assert_int_equal(s.told, 3);
    assert_int_equal(s.code, ST_OK);
}

static void test_keeps(void **state)
{
    struct fake_blob_store fake;
    struct seen s = {0};
    (void)state;
    fake_blob_store_init(&fake);
    struct blob_store *port = &fake.port;
    store(&fake, "b", "hello");
    store(&fake, "a", "world");
    port->put(port->ctx, STR("space"), STR("b"), 5, ready, &s);
    assert_null(s.put);
    const struct blob_sink sink = {&s, piece, got};
    port->get(port->ctx, STR("space"), STR("b"), 1, 3, &sink);
    assert_string_equal(s.text, "ell");
    assert_int_equal(s.bytes, 5);
    port->get(port->ctx, STR("other"), STR("b"), 1, 3, &sink);
    assert_int_equal(s.code, ST_NOT_FOUND);
    port->stat(port->ctx, STR("space"), STR("a"), stated, &s);
    assert_int_equal(s.bytes, 5);
    s.text[0] = '\0';
    port->list(port->ctx, STR("space"), STR(""), 1, listed, &s);
    assert_string_equal(s.text, "a");
    assert_true(s.more);
    port->list(port->ctx, STR("space"), STR("a"), 1, listed, &s);
    assert_string_equal(s.text, "ab");
    assert_false(s.more);
    port->remove(port->ctx, STR("space"), STR("a"), done, &s);
    assert_int_equal(s.code, ST_OK);
    assert_int_equal(fake_blob_store_count(&fake), 1);
    fake_blob_store_clear(&fake);
}

static void test_switches(void **state)
{
    struct fake_blob_store fake;
    struct seen s = {0};
    (void)state;
    fake_blob_store_init(&fake);
    struct blob_store *port = &fake.port;
    fake.fail_next = ST_UNAVAILABLE;
    fake.fail_after = 1;
    port->put(port->ctx, STR("space"), STR("b"), 5, ready, &s);
    assert_int_equal(s.code, ST_OK);
    port->write(port->ctx, s.put, STR("hello"), true, done, &s);
    assert_int_equal(s.code, ST_UNAVAILABLE);
    assert_int_equal(fake.open, 0);
    assert_int_equal(fake_blob_store_count(&fake), 0);
    fake.hold = true;
    port->put(port->ctx, STR("space"), STR("b"), 0, ready, &s);
    assert_int_equal(s.told, 2);
    assert_int_equal(fake_blob_store_release(&fake, 5), 1);
    assert_int_equal(s.told, 3);
    port->drop(port->ctx, s.put);
    assert_int_equal(fake.open, 0);
    fake_blob_store_clear(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps),
        cmocka_unit_test(test_switches),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
