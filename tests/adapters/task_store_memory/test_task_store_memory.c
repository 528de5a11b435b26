/* The memory store against the contract of ports/driven/task_store.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "core/base/error.h"
#include "core/base/str.h"

static const struct task_owner me = {STR_INIT("me"), STR_INIT("here")};
static const struct task_owner there = {STR_INIT("me"), STR_INIT("there")};
static const struct task_owner other = {STR_INIT("other"), STR_INIT("here")};
/* the same bytes in a row as `me` */
static const struct task_owner mehere = {STR_INIT("mehere"), STR_INIT("")};

static int set_up(void **state)
{
    *state = task_store_memory_new();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    task_store_memory_free(*state);
    return 0;
}

static void put(const struct task_store *store, const struct task_owner *owner, const char *id,
                uint64_t order)
{
    struct task_record record = {.id = str_from(id), .order = order, .owner = *owner};
    struct error err;
    assert_int_equal(store->put(store->ctx, &record, &err), ST_OK);
}

static size_t count(const struct task_store *store, const struct task_owner *owner)
{
    size_t n;
    assert_int_equal(store->count(store->ctx, owner, &n, NULL), ST_OK);
    return n;
}

static void drop(const struct task_store *store, const char *id)
{
    assert_int_equal(store->remove(store->ctx, str_from(id), NULL), ST_OK);
}

static void assert_list(const struct task_store *store, const struct task_owner *owner,
                        const char *expected)
{
    const struct task_record *record;
    struct error err;
    char list[64] = "";
    uint64_t after = 0;
    int rc;
    while ((rc = store->next(store->ctx, owner, after, &record, &err)) == ST_OK) {
        size_t len = strlen(list);
        snprintf(list + len, sizeof(list) - len, "%.*s ", STR_ARG(record->id));
        after = record->order;
    }
    assert_int_equal(rc, ST_NOT_FOUND);
    assert_string_equal(err.text, "no more tasks");
    assert_string_equal(list, expected);
}

static void assert_str(struct str text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

static void test_all_fields(void **state)
{
    const struct task_store *store = task_store_memory_port(*state);
    const struct task_record *got;
    char text[] = "id me here tool message result error requests answers state client";
    struct task_record record = {
        .id = {text, 2},
        .order = 7,
        .owner = {{text + 3, 2}, {text + 6, 4}},
        .tool = {text + 11, 4},
        .status = TASK_FAILED,
        .tool_error = true,
        .message = {text + 16, 7},
        .created_ms = 1,
        .updated_ms = 2,
        .ttl_ms = 3,
        .poll_ms = 4,
        .result = {text + 24, 6},
        .error_code = ST_BUSY,
        .error = {text + 31, 5},
        .requests = {text + 37, 8},
        .answers = {text + 46, 7},
        .state = {text + 54, 5},
        .client = {text + 60, 6},
        .round = 5,
    };
    assert_false(store->durable);
    assert_int_equal(store->put(store->ctx, &record, NULL), ST_OK);
    memset(text, 'x', sizeof(text));
    assert_int_equal(store->get(store->ctx, STR("id"), &got, NULL), ST_OK);
    assert_str(got->id, "id");
    assert_int_equal(got->order, 7);
    assert_str(got->owner.caller, "me");
    assert_str(got->owner.tenant, "here");
    assert_str(got->tool, "tool");
    assert_int_equal(got->status, TASK_FAILED);
    assert_true(got->tool_error);
    assert_str(got->message, "message");
    assert_int_equal(got->created_ms, 1);
    assert_int_equal(got->updated_ms, 2);
    assert_int_equal(got->ttl_ms, 3);
    assert_int_equal(got->poll_ms, 4);
    assert_str(got->result, "result");
    assert_int_equal(got->error_code, ST_BUSY);
    assert_str(got->error, "error");
    assert_str(got->requests, "requests");
    assert_str(got->answers, "answers");
    assert_str(got->state, "state");
    assert_str(got->client, "client");
    assert_int_equal(got->round, 5);
}

static void test_unknown(void **state)
{
    const struct task_store *store = task_store_memory_port(*state);
    const struct task_record *record;
    struct error err;
    assert_int_equal(store->get(store->ctx, STR("id"), &record, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "the task \"id\" is not stored");
    drop(store, "id");
    assert_int_equal(count(store, &me), 0);
    assert_list(store, &me, "");
    assert_list(store, NULL, "");
}

/* What is put back borrows from what it replaces. */
static void test_change(void **state)
{
    const struct task_store *store = task_store_memory_port(*state);
    const struct task_record *got;
    put(store, &me, "a", 1);
    put(store, &me, "b", 2);
    put(store, &me, "c", 3);
    assert_int_equal(store->get(store->ctx, STR("b"), &got, NULL), ST_OK);
    struct task_record record = *got;
    record.result = STR("{}");
    assert_int_equal(store->put(store->ctx, &record, NULL), ST_OK);
    assert_int_equal(store->get(store->ctx, STR("b"), &got, NULL), ST_OK);
    assert_str(got->result, "{}");
    assert_str(got->owner.caller, "me");
    assert_int_equal(count(store, &me), 3);
    assert_list(store, &me, "a b c ");
    drop(store, "b");
    assert_list(store, &me, "a c ");
}

static void test_owners(void **state)
{
    const struct task_store *store = task_store_memory_port(*state);
    put(store, &me, "a", 1);
    put(store, &there, "b", 2);
    put(store, &other, "c", 3);
    put(store, &me, "d", 4);
    put(store, &mehere, "e", 5);
    assert_list(store, &me, "a d ");
    assert_list(store, &there, "b ");
    assert_list(store, &other, "c ");
    assert_list(store, &mehere, "e ");
    assert_list(store, NULL, "a b c d e ");
    assert_int_equal(count(store, &me), 2);
    assert_int_equal(count(store, &there), 1);
    drop(store, "a");
    assert_int_equal(count(store, &me), 1);
    assert_list(store, &there, "b ");
    drop(store, "d");
    assert_int_equal(count(store, &me), 0);
    assert_list(store, &me, "");
    assert_int_equal(count(store, &there), 1);
    put(store, &me, "f", 6);
    drop(store, "b");
    assert_int_equal(count(store, &there), 0);
    assert_list(store, &me, "f ");
    assert_list(store, NULL, "c e f ");
}

static void test_order(void **state)
{
    const struct task_store *store = task_store_memory_port(*state);
    const struct task_record *record;
    put(store, &me, "c", 30);
    put(store, &me, "a", 10);
    put(store, &me, "b", 20);
    assert_list(store, &me, "a b c ");
    drop(store, "b");
    assert_int_equal(store->next(store->ctx, &me, 20, &record, NULL), ST_OK);
    assert_str(record->id, "c");
    assert_int_equal(store->next(store->ctx, &me, UINT64_MAX, &record, NULL), ST_NOT_FOUND);
}

static void test_many(void **state)
{
    const struct task_store *store = task_store_memory_port(*state);
    char id[16];
    for (unsigned i = 1; i <= 200; i++) {
        snprintf(id, sizeof(id), "%u", i * 37 % 211);
        put(store, i % 3 ? &me : &other, id, i);
    }
    assert_int_equal(count(store, &other), 66);
    for (unsigned i = 1; i <= 200; i += 2) {
        snprintf(id, sizeof(id), "%u", i * 37 % 211);
        drop(store, id);
    }
    assert_int_equal(count(store, &me), 67);
    assert_int_equal(count(store, &other), 33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_all_fields),
        CASE(test_unknown),
        CASE(test_change),
        CASE(test_owners),
        CASE(test_order),
        CASE(test_many),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
