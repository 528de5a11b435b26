/* file-operations on files: what comes back, what is on the disk afterwards, every refusal. Ways out
 * of the granted folders are in test_attacks.py. */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <signal.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/granted_tree.h"

#define TOOL "file-operations"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    umask(022);
    tree_begin(&plugin, "hexmcp.file-operations", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    tree_end(&plugin);
    return 0;
}

static void ok(const char *args, const char *members)
{
    char json[4096];
    snprintf(json, sizeof(json), "{\"structuredContent\":{%s}}", members);
    assert_told(&plugin, TOOL, args, json);
}

static void refused(const char *args, int32_t code, const char *text)
{
    assert_refused(&plugin, TOOL, args, code, text);
}

/* Temporary files must not stay behind. */
static void assert_entries(const char *below, int count)
{
    DIR *dir = opendir(tree_path(below));
    int found = -2;
    assert_non_null(dir);
    while (readdir(dir))
        found++;
    closedir(dir);
    assert_int_equal(found, count);
}

#define WRITTEN(path, is_new, bytes)                                                               \
    "\"operation\":\"write\",\"path\":\"" path "\",\"is_new\":" is_new ",\"bytes_written\":" bytes    \
    ",\"size\":" bytes ",\"modified\":\"TIME\""

static void test_write(void **state)
{
    (void)state;
    ok("{\"operation\":\"write\",\"path\":\"a\",\"input\":\"h\\u00e9\\n\"}", WRITTEN("a", "true", "4"));
    assert_file("w/a", "h\xC3\xA9\n", 0644);
    assert_int_equal(chmod(tree_path("w/a"), 0600), 0);
    ok("{\"operation\":\"write\",\"path\":\"./a\",\"input\":\"new\"}", WRITTEN("./a", "false", "3"));
    assert_file("w/a", "new", 0600);
    ok("{\"operation\":\"write\",\"path\":\"a\",\"input\":\"\"}", WRITTEN("a", "false", "0"));
    assert_file("w/a", "", 0600);
    ok("{\"operation\":\"write\",\"path\":\"b\",\"input\":\"AAH/\",\"encoding\":\"base64\"}",
       WRITTEN("b", "true", "3"));
    assert_entries("w", 2);
}

static void test_write_drops_setuid(void **state)
{
    (void)state;
    tree_put("w/tool", "old");
    assert_int_equal(chmod(tree_path("w/tool"), 06755), 0);
    ok("{\"operation\":\"write\",\"path\":\"tool\",\"input\":\"new\"}", WRITTEN("tool", "false", "3"));
    assert_file("w/tool", "new", 0755);
}

