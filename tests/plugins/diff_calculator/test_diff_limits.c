/* Where diff-calculator stops: sizes, cancellation, files that are not what they seem. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "diff-calculator"

static hexmcp_fake_plugin plugin;

/* The one file that there is, whatever its path; -1: opening fails. */
static int the_file = -1;

static int32_t fake_open(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                         hexmcp_error *err)
{
    (void)ctx;
    assert_int_not_equal(call, 0);
    assert_int_equal(flags, HEXMCP_FILES_READ);
    if (the_file < 0)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "%.*s does not exist", (int)path.len, path.ptr);
    *fd = dup(the_file);
    assert_true(*fd >= 0);
    lseek(*fd, 0, SEEK_SET);
    return HEXMCP_OK;
}

static const hexmcp_files_1 files = {.size = sizeof(files), .open = fake_open};

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.diff-calculator", "{}");
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, &files);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

static int temporary_file(void)
{
    char path[] = "/tmp/hexmcp-diff-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

/* `prefix`, then `part` `count` times, then `suffix`; to be freed. */
static char *repeated(const char *prefix, const char *part, size_t count, const char *suffix)
{
    size_t len = strlen(part);
    char *text = malloc(strlen(prefix) + count * len + strlen(suffix) + 1);
    assert_non_null(text);
    char *at = stpcpy(text, prefix);
    for (size_t i = 0; i < count; i++, at += len)
        memcpy(at, part, len);
    strcpy(at, suffix);
    return text;
}

static void assert_fails_freed(char *args, int32_t code, const char *text)
{
    assert_error(&plugin, TOOL, args, code, text);
    free(args);
}

static void test_lines(void **state)
{
    (void)state;
    assert_fails_freed(repeated("{\"new_text\":\"a\",\"old_text\":\"", "\\n", 1000000, "\"}"),
                       HEXMCP_E_TOO_LARGE,
                       "the texts have 1000001 lines together, but at most 1000000 are compared; "
                       "compare parts of them");
    char *args = repeated("{\"new_text\":\"a\",\"old_text\":\"", "\\n", 999999, "\"}");
    hexmcp_fake_answer answer;
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    assert_int_equal(answer.status, HEXMCP_OK);
    hexmcp_fake_answer_free(&answer);
    free(args);
}

static void test_results(void **state)
{
    (void)state;
    static const char too_large[] =
        "what changed takes more than 8388608 bytes; compare smaller parts";
    assert_fails_freed(repeated("{\"new_text\":\"\",\"old_text\":\"", "x", 8388600, "\"}"),
                       HEXMCP_E_TOO_LARGE, too_large);
    assert_fails_freed(repeated("{\"new_json\":0,\"old_json\":\"", "x", 8388600, "\"}"),
                       HEXMCP_E_TOO_LARGE, too_large);
    assert_fails_freed(
        repeated("{\"format\":\"json-patch\",\"old_json\":0,\"new_json\":\"", "x", 8388600, "\"}"),
        HEXMCP_E_TOO_LARGE, too_large);
}

static void test_json_documents(void **state)
{
    (void)state;
    assert_fails_freed(repeated("{\"old_json\":1,\"new_json\":[0", ",0", 999999, "]}"),
                       HEXMCP_E_TOO_LARGE,
                       "the documents have more than 1000000 values together; compare parts of "
                       "them");
    assert_fails_freed(repeated("{\"new_json\":1,\"type\":\"json\",\"old_text\":\"", "[", 101,
                                "\"}"),
                       HEXMCP_E_TOO_LARGE,
                       "old_text is nested more than 100 deep; compare parts of it");
    /* 100 is fine: what is missing is the rest of the text */
    assert_fails_freed(repeated("{\"new_json\":1,\"type\":\"json\",\"old_text\":\"", "[", 100,
                                "\"}"),
                       HEXMCP_E_INVALID,
                       "old_text is not JSON: line 1, column 101: a value is expected; correct "
                       "it, or compare as text with type text");
    /* each path is as long as the name above it */
    char *keys = repeated("{\"old_json\":{\"", "k", 9000, "\":[");
    char *rest = repeated("0", ",0", 1000, "]},\"new_json\":{\"");
    char *more = repeated("", "k", 9000, "\":[");
    char *ones = repeated("1", ",1", 1000, "]}}");
    char *args = malloc(strlen(keys) + strlen(rest) + strlen(more) + strlen(ones) + 1);
    stpcpy(stpcpy(stpcpy(stpcpy(args, keys), rest), more), ones);
    free(keys);
    free(rest);
    free(more);
    free(ones);
    assert_fails_freed(args, HEXMCP_E_TOO_LARGE,
                       "the paths of what changed take more than 8388608 bytes; compare parts of "
                       "the documents");
}

static void test_sizes_of_files(void **state)
{
    (void)state;
    the_file = temporary_file();
    assert_int_equal(ftruncate(the_file, 104857601), 0);
    assert_error(&plugin, TOOL, "{\"old_path\":\"big\",\"new_text\":\"\"}", HEXMCP_E_TOO_LARGE,
                 "old_path: big has more than the 104857600 bytes that are left of the limit for "
                 "both sides; compare smaller files");
    assert_int_equal(ftruncate(the_file, 104857600), 0);
    assert_error(&plugin, TOOL, "{\"old_text\":\"a\",\"new_path\":\"big\"}", HEXMCP_E_TOO_LARGE,
                 "new_path: big has more than the 104857599 bytes that are left of the limit for "
                 "both sides; compare smaller files");
    close(the_file);
    the_file = -1;
}

/* A file of /proc says that it is empty and is not: as one that grows. */
static void test_files_that_grow(void **state)
{
    (void)state;
    the_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    assert_true(the_file >= 0);
    assert_error(&plugin, TOOL, "{\"old_path\":\"f\",\"new_text\":\"\"}", HEXMCP_E_BUSY,
                 "old_path: f grew while it was read; try again when nobody writes it");
    close(the_file);
    the_file = -1;
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    assert_error(&plugin, TOOL, "{\"old_path\":\"gone\",\"new_text\":\"\"}", HEXMCP_E_NOT_FOUND,
                 "gone does not exist");
    the_file = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_error(&plugin, TOOL, "{\"old_text\":\"\",\"new_path\":\"f\"}", HEXMCP_E_GENERIC,
                 "new_path: cannot read f: Is a directory; try again");
    close(the_file);
    the_file = -1;
}

static void test_host_without_files(void **state)
{
    (void)state;
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, NULL);
    assert_error(&plugin, TOOL, "{\"old_path\":\"f\",\"new_text\":\"\"}", HEXMCP_E_DENIED,
                 "old_path: this server lets no tool read files; pass the text itself");
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, &files);
}

