/* "hexmcp.notify/1": what plugins tell of changes. */
#include <stdio.h>

#include "hexmcp/host/notify.h"
#include "tests/adapters/plugin_host/fixture.h"

#define ITEMS "hexmcp.test.items"

static struct fixture *opened(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, ITEMS);
    fixture_open(f);
    return f;
}

static void run(struct fixture *f, const char *tool, const char *args, int status)
{
    struct error err = {0};
    char want[100];
    int rc = fixture_run(f, 1, ITEMS, tool, args, true, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
    snprintf(want, sizeof(want), "completed 1 0 {\"structuredContent\":{\"status\":%d}}\n", status);
    fixture_saw(f, want);
}

static void a_burst_is_told_once(void **state)
{
    struct fixture *f = opened(state);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 49);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    fixture_told(f, "");
    fixture_hear(f, 20);
    fixture_advance(f, 1);
    fixture_told(f, "0 updated items:one\n");
    fixture_hear(f, 20);
    fixture_advance(f, 1000);
    fixture_told(f, "");
    /* what changes later is told again */
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 50);
    fixture_told(f, "0 updated items:one\n");
}

static void each_uri_has_its_own_burst(void **state)
{
    struct fixture *f = opened(state);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 30);
    run(f, "updated", "{\"uri\":\"items:fails\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 20);
    fixture_told(f, "0 updated items:one\n");
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 30);
    fixture_told(f, "0 updated items:fails\n");
    fixture_hear(f, 20);
    fixture_advance(f, 20);
    fixture_told(f, "0 updated items:one\n");
}

static void plugins_tell_of_their_own_alone(void **state)
{
    struct fixture *f = opened(state);
    run(f, "updated", "{\"uri\":\"items:two\"}", HEXMCP_E_DENIED);
    run(f, "updated", "{\"uri\":\"items:t/{name}\"}", HEXMCP_E_DENIED);
    run(f, "updated", "{\"uri\":\"greet\"}", HEXMCP_E_DENIED); /* a prompt */
    run(f, "updated", "{\"uri\":\"\"}", HEXMCP_E_DENIED);
    run(f, "updated", "{\"uri\":\"items:t/a\"}", HEXMCP_OK);
    run(f, "updated", "{\"uri\":\"items:t/a/b\"}", HEXMCP_E_DENIED);
    fixture_hear(f, 20);
    fixture_advance(f, 50);
    fixture_told(f, "0 updated items:t/a\n");
}

static void what_is_published_is_its_own(void **state)
{
    struct fixture *f = opened(state);
    run(f, "updated", "{\"uri\":\"x:r\"}", HEXMCP_E_DENIED);
    run(f, "publish", "{\"kind\":1,\"definition\":{\"uri\":\"x:r\",\"name\":\"r\"}}", HEXMCP_OK);
    run(f, "publish", "{\"kind\":2,\"definition\":{\"uriTemplate\":\"y:{a}\",\"name\":\"t\"}}",
        HEXMCP_OK);
    fixture_hear(f, 20);
    buffer_clear(&f->told);
    run(f, "updated", "{\"uri\":\"x:r\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 1);
    run(f, "updated", "{\"uri\":\"y:1\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 50);
    fixture_told(f, "0 updated x:r\n0 updated y:1\n");
    run(f, "withdraw", "{\"kind\":1,\"name\":\"x:r\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    run(f, "updated", "{\"uri\":\"x:r\"}", HEXMCP_E_DENIED);
}

static void uris_have_a_limit(void **state)
{
    struct fixture *f = opened(state);
    static char args[9000];
    int head = snprintf(args, sizeof(args), "{\"uri\":\"items:t/");
    memset(args + head, 'a', 8192 - 8);
    snprintf(args + head + 8192 - 8, 8, "\"}");
    run(f, "updated", args, HEXMCP_OK);
    snprintf(args + head + 8192 - 8, 8, "a\"}");
    run(f, "updated", args, HEXMCP_E_TOO_LARGE);
}

static void so_many_changes_wait(void **state)
{
    if (fixture_passes(*state, "a helper does not count what it has passed on"))
        return;
    struct fixture *f = opened(state);
    struct error err;
    assert_int_equal(fixture_run(f, 1, ITEMS, "update-many", "{\"count\":2000}", true, &err),
                     ST_OK);
    fixture_saw(f, "completed 1 0 {\"structuredContent\":{\"status\":-9,\"taken\":1024}}\n");
    fixture_hear(f, 20);
    fixture_advance(f, 49);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_E_BUSY);
    /* the catalogue has a limit of its own */
    run(f, "publish", "{\"kind\":3,\"definition\":{\"name\":\"p\"}}", HEXMCP_OK);
    fixture_told(f, "0 publish 3 p  30000 {\"name\":\"p\"}\n");
    fixture_hear(f, 20);
    fixture_advance(f, 1);
    buffer_clear(&f->told);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    fixture_hear(f, 20);
    fixture_advance(f, 50);
    fixture_told(f, "0 updated items:one\n");
}

static void elicitations_are_told_at_once(void **state)
{
    struct fixture *f = opened(state);
    char args[100], id[66];
    run(f, "elicited", "{\"id\":\"e-1\"}", HEXMCP_OK);
    fixture_told(f, "0 elicited e-1\n");
    run(f, "elicited", "{\"id\":\"\"}", HEXMCP_E_INVALID);
    memset(id, 'e', 65);
    snprintf(args, sizeof(args), "{\"id\":\"%.64s\"}", id);
    run(f, "elicited", args, HEXMCP_OK);
    snprintf(args, sizeof(args), "{\"id\":\"%.65s\"}", id);
    run(f, "elicited", args, HEXMCP_E_TOO_LARGE);
    snprintf(args, sizeof(args), "0 elicited %.64s\n", id);
    fixture_told(f, args);
}

static void the_end_forgets_what_was_not_told(void **state)
{
    struct fixture *f = opened(state);
    run(f, "updated", "{\"uri\":\"items:one\"}", HEXMCP_OK);
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    assert_null(f->timers);
    fixture_hear(f, 20);
    fixture_advance(f, 50);
    fixture_told(f, "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_burst_is_told_once),
        T(each_uri_has_its_own_burst),
        T(plugins_tell_of_their_own_alone),
        T(what_is_published_is_its_own),
        T(uris_have_a_limit),
        T(so_many_changes_wait),
        T(elicitations_are_told_at_once),
        T(the_end_forgets_what_was_not_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