static void test_write_through_links(void **state)
{
    struct stat st;
    (void)state;
    tree_folder("w/sub");
    tree_put("w/sub/real", "old");
    tree_link("sub/real", "w/link");
    tree_link("link", "w/second");
    tree_link("sub", "w/folder");
    tree_link("nowhere", "w/dead");
    ok("{\"operation\":\"write\",\"path\":\"second\",\"input\":\"new\"}",
       WRITTEN("second", "false", "3"));
    assert_file("w/sub/real", "new", 0);
    assert_int_equal(lstat(tree_path("w/second"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    ok("{\"operation\":\"write\",\"path\":\"folder/x\",\"input\":\"x\"}",
       WRITTEN("folder/x", "true", "1"));
    assert_file("w/sub/x", "x", 0);
    refused("{\"operation\":\"write\",\"path\":\"dead\",\"input\":\"x\"}", HEXMCP_E_BUSY,
            "dead is a link that leads nowhere, or somebody else changes it just now; look at it "
            "with metadata and try again");
    assert_entries("w", 5);
}

static void test_write_refuses(void **state)
{
    (void)state;
    tree_folder("w/sub");
    tree_put("w/a", "old");
    refused("{\"operation\":\"write\",\"path\":\"a\",\"input\":\"x\",\"overwrite\":false}",
            HEXMCP_E_INVALID,
            "a exists already; give overwrite true to replace it, or another path");
    refused("{\"operation\":\"write\",\"path\":\"sub\",\"input\":\"x\"}", HEXMCP_E_INVALID,
            "sub is a folder, not a file");
    refused("{\"operation\":\"write\",\"path\":\"no/such\",\"input\":\"x\"}", HEXMCP_E_NOT_FOUND,
            "the folder of no/such does not exist; make it first with the operation create_dir and "
            "recursive true");
    refused("{\"operation\":\"write\",\"path\":\"a/b\",\"input\":\"x\"}", HEXMCP_E_INVALID,
            "a/b goes through something that is not a folder, or is none");
    refused("{\"operation\":\"write\",\"path\":\"a\",\"input\":\"AA=\",\"encoding\":\"base64\"}",
            HEXMCP_E_INVALID,
            "input is not base64 at position 3 of 3; correct it, or leave encoding out to write the "
            "text itself");
    assert_file("w/a", "old", 0);
    assert_entries("w", 2);
}

static void test_expected_modified(void **state)
{
    const struct timespec times[2] = {{1000000000, 5}, {1000000000, 5}};
    (void)state;
    tree_put("w/a", "old");
    assert_int_equal(utimensat(AT_FDCWD, tree_path("w/a"), times, 0), 0);
    hexmcp_fake_answer answer;
    const char args[] = "{\"operation\":\"write\",\"path\":\"a\",\"input\":\"new\","
                        "\"expected_modified\":\"2001-09-09T01:46:40.000000004Z\"}";
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    assert_int_equal(answer.status, HEXMCP_E_INVALID);
    assert_string_equal(answer.error.text,
                        "a was modified at 2001-09-09T01:46:40.000000005Z and not, as expected, at "
                        "2001-09-09T01:46:40.000000004Z; read it again before changing it");
    hexmcp_fake_answer_free(&answer);
    refused("{\"operation\":\"append\",\"path\":\"a\",\"input\":\"+\",\"expected_modified\":\"x\"}",
            HEXMCP_E_INVALID,
            "a was modified at TIME and not, as expected, at x; read it again before changing it");
    assert_file("w/a", "old", 0);
    ok("{\"operation\":\"write\",\"path\":\"a\",\"input\":\"new\","
       "\"expected_modified\":\"2001-09-09T01:46:40.000000005Z\"}",
       WRITTEN("a", "false", "3"));
    refused("{\"operation\":\"write\",\"path\":\"b\",\"input\":\"x\",\"expected_modified\":\"x\"}",
            HEXMCP_E_NOT_FOUND,
            "b does not exist, but expected_modified is for a file that does; leave it out to make "
            "the file");
    assert_gone("w/b");
}

/* The limit of the process stands for a disk that is full. */
static void test_a_write_that_fails_leaves_the_old_file(void **state)
{
    struct rlimit before, small = {100, 100};
    (void)state;
    tree_put("w/a", "old");
    char args[400] = "{\"operation\":\"write\",\"path\":\"a\",\"input\":\"";
    size_t len = strlen(args);
    memset(args + len, 'x', 200);
    snprintf(args + len + 200, 8, "\"}");
    char append[500];
    snprintf(append, sizeof(append), "{\"operation\":\"append\"%s",
             args + strlen("{\"operation\":\"write\""));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    hexmcp_fake_answer written, appended;
    plugin_run(&plugin, TOOL, args, strlen(args), &written);
    plugin_run(&plugin, TOOL, append, strlen(append), &appended);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_string_equal(written.error.text, "cannot write a: it would be too large");
    assert_string_equal(appended.error.text, "cannot append to a: it would be too large");
    hexmcp_fake_answer_free(&written);
    hexmcp_fake_answer_free(&appended);
    assert_file("w/a", "old", 0);
    assert_entries("w", 1);
}

#define APPENDED(path, is_new, bytes, size)                                                        \
    "\"operation\":\"append\",\"path\":\"" path "\",\"is_new\":" is_new ",\"bytes_written\":" bytes   \
    ",\"size\":" size ",\"modified\":\"TIME\""

static void test_append(void **state)
{
    (void)state;
    ok("{\"operation\":\"append\",\"path\":\"a\",\"input\":\"one\"}", APPENDED("a", "true", "3", "3"));
    assert_file("w/a", "one", 0644);
    assert_int_equal(chmod(tree_path("w/a"), 0640), 0);
    ok("{\"operation\":\"append\",\"path\":\"a\",\"input\":\"Kys=\",\"encoding\":\"base64\"}",
       APPENDED("a", "false", "2", "5"));
    assert_file("w/a", "one++", 0640);
    refused("{\"operation\":\"append\",\"path\":\"no/a\",\"input\":\"x\"}", HEXMCP_E_NOT_FOUND,
            "the folder of no/a does not exist; make it first with the operation create_dir and "
            "recursive true");
    assert_int_equal(truncate(tree_path("w/a"), 100 * 1024 * 1024), 0);
    refused("{\"operation\":\"append\",\"path\":\"a\",\"input\":\"x\"}", HEXMCP_E_TOO_LARGE,
            "a would have more than 104857600 bytes, the most for a file; write a second file");
}

#define PART(size, offset, length, rest)                                                           \
    "\"operation\":\"read\",\"path\":\"a\",\"encoding\":\"utf-8\",\"size\":" size ",\"offset\":" offset  \
    ",\"length\":" length ",\"truncated\":" rest

static void test_read(void **state)
{
    (void)state;
    tree_put("w/a", "");
    ok("{\"operation\":\"read\",\"path\":\"a\"}",
       PART("0", "0", "0", "false,\"modified\":\"TIME\",\"content\":\"\""));
    tree_put("w/a", "abc\xC3\xA9\xE2\x82\xACz");
    ok("{\"operation\":\"read\",\"path\":\"a\"}",
       PART("9", "0", "9", "false,\"modified\":\"TIME\",\"content\":\"abc\xC3\xA9\xE2\x82\xACz\""));
    ok("{\"operation\":\"read\",\"path\":\"a\",\"length\":4}",
       PART("9", "0", "3", "true,\"modified\":\"TIME\",\"next_offset\":3,\"message\":\"bytes 0 to 2 "
            "of 9; the rest begins at offset 3: read again from there\",\"content\":\"abc\""));
    ok("{\"operation\":\"read\",\"path\":\"a\",\"offset\":3,\"length\":4}",
       PART("9", "3", "2", "true,\"modified\":\"TIME\",\"next_offset\":5,\"message\":\"bytes 3 to 4 "
            "of 9; the rest begins at offset 5: read again from there\",\"content\":\"\xC3\xA9\""));
    ok("{\"operation\":\"read\",\"path\":\"a\",\"offset\":9}",
       PART("9", "9", "0", "false,\"modified\":\"TIME\",\"content\":\"\""));
    refused("{\"operation\":\"read\",\"path\":\"a\",\"offset\":10}", HEXMCP_E_INVALID,
            "offset 10 is behind the end of a, which has 9 bytes");
    refused("{\"operation\":\"read\",\"path\":\"a\",\"offset\":4}", HEXMCP_E_INVALID,
            "a is not UTF-8 text at byte 4; read it with encoding base64");
    refused("{\"operation\":\"read\",\"path\":\"b\"}", HEXMCP_E_NOT_FOUND, "b does not exist");
    refused("{\"operation\":\"read\",\"path\":\".\"}", HEXMCP_E_INVALID, ". is a folder, not a file");
}

static void test_read_bytes(void **state)
{
    (void)state;
    tree_put_bytes("w/b", "a\0\xFF\xC3", 4);
    ok("{\"operation\":\"read\",\"path\":\"b\",\"encoding\":\"base64\"}",
       "\"operation\":\"read\",\"path\":\"b\",\"encoding\":\"base64\",\"size\":4,\"offset\":0,"
       "\"length\":4,\"truncated\":false,\"modified\":\"TIME\",\"content\":\"YQD/ww==\"");
    refused("{\"operation\":\"read\",\"path\":\"b\"}", HEXMCP_E_INVALID,
            "b is not UTF-8 text at byte 2; read it with encoding base64");
    tree_put_bytes("w/b", "abc\xE2\x82", 5);
    refused("{\"operation\":\"read\",\"path\":\"b\"}", HEXMCP_E_INVALID,
            "b is not UTF-8 text at byte 3; read it with encoding base64");
    tree_put_bytes("w/b", "a\0b", 3);
    ok("{\"operation\":\"read\",\"path\":\"b\"}",
       "\"operation\":\"read\",\"path\":\"b\",\"encoding\":\"utf-8\",\"size\":3,\"offset\":0,"
       "\"length\":3,\"truncated\":false,\"modified\":\"TIME\",\"content\":\"a\\u0000b\"");
}

static void test_metadata(void **state)
{
    (void)state;
    tree_put("w/a", "12345");
    assert_int_equal(chmod(tree_path("w/a"), 0640), 0);
    tree_put("r/doc", "x");
    tree_link("a", "w/link");
    ok("{\"operation\":\"metadata\",\"path\":\"a\"}",
       "\"operation\":\"metadata\",\"path\":\"a\",\"type\":\"file\",\"size\":5,\"mode\":\"0640\","
       "\"links\":1,\"readonly\":false,\"modified\":\"TIME\",\"accessed\":\"TIME\","
       "\"created\":\"TIME\"");
    ok("{\"operation\":\"metadata\",\"path\":\"link\"}",
       "\"operation\":\"metadata\",\"path\":\"link\",\"type\":\"link\",\"size\":1,\"mode\":\"0777\","
       "\"links\":1,\"readonly\":false,\"modified\":\"TIME\",\"accessed\":\"TIME\","
       "\"created\":\"TIME\",\"target\":\"a\"");
    char args[200];
    snprintf(args, sizeof(args), "{\"operation\":\"metadata\",\"path\":\"%s\"}", tree_path("r/doc"));
    ok(args, "\"operation\":\"metadata\",\"path\":\"T/r/doc\",\"type\":\"file\",\"size\":1,"
             "\"mode\":\"0644\",\"links\":1,\"readonly\":true,\"modified\":\"TIME\","
             "\"accessed\":\"TIME\",\"created\":\"TIME\"");
    refused("{\"operation\":\"metadata\",\"path\":\"b\"}", HEXMCP_E_NOT_FOUND,
            "cannot look at b: it does not exist");
}

static void test_metadata_of_granted_folders(void **state)
{
    (void)state;
    hexmcp_fake_answer answer;
    char args[200];
    const struct {
        const char *path, *readonly;
    } cases[] = {{"w", "\"readonly\":false"}, {"r", "\"readonly\":true"}};
    for (size_t i = 0; i < 2; i++) {
        snprintf(args, sizeof(args), "{\"operation\":\"metadata\",\"path\":\"%s\"}",
                 tree_path(cases[i].path));
        plugin_run(&plugin, TOOL, args, strlen(args), &answer);
        assert_int_equal(answer.status, HEXMCP_OK);
        assert_non_null(strstr(answer.json, "\"type\":\"folder\""));
        assert_non_null(strstr(answer.json, cases[i].readonly));
        hexmcp_fake_answer_free(&answer);
    }
}

static void test_exists(void **state)
{
    (void)state;
    tree_link("nowhere", "w/dead");
    ok("{\"operation\":\"exists\",\"path\":\"dead\"}",
       "\"operation\":\"exists\",\"path\":\"dead\",\"exists\":true,\"type\":\"link\"");
    ok("{\"operation\":\"exists\",\"path\":\".\"}",
       "\"operation\":\"exists\",\"path\":\".\",\"exists\":true,\"type\":\"folder\"");
    ok("{\"operation\":\"exists\",\"path\":\"no\"}",
       "\"operation\":\"exists\",\"path\":\"no\",\"exists\":false");
    ok("{\"operation\":\"exists\",\"path\":\"no/such\"}",
       "\"operation\":\"exists\",\"path\":\"no/such\",\"exists\":false");
}

static void test_arguments(void **state)
{
    (void)state;
    refused("{}", HEXMCP_E_INVALID,
            "operation is missing or unknown; give read, write, append, delete, create_dir, "
            "list_dir, copy, move, metadata or exists");
    refused("{\"operation\":\"read\"}", HEXMCP_E_INVALID, "read needs path: the file or folder");
    refused("{\"operation\":\"write\",\"path\":\"a\"}", HEXMCP_E_INVALID,
            "write needs input: the content; give an empty string for none");
    refused("{\"operation\":\"copy\",\"path\":\"a\"}", HEXMCP_E_INVALID,
            "copy needs source_path: what to copy, and target_path: its new path with its name");
    refused("{\"operation\":\"move\",\"path\":\"a\",\"source_path\":\"a\",\"target_path\":\"b\"}",
            HEXMCP_E_INVALID,
            "path and source_path both say what to move; give source_path alone");
    refused("{\"operation\":\"read\",\"path\":1}", HEXMCP_E_INVALID,
            "path is not a string; give a string");
    refused("{\"operation\":\"read\",\"path\":\"a\",\"length\":3}", HEXMCP_E_INVALID,
            "length is out of range; give a whole number from 4 to 4194304");
    refused("{\"operation\":\"list_dir\",\"path\":\".\",\"limit\":10001}", HEXMCP_E_INVALID,
            "limit is out of range; give a whole number from 1 to 10000");
    refused("{\"operation\":\"read\",\"path\":\"a\",\"recursive\":1}", HEXMCP_E_INVALID,
            "recursive is neither true nor false; give one of them");
    refused("{\"operation\":\"read\",\"path\":\"a\",\"encoding\":\"latin1\"}", HEXMCP_E_INVALID,
            "encoding is unknown; give utf-8 or base64");
}

static void test_a_host_without_files(void **state)
{
    (void)state;
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, NULL);
    refused("{\"operation\":\"read\",\"path\":\"a\"}", HEXMCP_E_UNSUPPORTED,
            "this host has no hexmcp.files/1, so no file can be opened; use a newer hexmcp");
}

static void test_cancelled(void **state)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer answer;
    (void)state;
    hexmcp_call call = hexmcp_fake_open(plugin.fake);
    hexmcp_fake_mark_cancelled(plugin.fake, call);
    int32_t status = plugin.tool->call(
        plugin.tool->self, call, hexmcp_str_from(TOOL),
        hexmcp_str_from("{\"operation\":\"write\",\"path\":\"a\",\"input\":\"x\"}"), &err);
    hexmcp_fake_close(plugin.fake, call, status, &err, &answer);
    assert_int_equal(answer.outcome, HEXMCP_CANCELLED);
    hexmcp_fake_answer_free(&answer);
    assert_entries("w", 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, load, unload)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_write),
        T(test_write_drops_setuid),
        T(test_write_through_links),
        T(test_write_refuses),
        T(test_expected_modified),
        T(test_a_write_that_fails_leaves_the_old_file),
        T(test_append),
        T(test_read),
        T(test_read_bytes),
        T(test_metadata),
        T(test_metadata_of_granted_folders),
        T(test_exists),
        T(test_arguments),
        T(test_a_host_without_files),
        T(test_cancelled),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("file-operations", tests, NULL, NULL);
}