/* Everything that a file can hold but UTF-8. */
static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        unsigned valid;
    } cases[] = {{"a\x80", 1},         {"\xC1\xBF", 0},         {"ab\xE0\x9F\xBF", 2},
                 {"\xED\xA0\x80", 0},  {"\xF0\x8F\xBF\xBF", 0}, {"\xF4\x90\x80\x80", 0},
                 {"\xF5\x80\x80", 0},  {"x\xE2\x82", 1},        {"\xE2\x82\x41", 0},
                 {"\xF0\x9F\x98q", 0}, {"\xC3\xA9\xFF", 2}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[300];
        size_t len = strlen(cases[i].bytes);
        the_file = temporary_file();
        assert_int_equal(write(the_file, cases[i].bytes, len), len);
        snprintf(text, sizeof(text),
                 "new_path is not UTF-8 text: byte %u of %zu is 0x%02x; convert it to UTF-8 first, "
                 "or, if it is binary, compare hashes with hash-calculator",
                 cases[i].valid + 1, len, (unsigned)(unsigned char)cases[i].bytes[cases[i].valid]);
        assert_error(&plugin, TOOL, "{\"old_text\":\"\",\"new_path\":\"f\"}", HEXMCP_E_INVALID,
                     text);
        close(the_file);
        the_file = -1;
    }
}

static void assert_cancelled(const char *text)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer answer;
    hexmcp_call call = hexmcp_fake_open(plugin.fake);
    hexmcp_fake_mark_cancelled(plugin.fake, call);
    int32_t status = plugin.tool->call(plugin.tool->self, call, hexmcp_str_from(TOOL),
                                       hexmcp_str_from(text), &err);
    hexmcp_fake_close(plugin.fake, call, status, &err, &answer);
    assert_int_equal(answer.status, HEXMCP_E_CANCELLED);
    assert_string_equal(answer.error.text,
                        "stopped: the call was cancelled or took longer than 10 seconds; compare "
                        "smaller parts");
    hexmcp_fake_answer_free(&answer);
}

static void test_cancelled_calls(void **state)
{
    (void)state;
    assert_cancelled("{\"old_text\":\"a\",\"new_text\":\"b\"}");
    assert_cancelled("{\"old_json\":[1],\"new_json\":[2]}");
    the_file = temporary_file();
    assert_int_equal(write(the_file, "a", 1), 1);
    assert_cancelled("{\"old_path\":\"a\",\"new_text\":\"b\"}");
    close(the_file);
    the_file = -1;
}

/* One fresh instance, several threads: the first of them loads libgit2, the rest wait for it. Each
 * returns `fresh` if all went well. */
static void *compare_on_a_thread(void *fresh)
{
    static const char args[] =
        "{\"format\":\"simple\",\"old_text\":\"a\\nb\\n\",\"new_text\":\"b\\n\"}";
    static const char expected[] =
        "{\"structuredContent\":{\"type\":\"text\",\"format\":\"simple\",\"identical\":false,"
        "\"stats\":{\"added\":0,\"removed\":1,\"modified\":0,\"unchanged\":1},"
        "\"diff\":\"-1: a\\n\"}}";
    void *result = fresh;
    for (int i = 0; i < 50; i++) {
        hexmcp_fake_answer answer;
        plugin_run(fresh, TOOL, args, sizeof(args) - 1, &answer);
        if (!answer.json || strcmp(answer.json, expected) != 0)
            result = NULL;
        hexmcp_fake_answer_free(&answer);
    }
    return result;
}

static void test_threads_share_the_loading(void **state)
{
    (void)state;
    hexmcp_fake_plugin fresh;
    pthread_t threads[4];
    plugin_load(&fresh, "hexmcp.diff-calculator", "{}");
    for (int i = 0; i < 4; i++)
        threads[i] = hexmcp_fake_worker(fresh.fake, compare_on_a_thread, &fresh);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &fresh);
    }
    hexmcp_fake_unload(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_share_the_loading),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_json_documents),
        cmocka_unit_test(test_sizes_of_files),
        cmocka_unit_test(test_files_that_grow),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_host_without_files),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_cancelled_calls),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
