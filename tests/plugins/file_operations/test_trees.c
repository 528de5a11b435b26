/* file-operations on folders: lists, new folders, copies, moves and deletions. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/plugins/support/granted_tree.h"

#define TOOL "file-operations"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    umask(022);
    tree_begin(&plugin, "hexmcp.file-operations", "{\"allowRecursiveDelete\":true}");
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

static void test_list_dir(void **state)
{
    (void)state;
    tree_folder("w/sub");
    tree_put("w/sub/b", "22");
    tree_put("w/sub/a\nc", "");
    tree_put("w/sub/B", "1");
    tree_link("../gone", "w/sub/link");
    assert_int_equal(mkfifo(tree_path("w/sub/pipe"), 0600), 0);
    ok("{\"operation\":\"list_dir\",\"path\":\"sub\"}",
       "\"operation\":\"list_dir\",\"path\":\"sub\",\"entries\":["
       "{\"name\":\"B\",\"type\":\"file\",\"size\":1,\"modified\":\"TIME\"},"
       "{\"name\":\"a\\nc\",\"type\":\"file\",\"size\":0,\"modified\":\"TIME\"},"
       "{\"name\":\"b\",\"type\":\"file\",\"size\":2,\"modified\":\"TIME\"},"
       "{\"name\":\"link\",\"type\":\"link\",\"size\":7,\"modified\":\"TIME\",\"target\":\"../gone\"},"
       "{\"name\":\"pipe\",\"type\":\"other\",\"size\":0,\"modified\":\"TIME\"}],"
       "\"total\":5,\"offset\":0,\"truncated\":false");
    ok("{\"operation\":\"list_dir\",\"path\":\"sub\",\"offset\":1,\"limit\":1}",
       "\"operation\":\"list_dir\",\"path\":\"sub\",\"entries\":["
       "{\"name\":\"a\\nc\",\"type\":\"file\",\"size\":0,\"modified\":\"TIME\"}],"
       "\"total\":5,\"offset\":1,\"truncated\":true,\"next_offset\":2,"
       "\"message\":\"entries 1 to 1 of 5; go on with offset 2\"");
    ok("{\"operation\":\"list_dir\",\"path\":\"sub\",\"offset\":9}",
       "\"operation\":\"list_dir\",\"path\":\"sub\",\"entries\":[],\"total\":5,\"offset\":9,"
       "\"truncated\":false");
    refused("{\"operation\":\"list_dir\",\"path\":\"sub/b\"}", HEXMCP_E_INVALID,
            "sub/b is a file, not a folder");
}

#define MADE(path, is_new, folders)                                                                \
    "\"operation\":\"create_dir\",\"path\":\"" path "\",\"is_new\":" is_new ",\"folders\":" folders

static void test_create_dir(void **state)
{
    (void)state;
    tree_put("w/file", "");
    tree_link("../o", "w/out");
    ok("{\"operation\":\"create_dir\",\"path\":\"a\"}", MADE("a", "true", "1"));
    ok("{\"operation\":\"create_dir\",\"path\":\"a/./b/../c//d\",\"recursive\":true}",
       MADE("a/./b/../c//d", "true", "2"));
    assert_gone("w/a/b");
    ok("{\"operation\":\"create_dir\",\"path\":\"a/c/d/\",\"recursive\":true}",
       MADE("a/c/d/", "false", "0"));
    refused("{\"operation\":\"create_dir\",\"path\":\"a\"}", HEXMCP_E_INVALID,
            "a exists already; with recursive true a folder that is there is fine");
    refused("{\"operation\":\"create_dir\",\"path\":\"file\",\"recursive\":true}", HEXMCP_E_INVALID,
            "file is a file, not a folder");
    refused("{\"operation\":\"create_dir\",\"path\":\"x/y\"}", HEXMCP_E_NOT_FOUND,
            "the folder of x/y does not exist; make it first with the operation create_dir and "
            "recursive true");
    refused("{\"operation\":\"create_dir\",\"path\":\"out\",\"recursive\":true}", HEXMCP_E_DENIED,
            "out leads out of the granted folder T/w through a link; links are followed inside of it "
            "only");
    refused("{\"operation\":\"create_dir\",\"path\":\"out/x/y\",\"recursive\":true}",
            HEXMCP_E_DENIED,
            "out/x/y leads out of the granted folder T/w through a link; links are followed inside "
            "of it only");
    assert_gone("o/x");
}

static void test_copy_file(void **state)
{
    (void)state;
    tree_put("w/a", "content");
    assert_int_equal(chmod(tree_path("w/a"), 0700), 0);
    tree_folder("w/sub");
    ok("{\"operation\":\"copy\",\"path\":\"a\",\"target_path\":\"sub/b\"}",
       "\"operation\":\"copy\",\"path\":\"a\",\"target_path\":\"sub/b\",\"type\":\"file\",\"size\":7");
    assert_file("w/sub/b", "content", 0700);
    tree_put("w/a", "newer");
    refused("{\"operation\":\"copy\",\"source_path\":\"a\",\"target_path\":\"sub/b\"}",
            HEXMCP_E_INVALID,
            "sub/b exists already; give overwrite true to replace it, or another path");
    ok("{\"operation\":\"copy\",\"source_path\":\"a\",\"target_path\":\"sub/b\",\"overwrite\":true}",
       "\"operation\":\"copy\",\"path\":\"a\",\"target_path\":\"sub/b\",\"type\":\"file\",\"size\":5,"
       "\"replaced\":true");
    assert_file("w/sub/b", "newer", 0);
    refused("{\"operation\":\"copy\",\"source_path\":\"a\",\"target_path\":\"sub\"}",
            HEXMCP_E_INVALID,
            "sub is a folder; give the whole new path, with the name in that folder");
    refused("{\"operation\":\"copy\",\"source_path\":\"a\",\"target_path\":\"./a\","
            "\"overwrite\":true}",
            HEXMCP_E_INVALID,
            "./a is what is to be copied or moved itself; give another target_path");
    refused("{\"operation\":\"copy\",\"source_path\":\"no\",\"target_path\":\"x\"}",
            HEXMCP_E_NOT_FOUND, "no does not exist");
    assert_int_equal(truncate(tree_path("w/a"), 100 * 1024 * 1024 + 1), 0);
    refused("{\"operation\":\"copy\",\"source_path\":\"a\",\"target_path\":\"x\"}",
            HEXMCP_E_TOO_LARGE,
            "a has more than 104857600 bytes, the most for a file; copy it by other means");
    assert_gone("w/x");
}

/* w/from: a file of 3 bytes, one of 2 in a folder of rights 0700, a link, a pipe. */
static void make_tree(void)
{
    tree_folder("w/from");
    tree_folder("w/from/deep");
    tree_put("w/from/a", "one");
    tree_put("w/from/deep/b", "22");
    tree_link("../nowhere", "w/from/link");
    assert_int_equal(chmod(tree_path("w/from/deep"), 0700), 0);
}

