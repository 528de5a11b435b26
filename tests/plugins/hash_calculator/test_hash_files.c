/* Files that hash-calculator cannot hash. What it makes of others, test_files.py asks other
 * programs. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "hash-calculator"
#define ARGS "{\"operation\":\"hash\",\"algorithm\":\"blake2b\",\"path\":\"f\"}"

static hexmcp_fake_plugin plugin;

/* What opens whatever the tool asks for. */
static const char *the_file;

static int32_t fake_open(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                         hexmcp_error *err)
{
    (void)ctx;
    assert_int_not_equal(call, 0);
    assert_int_equal(flags, HEXMCP_FILES_READ);
    if (!the_file)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "%.*s does not exist", (int)path.len, path.ptr);
    *fd = open(the_file, O_RDONLY | O_CLOEXEC);
    assert_true(*fd >= 0);
    return HEXMCP_OK;
}

static const hexmcp_files_1 files = {.size = sizeof(files), .open = fake_open};

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.hash-calculator", "{}");
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, &files);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

static void test_files_that_are_not_there(void **state)
{
    (void)state;
    the_file = NULL;
    assert_error(&plugin, TOOL, ARGS, HEXMCP_E_NOT_FOUND, "f does not exist");
}

static void test_what_cannot_be_read(void **state)
{
    (void)state;
    the_file = "/tmp";
    assert_error(&plugin, TOOL, ARGS, HEXMCP_E_INVALID, "f is a folder; give the path of a file");
    the_file = "/proc/self/mem";
    assert_error(&plugin, TOOL, ARGS, HEXMCP_E_GENERIC,
                 "cannot read f: Input/output error; try again");
}

/* It is said to be empty, and never ends. */
static void test_files_that_grow(void **state)
{
    (void)state;
    the_file = "/dev/zero";
    assert_error(&plugin, TOOL, ARGS, HEXMCP_E_TOO_LARGE,
                 "f has more than 104857600 bytes, the most that is taken; give a smaller file");
}

static void test_host_without_files(void **state)
{
    (void)state;
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, NULL);
    assert_error(&plugin, TOOL, ARGS, HEXMCP_E_DENIED,
                 "this server lets no tool read files; the operator allows a folder with --allow-read "
                 "FOLDER");
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, &files);
}

static void test_cancelled_calls(void **state)
{
    (void)state;
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer answer;
    hexmcp_call call = hexmcp_fake_open(plugin.fake);
    the_file = "/dev/zero";
    hexmcp_fake_mark_cancelled(plugin.fake, call);
    int32_t status = plugin.tool->call(plugin.tool->self, call, hexmcp_str_from(TOOL),
                                       hexmcp_str_from(ARGS), &err);
    hexmcp_fake_close(plugin.fake, call, status, &err, &answer);
    assert_int_equal(answer.status, HEXMCP_E_CANCELLED);
    assert_string_equal(answer.error.text, "stopped: the call was cancelled or its time was over");
    hexmcp_fake_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_that_are_not_there),
        cmocka_unit_test(test_what_cannot_be_read),
        cmocka_unit_test(test_files_that_grow),
        cmocka_unit_test(test_host_without_files),
        cmocka_unit_test(test_cancelled_calls),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
