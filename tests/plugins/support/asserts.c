#include "tests/plugins/support/asserts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/support/fake_schema.h"

void plugin_load(hexmcp_fake_plugin *p, const char *id, const char *config)
{
    plugin_load_from(p, TEST_PLUGINS_DIR, id, config);
}

void plugin_load_from(hexmcp_fake_plugin *p, const char *dir, const char *id, const char *config)
{
    char path[1024];
    hexmcp_error err;
    int len = snprintf(path, sizeof(path), "%s/%s", dir, id);
    hexmcp_fake *fake = hexmcp_fake_new();
    assert_in_range(len, 1, sizeof(path) - 1);
    hexmcp_fake_offer(fake, HEXMCP_SCHEMA_1, fake_schema());
    if (hexmcp_fake_create_from(p, fake, path, &err) != HEXMCP_OK)
        fail_msg("create: %s", err.text);
    assert_string_equal(p->info->id, id);
    if (hexmcp_fake_init(p, config, &err) != HEXMCP_OK)
        fail_msg("init: %s", err.text);
    assert_true(p->tool || p->resource || p->prompt);
    if (hexmcp_fake_start(p, &err) != HEXMCP_OK)
        fail_msg("start: %s", err.text);
}

void plugin_run(hexmcp_fake_plugin *p, const char *tool, const char *args, size_t len,
                hexmcp_fake_answer *ret)
{
    const hexmcp_str texts[] = {hexmcp_str_from(tool), {args, len}};
    hexmcp_fake_end(hexmcp_fake_begin(p, HEXMCP_FAKE_CALL, texts, 2), ret);
}

void assert_result(hexmcp_fake_plugin *p, const char *tool, const char *args, const char *json)
{
    hexmcp_fake_answer answer;
    hexmcp_fake_run(p, tool, args, &answer);
    if (answer.status < 0)
        fail_msg("%s %s: %s", tool, args, answer.error.text);
    assert_int_equal(answer.outcome, HEXMCP_RESULT);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}

void assert_error(hexmcp_fake_plugin *p, const char *tool, const char *args, int32_t code,
                  const char *text)
{
    hexmcp_fake_answer answer;
    hexmcp_fake_run(p, tool, args, &answer);
    if (answer.status >= 0)
        fail_msg("%s %s: no error but %s", tool, args, answer.json);
    assert_string_equal(answer.error.text, text);
    assert_int_equal(answer.status, code);
    hexmcp_fake_answer_free(&answer);
}
