/* Restores that do not come to their end change nothing. */
#include "tests/plugins/storage/sqlite/opened.h"

#include <unistd.h>

static char folder[256];
static struct opened o;
static const hexmcp_dump_1 *table;

static int begin(void **state)
{
    (void)state;
    folder_make(folder);
    opened_start(&o, folder, "");
    table = hexmcp_fake_interface(&o.p, HEXMCP_DUMP_1);
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "old", "{}", "{\"version\":1}");
    return 0;
}

static int end(void **state)
{
    (void)state;
    opened_end(&o);
    folder_remove(folder);
    return 0;
}

static hexmcp_call begin_restore(void)
{
    hexmcp_call call = hexmcp_fake_open(o.p.fake);
    hexmcp_error err = {.size = sizeof(err)};
    assert_int_equal(table->restore(table->self, call, &err), HEXMCP_PENDING);
    return call;
}

static int32_t load(hexmcp_call call, const char *json, uint32_t flags)
{
    hexmcp_error err = {.size = sizeof(err)};
    return table->load(table->self, call, hexmcp_str_from(json), hexmcp_str_from(flags ? "" : "new"), flags,
                       &err);
}

static const char *end_of(hexmcp_call call)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer a;
    hexmcp_fake_close(o.p.fake, call, HEXMCP_PENDING, &err, &a);
    const char *text = a.outcome == HEXMCP_CANCELLED ? "cancelled" : textf("%s", a.json);
    hexmcp_fake_answer_free(&a);
    return text;
}

static void is_as_before(void)
{
    assert_asked(&o, HEXMCP_FAKE_KV_GET, "s", "k", NULL, NULL, "{\"version\":1}");
    assert_string_equal(o.stream.pieces->bytes, "old");
    hexmcp_fake_stream_clear(&o.stream);
    assert_int_not_equal(access(textf("%s/store.sqlite-restore", folder), F_OK), 0);
}

#define VALUE "{\"kind\":\"value\",\"space\":\"s\",\"key\":\"k\",\"version\":9}"

static void one_that_is_whole_replaces_all(void **state)
{
    hexmcp_call call = begin_restore();
    (void)state;
    assert_int_equal(load(call, VALUE, 0), HEXMCP_OK);
    assert_int_equal(load(call, "", HEXMCP_DUMP_LAST), HEXMCP_PENDING);
    assert_string_equal(end_of(call), "{\"records\":1}");
    assert_asked(&o, HEXMCP_FAKE_KV_GET, "s", "k", NULL, NULL, "{\"version\":9}");
    assert_string_equal(o.stream.pieces->bytes, "new");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "k", "x", "{}", "{\"version\":10}");
    assert_asked(&o, HEXMCP_FAKE_KV_SET, "s", "other", "x", "{}", "{\"version\":10}");
}

static void one_that_is_cancelled(void **state)
{
    hexmcp_call call = begin_restore();
    (void)state;
    assert_int_equal(load(call, VALUE, 0), HEXMCP_OK);
    table->cancel(table->self, call);
    assert_string_equal(end_of(call), "cancelled");
    is_as_before();
}

static void one_whose_store_stops(void **state)
{
    hexmcp_call call = begin_restore();
    (void)state;
    assert_int_equal(load(call, VALUE, 0), HEXMCP_OK);
    o.p.plugin->stop(o.p.plugin->self);
    assert_string_equal(end_of(call), "cancelled");
    opened_end(&o);
    opened_start(&o, folder, "");
    is_as_before();
}

static void fails_with(const char *record, const char *answer)
{
    hexmcp_call call = begin_restore();
    load(call, VALUE, 0);
    load(call, record, 0);
    load(call, "", HEXMCP_DUMP_LAST);
    assert_string_equal(end_of(call), answer);
    is_as_before();
}

static void one_that_is_damaged(void **state)
{
    (void)state;
    fails_with("{\"kind\":\"poem\",\"space\":\"s\"}",
               "{\"code\":-3,\"message\":\"record 2 cannot be restored: its kind is unknown; nothing was "
               "changed\"}");
    fails_with("{\"kind\":\"value\",\"space\":\"s\",\"key\":\"j\",\"version\":1,\"size\":900,\"offset\":5}",
               "{\"code\":-3,\"message\":\"record 2 cannot be restored: the pieces of a value are not in "
               "their order; nothing was changed\"}");
    fails_with("{\"kind\":\"value\",\"space\":\"s\",\"key\":\"j\",\"version\":1,\"size\":900,\"offset\":0}",
               "{\"code\":-3,\"message\":\"record 3 cannot be restored: the last pieces of a value are "
               "missing; nothing was changed\"}");
    fails_with("{\"kind\":\"blob\",\"space\":\"s\",\"key\":\"b\",\"bytes\":9,\"offset\":3}",
               "{\"code\":-3,\"message\":\"record 2 cannot be restored: the pieces of a blob are not in "
               "their order; nothing was changed\"}");
}

/* More than may wait: when all are taken, the restore has begun to read them. */
static void load_much(hexmcp_call call)
{
    hexmcp_error err = {.size = sizeof(err)};
    char *bytes = calloc(1, 1000000);
    for (int i = 0; i < 12; i++) {
        const char *json = textf("{\"kind\":\"value\",\"space\":\"s\",\"key\":\"k%d\",\"version\":1}", i);
        int32_t status;
        while ((status = table->load(table->self, call, hexmcp_str_from(json),
                                     (hexmcp_str){bytes, 1000000}, 0, &err)) == HEXMCP_E_BUSY)
            usleep(1000);
        assert_int_equal(status, HEXMCP_OK);
    }
    free(bytes);
}

static void one_at_a_time(void **state)
{
    hexmcp_call first = begin_restore(), second;
    (void)state;
    load_much(first);
    second = begin_restore();
    assert_string_equal(end_of(second), "{\"code\":-9,\"message\":\"another restore of this store is under "
                                        "way; wait for its end\"}");
    assert_int_equal(load(first, "", HEXMCP_DUMP_LAST), HEXMCP_PENDING);
    assert_string_equal(end_of(first), "{\"records\":12}");
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_that_is_whole_replaces_all), T(one_that_is_cancelled), T(one_whose_store_stops),
        T(one_that_is_damaged),            T(one_at_a_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("restore", tests, NULL, NULL);
}
