/*
 * Want of memory: a round is led once for each allocation that it makes, and that allocation fails,
 * alone or with all that follow. The error says so, and nothing leaks.
 */
#include "tests/adapters/mcp/input/support.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/input/input_answer.h"
#include "core/input/input_check.h"
#include "adapters/driving/mcp/input/input_write.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void __real_free(void *data);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
void __wrap_free(void *data);

static struct {
    bool on;
    bool from_then_on;
    size_t left; /* allocations before one fails */
    bool failed;
    long live; /* blocks */
} memory;

static bool refuses(void)
{
    if (!memory.on || (memory.failed && !memory.from_then_on))
        return false;
    if (!memory.failed && memory.left > 0) {
        memory.left--;
        return false;
    }
    return memory.failed = true;
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

void *__wrap_realloc(void *data, size_t size)
{
    void *moved = refuses() ? NULL : __real_realloc(data, size);
    memory.live += moved != NULL && data == NULL;
    return moved;
}

void __wrap_free(void *data)
{
    memory.live -= data != NULL;
    __real_free(data);
}

/* Escapes where a text is decoded. */
#define ASKED                                                                                      \
    "{'who':" FORM("'a b':{'type':'string','oneOf':[{'const':'x','title':'X'}],'default':'x'}",    \
                   ",'required':['a\\u0020b']")                                                    \
    ",'sign':" URL("https:\\/\\/a.example\\/") ",'think':"                                         \
    SAMPLING(ASSISTANT("[" USE("1") "]") "," USER(TOOL_RESULT("\\u0031")), "") ",'where':" ROOTS "}"
#define SAID                                                                                       \
    "{'who':{'action':'accept','content':{'a b':'x'}},'sign':{'action':'accept'},"                 \
    "'think':{'role':'assistant','content':" TEXT ",'model':'m'},"                                 \
    "'where':{'roots':[{'uri':'file:\\/\\/\\/a'}]}}"

static int lead_round(struct json asked, struct json said, struct error *err)
{
    const enum revision revision = REV_2026_07_28;
    struct client_abilities abilities = {.sampling = 1, .sampling_tools = 1, .roots = 1,
                                         .elicitation_form = 1, .elicitation_url = 1};
    const struct input_target target = {revision, &abilities};
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct str capabilities;
    int rc = input_check(asked, err);
    if (rc == ST_OK)
        rc = input_need_all(asked, &target, NULL, &capabilities, err);
    if (rc == ST_OK) {
        input_write_all(&w, asked, &target);
        rc = buffer_failed(&out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    }
    buffer_clear(&out);
    if (rc == ST_OK)
        rc = input_answers_read(asked, revision, said, &out, err);
    buffer_clear(&out);
    return rc;
}

static void lead_until_all_succeeds(bool from_then_on)
{
    struct text asked = text_of(ASKED), said = text_of(SAID);
    size_t count = 0;
    for (bool failed = true; failed; count++) {
        memory.from_then_on = from_then_on;
        memory.left = count;
        memory.failed = false;
        memory.live = 0;
        memory.on = true;
        struct error err = {.code = ST_OK};
        int rc = lead_round(asked.root, said.root, &err);
        memory.on = false;
        failed = memory.failed;
        assert_int_equal(rc == ST_OK, !failed);
        if (failed && !strstr(err.text, "memory"))
            fail_msg("allocation %zu: %s", count, err.text);
        assert_int_equal(memory.live, 0);
    }
    assert_true(count > 50);
    text_free(&asked);
    text_free(&said);
}

static void test_one_allocation_fails(void **state)
{
    (void)state;
    lead_until_all_succeeds(false);
}

static void test_memory_is_gone_from_then_on(void **state)
{
    (void)state;
    lead_until_all_succeeds(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_allocation_fails),
        cmocka_unit_test(test_memory_is_gone_from_then_on),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
