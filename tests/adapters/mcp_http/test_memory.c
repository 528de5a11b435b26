/*
 * Want of memory: conversations are led once for each allocation that the route makes, and that
 * allocation fails, alone or with all that follow in the same request. Each request gets one answer
 * or stays open, and nothing leaks.
 */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void __real_free(void *data);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
void __wrap_free(void *data);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);

static struct {
    bool on;
    bool goes_on;
    size_t left; /* allocations until one fails; 0: it has */
    bool failed;
    long live; /* blocks */
} memory;

static bool refuses(void)
{
    if (!memory.on)
        return false;
    if (memory.left == 0)
        return memory.goes_on;
    return --memory.left == 0 && (memory.failed = true);
}

void *__wrap_malloc(size_t size)
{
    void *data = refuses() ? NULL : __real_malloc(size);
    memory.live += data != NULL;
    return data;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *data = refuses() ? NULL : __real_calloc(count, size);
    memory.live += data != NULL;
    return data;
}

void *__wrap_realloc(void *old, size_t size)
{
    void *data = refuses() ? NULL : __real_realloc(old, size);
    memory.live += data != NULL && old == NULL;
    return data;
}

void __wrap_free(void *data)
{
    memory.live -= data != NULL;
    __real_free(data);
}

/* The C library's own calls are not wrapped. */
char *__wrap_strndup(const char *text, size_t len)
{
    char *copy = __wrap_malloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *__wrap_strdup(const char *text)
{
    return __wrap_strndup(text, strlen(text));
}

static void enter(void)
{
    memory.on = true;
}

static void leave_route(void)
{
    memory.on = false;
}

/* ---- conversations -------------------------------------------------------------------------- */

static struct json_doc *good;

static void end_call(struct web *web, size_t index)
{
    struct fake_call *call = &web->w->calls[index];
    struct call_outcome outcome = {.end = CALL_RESULT, .result = json_root(good)};
    if (index >= web->w->call_count || call->done)
        return;
    call->done = 1;
    enter();
    call->call.observer->done(call->call.user, &outcome);
    leave_route();
    release(web->w, index);
}

static void report(struct web *web, size_t index, double value)
{
    if (index >= web->w->call_count || web->w->calls[index].done)
        return;
    pass(web->w, 20);
    enter();
    progress(web->w, index, value, 0, "");
    leave_route();
}

/* An answer that a client can use, or the word that there is no memory. */
static bool answered(struct http_exchange *x)
{
    bool ok = x->status == 200 || x->status == 202 || x->status == 500 || x->status == 503;
    if (!ok || !x->finished)
        fail_msg("status %d: %s", x->status, x->body);
    return x->status == 200 || x->status == 202;
}

static void talk_modern(struct web *web)
{
    answered(post(web, MODERN_HEADERS("tools/list"), REQUEST("1", "tools/list", META)));
    size_t call = web->w->call_count;
    struct http_exchange *x = post(
        web, NAMED_HEADERS("tools/call", "echo"),
        REQUEST("1", "tools/call", "'name':'echo','_meta':{" CLAIM ",'progressToken':'t'}"));
    report(web, call, 1);
    end_call(web, call);
    answered(x);
}

static bool begin_session_here(struct web *web, const char *body)
{
    static const char name[] = "MCP-Session-Id: ";
    struct http_exchange *x = post(web, JSON_BOTH, body);
    const char *id = strstr(x->headers, name);
    if (!answered(x) || !id)
        return false;
    return sscanf(id + sizeof(name) - 1, "%63[^\n]", web->session) == 1;
}

static void talk_in_session(struct web *web)
{
    if (!begin_session_here(web, INITIALIZE("2025-11-25")))
        return;
    struct http_exchange *standing =
        send_in_session(web, "GET", "Accept: text/event-stream\n", NULL);
    size_t call = web->w->call_count;
    struct http_exchange *x = post_in_session(
        web, REQUEST("2", "tools/call", "'name':'echo','_meta':{'progressToken':1}"));
    report(web, call, 1);
    if (x->streaming && !x->finished)
        leave(x);
    report(web, call, 2);
    end_call(web, call);
    struct http_exchange *again = send_in_session(
        web, "GET", "Accept: text/event-stream\nLast-Event-ID: 3-2\n", NULL);
    assert_int_not_equal(again->status, 0);
    if (standing->streaming)
        leave(standing);
    assert_int_equal(send_in_session(web, "DELETE", "", NULL)->status, 200);
}

static void talk_in_batches(struct web *web)
{
    if (!begin_session_here(web, INITIALIZE("2025-03-26")))
        return;
    size_t call = web->w->call_count;
    struct http_exchange *x =
        post_in_session(web, "[" REQUEST("2", "ping", "") "," CALL("3", "echo") "]");
    end_call(web, call);
    answered(x);
}

static void (*const talks[])(struct web *web) = {talk_modern, talk_in_session, talk_in_batches};

static bool lead(void (*talk)(struct web *web), size_t fails_at, bool goes_on)
{
    void *state;
    memory.left = fails_at;
    memory.goes_on = goes_on;
    memory.failed = false;
    web_setup(&state);
    struct web *web = state;
    web->enter = enter;
    web->leave = leave_route;
    talk(web);
    web_teardown(&state);
    return memory.failed;
}

static void lead_all(bool goes_on)
{
    assert_int_equal(json_parse(STR("{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}"), &good,
                                NULL), ST_OK);
    for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
        lead(talks[i], 0, false); /* what is made once for the whole program */
        long live = memory.live;
        size_t at = 1;
        for (; lead(talks[i], at, goes_on); at++)
            if (memory.live != live)
                fail_msg("conversation %zu leaks when allocation %zu fails", i, at);
        assert_int_equal(memory.live, live);
        print_message("# conversation %zu: %zu allocations\n", i, at - 1);
        assert_true(at > 10);
    }
    json_free(good);
}

static void test_one_allocation_fails(void **state)
{
    (void)state;
    lead_all(false);
}

static void test_all_allocations_fail_from_one_on(void **state)
{
    (void)state;
    lead_all(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_allocation_fails),
        cmocka_unit_test(test_all_allocations_fail_from_one_on),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