static void test_copy_folder(void **state)
{
    char target[20];
    struct stat st;
    (void)state;
    make_tree();
    refused("{\"operation\":\"copy\",\"source_path\":\"from\",\"target_path\":\"to\"}",
            HEXMCP_E_INVALID,
            "from is a folder; give recursive true to copy it with all that is in it");
    ok("{\"operation\":\"copy\",\"source_path\":\"from\",\"target_path\":\"to\",\"recursive\":true}",
       "\"operation\":\"copy\",\"path\":\"from\",\"target_path\":\"to\",\"type\":\"folder\","
       "\"size\":5,\"files\":2,\"folders\":2,\"links\":1");
    assert_file("w/to/a", "one", 0644);
    assert_file("w/to/deep/b", "22", 0);
    assert_int_equal(stat(tree_path("w/to/deep"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(readlink(tree_path("w/to/link"), target, sizeof(target)), 10);
    assert_memory_equal(target, "../nowhere", 10);
    refused("{\"operation\":\"copy\",\"source_path\":\"from\",\"target_path\":\"to\","
            "\"recursive\":true,\"overwrite\":true}",
            HEXMCP_E_INVALID,
            "to exists already, and folders are not merged; give a target_path where nothing is");
    refused("{\"operation\":\"copy\",\"source_path\":\"from\",\"target_path\":\"from/deep/x\","
            "\"recursive\":true}",
            HEXMCP_E_INVALID,
            "from/deep/x is inside of from, which cannot go into itself; give another target_path");
    assert_gone("w/from/deep/x");
}

static void test_copy_tells_what_it_left_out(void **state)
{
    (void)state;
    make_tree();
    assert_int_equal(mkfifo(tree_path("w/from/pipe"), 0600), 0);
    assert_int_equal(link(tree_path("w/from/a"), tree_path("w/from/second")), 0);
    ok("{\"operation\":\"copy\",\"source_path\":\"from\",\"target_path\":\"to\",\"recursive\":true}",
       "\"operation\":\"copy\",\"path\":\"from\",\"target_path\":\"to\",\"type\":\"folder\","
       "\"size\":2,\"files\":1,\"folders\":2,\"links\":1,\"skipped\":3,"
       "\"message\":\"3 entries were left out, the first because from/a has 2 names (hard links), "
       "and others may be outside of the granted folders; grants.hard_links lets such files be "
       "opened\"");
}

#define MOVED(from, to, type)                                                                      \
    "\"operation\":\"move\",\"path\":\"" from "\",\"target_path\":\"" to "\",\"type\":\"" type "\""

static void test_move(void **state)
{
    (void)state;
    make_tree();
    ok("{\"operation\":\"move\",\"source_path\":\"from\",\"target_path\":\"to\"}",
       MOVED("from", "to", "folder"));
    assert_gone("w/from");
    ok("{\"operation\":\"move\",\"source_path\":\"to/link\",\"target_path\":\"link\"}",
       MOVED("to/link", "link", "link"));
    tree_put("w/x", "x");
    refused("{\"operation\":\"move\",\"source_path\":\"x\",\"target_path\":\"to/a\"}",
            HEXMCP_E_INVALID,
            "to/a exists already; give overwrite true to replace it, or another path");
    ok("{\"operation\":\"move\",\"source_path\":\"x\",\"target_path\":\"to/a\",\"overwrite\":true}",
       MOVED("x", "to/a", "file") ",\"replaced\":true");
    assert_file("w/to/a", "x", 0);
    assert_gone("w/x");
    refused("{\"operation\":\"move\",\"source_path\":\"to\",\"target_path\":\"to/deep/to\"}",
            HEXMCP_E_INVALID,
            "to/deep/to is inside of to, which cannot go into itself; give another target_path");
    refused("{\"operation\":\"move\",\"source_path\":\"to/a\",\"target_path\":\"to/deep\","
            "\"overwrite\":true}",
            HEXMCP_E_INVALID,
            "to/deep is a folder; give the whole new path, with the name in that folder");
    refused("{\"operation\":\"move\",\"source_path\":\"no\",\"target_path\":\"x\"}",
            HEXMCP_E_NOT_FOUND, "cannot move no: it does not exist");
    refused("{\"operation\":\"move\",\"source_path\":\".\",\"target_path\":\"x\"}", HEXMCP_E_DENIED,
            ". is the granted folder itself, which can be neither changed nor named as an entry");
}

#define DELETED(path, type, count)                                                                 \
    "\"operation\":\"delete\",\"path\":\"" path "\",\"type\":\"" type "\",\"deleted\":" count

static void test_delete(void **state)
{
    (void)state;
    make_tree();
    tree_link("from", "w/link");
    tree_folder("w/empty");
    ok("{\"operation\":\"delete\",\"path\":\"link\",\"recursive\":true}", DELETED("link", "link", "1"));
    ok("{\"operation\":\"delete\",\"path\":\"empty\"}", DELETED("empty", "folder", "1"));
    ok("{\"operation\":\"delete\",\"path\":\"from/deep/b\"}", DELETED("from/deep/b", "file", "1"));
    refused("{\"operation\":\"delete\",\"path\":\"from\"}", HEXMCP_E_INVALID,
            "from is a folder that is not empty; give recursive true to delete it with all that is "
            "in it");
    tree_link("../../o", "w/from/deep/out");
    tree_put("o/kept", "kept");
    ok("{\"operation\":\"delete\",\"path\":\"from\",\"recursive\":true}",
       DELETED("from", "folder", "5") ",\"size\":3,\"files\":1,\"folders\":2,\"links\":2");
    assert_gone("w/from");
    assert_file("o/kept", "kept", 0);
    refused("{\"operation\":\"delete\",\"path\":\"from\"}", HEXMCP_E_NOT_FOUND,
            "cannot delete from: it does not exist");
    refused("{\"operation\":\"delete\",\"path\":\".\",\"recursive\":true}", HEXMCP_E_DENIED,
            ". is the granted folder itself, which can be neither changed nor named as an entry");
}

static void test_recursive_delete_is_a_setting(void **state)
{
    (void)state;
    tree_end(&plugin);
    tree_begin(&plugin, "hexmcp.file-operations", "{}");
    make_tree();
    refused("{\"operation\":\"delete\",\"path\":\"from\",\"recursive\":true}", HEXMCP_E_DENIED,
            "from is a folder, and deleting folders with what is in them is switched off; delete "
            "what is in it first, or let the operator set allowRecursiveDelete in the settings of "
            "hexmcp.file-operations");
    assert_file("w/from/a", "one", 0);
    ok("{\"operation\":\"delete\",\"path\":\"from/a\",\"recursive\":true}",
       DELETED("from/a", "file", "1"));
}

static void test_depth(void **state)
{
    (void)state;
    char args[1000], below[1000] = "w/d";
    tree_folder(below);
    for (int i = 0; i < 101; i++) {
        strncat(below, "/d", 3);
        tree_folder(below);
    }
    snprintf(args, sizeof(args),
             "{\"operation\":\"copy\",\"source_path\":\"d\",\"target_path\":\"e\",\"recursive\":true}");
    refused(args, HEXMCP_E_TOO_LARGE, "d has folders more than 100 deep; work on the deeper ones first");
    refused("{\"operation\":\"delete\",\"path\":\"d\",\"recursive\":true}", HEXMCP_E_TOO_LARGE,
            "d has folders more than 100 deep; work on the deeper ones first");
}

static void test_read_only_folder(void **state)
{
    (void)state;
    char args[300], text[300];
    tree_put("r/doc", "document");
    static const char *const changes[] = {
        "{\"operation\":\"write\",\"input\":\"x\",\"path\":\"%s\"}",
        "{\"operation\":\"append\",\"input\":\"x\",\"path\":\"%s\"}",
        "{\"operation\":\"delete\",\"path\":\"%s\"}",
        "{\"operation\":\"create_dir\",\"path\":\"%s\",\"recursive\":true}",
        "{\"operation\":\"move\",\"source_path\":\"%s\",\"target_path\":\"got\"}",
    };
    snprintf(text, sizeof(text),
             "T/r/doc may be read but not changed: T/r is granted for reading. --allow-write or "
             "grants.write grants more");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        /* The format is one of the five above. */
        char *at = strstr(changes[i], "%s");
        snprintf(args, sizeof(args), "%.*s%s%s", (int)(at - changes[i]), changes[i],
                 tree_path("r/doc"), at + 2);
        refused(args, HEXMCP_E_DENIED, text);
    }
    snprintf(args, sizeof(args), "{\"operation\":\"copy\",\"source_path\":\"%s\",\"target_path\":\"got\"}",
             tree_path("r/doc"));
    ok(args, "\"operation\":\"copy\",\"path\":\"T/r/doc\",\"target_path\":\"got\",\"type\":\"file\","
             "\"size\":8");
    assert_file("r/doc", "document", 0);
    assert_file("w/got", "document", 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, load, unload)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_list_dir),
        T(test_create_dir),
        T(test_copy_file),
        T(test_copy_folder),
        T(test_copy_tells_what_it_left_out),
        T(test_move),
        T(test_delete),
        T(test_recursive_delete_is_a_setting),
        T(test_depth),
        T(test_read_only_folder),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("file-operations on folders", tests, NULL, NULL);
}
