/* file-search: what is found, where, in which order, what is left out and how that is told. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/granted_tree.h"

#define TOOL "file-search"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    tree_begin(&plugin, "hexmcp.file-search", "{}");
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
    char json[8192];
    snprintf(json, sizeof(json), "{\"structuredContent\":{%s}}", members);
    assert_told(&plugin, TOOL, args, json);
}

static void refused(const char *args, int32_t code, const char *text)
{
    assert_refused(&plugin, TOOL, args, code, text);
}

#define SUMMARY_MORE(total, searched, skipped, binary, large, unreadable, more)                    \
    "\"summary\":{\"total_matches\":" total ",\"files_searched\":" searched                          \
    ",\"files_skipped\":" skipped ",\"skipped_binary\":" binary ",\"skipped_too_large\":" large      \
    ",\"skipped_unreadable\":" unreadable ",\"truncated\":" more "}"
#define SUMMARY(total, searched) SUMMARY_MORE(total, searched, "0", "0", "0", "0", "false")
#define MATCH(path, number, column, content, text, before, after)                                  \
    "{\"path\":\"" path "\",\"line_number\":" number ",\"column_number\":" column                     \
    ",\"line_content\":\"" content "\",\"matched_text\":\"" text "\",\"context_before\":[" before     \
    "],\"context_after\":[" after "]}"
#define NONE "\"matches\":[],"

static void test_lines_and_context(void **state)
{
    (void)state;
    tree_put("w/a", "one\ntwo \xC3\xA9 hit hit\nthree\nfour\nhit");
    ok("{\"pattern\":\"hit\",\"path\":\"a\"}",
       "\"matches\":["
       MATCH("a", "2", "7", "two \xC3\xA9 hit hit", "hit", "\"one\"", "\"three\",\"four\"") ","
       MATCH("a", "5", "1", "hit", "hit", "\"three\",\"four\"", "") "]," SUMMARY("2", "1"));
    ok("{\"pattern\":\"hit\",\"path\":\"a\",\"context_lines\":0,\"max_matches_per_file\":1}",
       "\"matches\":[" MATCH("a", "2", "7", "two \xC3\xA9 hit hit", "hit", "", "") "],"
       SUMMARY("1", "1"));
    ok("{\"pattern\":\"Hit\",\"path\":\"a\"}", NONE SUMMARY("0", "1"));
    ok("{\"pattern\":\"FOUR\",\"path\":\"a\",\"case_sensitive\":false,\"context_lines\":1}",
       "\"matches\":[" MATCH("a", "4", "1", "four", "four", "\"three\"", "\"hit\"") "],"
       SUMMARY("1", "1"));
}

static void test_line_ends(void **state)
{
    (void)state;
    tree_put("w/a", "\r\none\r\n\r\ntwo\r\n");
    ok("{\"pattern\":\"^one$\",\"path\":\"a\",\"use_regex\":true,\"context_lines\":3}",
       "\"matches\":[" MATCH("a", "2", "1", "one", "one", "\"\"", "\"\",\"two\"") "],"
       SUMMARY("1", "1"));
    ok("{\"pattern\":\"^$\",\"path\":\"a\",\"use_regex\":true,\"context_lines\":0}",
       "\"matches\":[" MATCH("a", "1", "1", "", "", "", "") ","
       MATCH("a", "3", "1", "", "", "", "") "]," SUMMARY("2", "1"));
    tree_put("w/a", "");
    ok("{\"pattern\":\"^\",\"path\":\"a\",\"use_regex\":true}", NONE SUMMARY("0", "1"));
}

/* Each finds the line 2 alone, in whichever of the ways it is tried. */
static void test_a_match_stays_in_its_line(void **state)
{
    static const char *const patterns[] = {
        "b[^x]*c",      "b\\\\s*c",       "(?<=a)b.*c",   "(?<!\\\\n)b+ c",  "b[^x]*+$",  "\\\\Aab.*c\\\\z",
        "(?>ab) c",     "ab(?= c)",       "(?s)b.*c",     "(b)(?: )c",       "b\\\\W+c", "ab (?!d)",
    };
    (void)state;
    tree_put("w/a", "ab\nab c\nc\nb\n\nc ab");
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char args[200];
        hexmcp_fake_answer answer;
        snprintf(args, sizeof(args), "{\"pattern\":\"%s\",\"path\":\"a\",\"use_regex\":true}",
                 patterns[i]);
        plugin_run(&plugin, TOOL, args, strlen(args), &answer);
        assert_int_equal(answer.status, HEXMCP_OK);
        int only = strcmp(patterns[i], "b[^x]*+$") != 0;
        if (!strstr(answer.json, "\"line_number\":2,") ||
            (only && !strstr(answer.json, "\"total_matches\":1,")))
            fail_msg("%s: %s", patterns[i], answer.json);
        hexmcp_fake_answer_free(&answer);
    }
}

static void test_regex_refusals(void **state)
{
    (void)state;
    refused("{\"pattern\":\"a(b\",\"path\":\"a\",\"use_regex\":true}", HEXMCP_E_INVALID,
            "pattern \"a(b\" is wrong at position 3: missing closing parenthesis; correct it, or "
            "leave use_regex out to look for the text itself");
    refused("{\"pattern\":\"a\\nb\",\"path\":\"a\"}", HEXMCP_E_INVALID,
            "pattern has a line break in it, but lines are searched one by one; look for one of its "
            "lines");
    refused("{\"pattern\":\"\",\"path\":\"a\"}", HEXMCP_E_INVALID,
            "pattern is empty; give at least a character");
    refused("{\"pattern\":\"a\",\"path\":\"a\",\"include\":[\"*.{c,h\"]}", HEXMCP_E_INVALID,
            "include has the pattern \"*.{c,h\" with a [ or { that is not closed; close it, or put "
            "\\ before it");
    refused("{\"pattern\":\"a\",\"path\":\"a\",\"limit\":1001}", HEXMCP_E_INVALID,
            "limit is out of range; give a whole number from 1 to 1000");
    refused("{\"pattern\":\"a\",\"path\":\"no\"}", HEXMCP_E_NOT_FOUND, "no does not exist");
    refused("{\"pattern\":\"a\",\"path\":\"../o\"}", HEXMCP_E_DENIED,
            "\"../o\" leads above the folder that it begins in");
}

static void test_a_pattern_that_is_too_hard(void **state)
{
    (void)state;
    tree_put("w/a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\nax\n");
    ok("{\"pattern\":\"^(a+)+x?$\",\"path\":\"a\",\"use_regex\":true,\"context_lines\":0}",
       "\"matches\":[" MATCH("a", "2", "1", "ax", "ax", "", "") "],"
       "\"summary\":{\"total_matches\":1,\"files_searched\":1,\"files_skipped\":0,"
       "\"skipped_binary\":0,\"skipped_too_large\":0,\"skipped_unreadable\":0,\"truncated\":false,"
       "\"message\":\"1 lines were left out because the pattern takes too many steps on them; write "
       "it simpler.\"}");
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    tree_put_bytes("w/a", "x\xFF\xC3 hit \xE2\x82\nhit\n", 15);
    ok("{\"pattern\":\"hit\",\"path\":\"a\",\"context_lines\":0}",
       "\"matches\":[" MATCH("a", "1", "5", "x\xEF\xBF\xBD\xEF\xBF\xBD hit \xEF\xBF\xBD\xEF\xBF\xBD",
                            "hit", "", "") "," MATCH("a", "2", "1", "hit", "hit", "", "") "],"
       SUMMARY("2", "1"));
    ok("{\"pattern\":\"h.t\",\"path\":\"a\",\"use_regex\":true,\"context_lines\":0,\"limit\":2}",
       "\"matches\":[" MATCH("a", "1", "5", "x\xEF\xBF\xBD\xEF\xBF\xBD hit \xEF\xBF\xBD\xEF\xBF\xBD",
                            "hit", "", "") "," MATCH("a", "2", "1", "hit", "hit", "", "") "],"
       SUMMARY("2", "1"));
}

static void test_long_lines(void **state)
{
    char line[1200], expected[1400];
    (void)state;
    memset(line, 'a', 1000);
    memcpy(line + 600, "hit", 3);
    line[1000] = '\0';
    tree_put("w/a", line);
    snprintf(expected, sizeof(expected),
             "\"matches\":[{\"path\":\"a\",\"line_number\":1,\"column_number\":601,"
             "\"line_content\":\"\xE2\x80\xA6%.400s\xE2\x80\xA6\",\"matched_text\":\"hit\","
             "\"context_before\":[],\"context_after\":[]}]," SUMMARY("1", "1"),
             line + 500);
    ok("{\"pattern\":\"hit\",\"path\":\"a\"}", expected);
    line[0] = 'h'; /* so that 400 bytes end within a character */
    for (int i = 0; i < 400; i++)
        memcpy(line + 1 + 2 * i, "\xC3\xA9", 2);
    line[801] = '\0';
    tree_put("w/a", line);
    snprintf(expected, sizeof(expected),
             "\"matches\":[{\"path\":\"a\",\"line_number\":1,\"column_number\":1,"
             "\"line_content\":\"%.399s\xE2\x80\xA6\",\"matched_text\":\"h\","
             "\"context_before\":[],\"context_after\":[]}]," SUMMARY("1", "1"),
             line);
    ok("{\"pattern\":\"h\",\"path\":\"a\"}", expected);
}

static void make_tree(void)
{
    tree_put("w/b.c", "hit\n");
    tree_put("w/a.h", "hit\n");
    tree_folder("w/src");
    tree_put("w/src/m.c", "hit\n");
    tree_put("w/src/m.min.js", "hit\n");
    tree_folder("w/src/deep");
    tree_put("w/src/deep/t.c", "hit\n");
    tree_folder("w/.git");
    tree_put("w/.git/config", "hit\n");
    tree_folder("w/src/.svn");
    tree_put("w/src/.svn/entries", "hit\n");
    tree_link("src", "w/link");
    tree_link("b.c", "w/link.c");
    tree_put_bytes("w/bin", "hit\0", 4);
}

/* The paths of the matches, each with a blank behind it. */
static void assert_paths(const char *more, const char *paths)
{
    char args[400], found[1000] = "";
    hexmcp_fake_answer answer;
    hexmcp_str result = {NULL, 0}, matches = result, match = result, path = result;
    snprintf(args, sizeof(args), "{\"pattern\":\"hit\",\"path\":\".\"%s}", more);
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s", answer.error.text);
    assert_int_equal(hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &result), 0);
    assert_int_equal(hexmcp_json_get(result, "matches", &matches), 0);
    hexmcp_json_iter it = hexmcp_json_iter_begin(matches);
    while (hexmcp_json_next(&it, NULL, &match)) {
        char text[200];
        assert_int_equal(hexmcp_json_get(match, "path", &path), 0);
        assert_int_equal(hexmcp_json_string(path, text, sizeof(text), NULL), 0);
        size_t used = strlen(found);
        snprintf(found + used, sizeof(found) - used, "%s ", text);
    }
    hexmcp_fake_answer_free(&answer);
    assert_string_equal(found, paths);
}

#define ALL ",\"recursive\":true"

static void test_which_files(void **state)
{
    (void)state;
    make_tree();
    assert_paths("", "a.h b.c ");
    assert_paths(ALL, "a.h b.c src/deep/t.c src/m.c src/m.min.js ");
    assert_paths(ALL ",\"max_depth\":1", "a.h b.c src/m.c src/m.min.js ");
    assert_paths(ALL ",\"max_depth\":0", "a.h b.c ");
    assert_paths(ALL ",\"include_extensions\":[\"c\"]", "b.c src/deep/t.c src/m.c ");
    assert_paths(ALL ",\"include_extensions\":[\".min.js\",\"h\"]", "a.h src/m.min.js ");
    assert_paths(ALL ",\"exclude_extensions\":[\"c\",\"js\"]", "a.h ");
    assert_paths(ALL ",\"exclude_dirs\":[\"deep\"]", "a.h b.c src/m.c src/m.min.js ");
    assert_paths(ALL ",\"exclude_dirs\":[\"src/deep\"]", "a.h b.c src/deep/t.c src/m.c src/m.min.js ");
}

static void test_globs(void **state)
{
    (void)state;
    make_tree();
    assert_paths(ALL ",\"include\":[\"*.c\"]", "b.c src/deep/t.c src/m.c ");
    assert_paths(ALL ",\"include\":[\"*.{h,js}\"]", "a.h src/m.min.js ");
    assert_paths(ALL ",\"include\":[\"src/*.c\"]", "src/m.c ");
    assert_paths(ALL ",\"include\":[\"src/**/*.c\"]", "src/deep/t.c src/m.c ");
    assert_paths(ALL ",\"include\":[\"**/t.c\",\"?.h\"]", "a.h src/deep/t.c ");
    assert_paths(ALL ",\"include\":[\"**/[!a-m].c\"]", "src/deep/t.c ");
    assert_paths(ALL ",\"include\":[\"[ab].{c,{h,x}}\"]", "a.h b.c ");
    assert_paths(ALL ",\"include\":[\"src**\"]", "");
    assert_paths(ALL ",\"include\":[\"src/**\"]", "src/deep/t.c src/m.c src/m.min.js ");
    assert_paths(ALL ",\"exclude\":[\"deep\",\"*.min.*\"]", "a.h b.c src/m.c ");
    assert_paths(ALL ",\"exclude\":[\"src/deep/**\"]", "a.h b.c src/m.c src/m.min.js ");
    assert_paths(ALL ",\"include\":[\"\\\\a.h\"]", "a.h ");
    assert_paths(ALL ",\"include\":[\"a.*\"],\"exclude\":[\"?.h\"]", "");
}

static void test_what_is_skipped_is_counted(void **state)
{
    (void)state;
    tree_put("w/a", "hit");
    tree_put("w/large", "hit and more");
    tree_put_bytes("w/binary", "hit\0", 4);
    tree_put("w/twice", "hit");
    assert_int_equal(link(tree_path("w/twice"), tree_path("o/twice")), 0);
    tree_folder("w/sub");
    ok("{\"pattern\":\"hit\",\"path\":\".\",\"max_file_size\":11,\"recursive\":true,\"max_depth\":0}",
       "\"matches\":[" MATCH("a", "1", "1", "hit", "hit", "", "") "],"
       "\"summary\":{\"total_matches\":1,\"files_searched\":1,\"files_skipped\":3,"
       "\"skipped_binary\":1,\"skipped_too_large\":1,\"skipped_unreadable\":1,\"truncated\":false,"
       "\"message\":\"1 folders are deeper than max_depth. 1 files or folders could not be opened, "
       "the first because twice has 2 names (hard links), and others may be outside of the granted "
       "folders; grants.hard_links lets such files be opened.\"}");
}

static void test_results_are_limited(void **state)
{
    (void)state;
    tree_put("w/a", "hit\nhit\n");
    tree_put("w/b", "hit\n");
    ok("{\"pattern\":\"hit\",\"path\":\".\",\"limit\":2,\"context_lines\":0}",
       "\"matches\":[" MATCH("a", "1", "1", "hit", "hit", "", "") ","
       MATCH("a", "2", "1", "hit", "hit", "", "") "],"
       "\"next_offset\":2,\"summary\":{\"total_matches\":2,\"files_searched\":2,\"files_skipped\":0,"
       "\"skipped_binary\":0,\"skipped_too_large\":0,\"skipped_unreadable\":0,\"truncated\":true,"
       "\"message\":\"there are more matches; go on with next_offset, or narrow "
       "the pattern or the path.\"}");
    assert_paths(",\"limit\":3", "a a b ");
    ok("{\"pattern\":\"hit\",\"path\":\".\",\"limit\":2,\"offset\":2,\"context_lines\":0}",
       "\"matches\":[" MATCH("b", "1", "1", "hit", "hit", "", "") "]," SUMMARY("1", "2"));
    ok("{\"pattern\":\"hit\",\"path\":\".\",\"offset\":3}", NONE SUMMARY("0", "2"));
    refused("{\"pattern\":\"hit\",\"path\":\".\",\"offset\":-1}", HEXMCP_E_INVALID,
            "offset is out of range; give a whole number from 0 to 10000000");
}

static void test_long_results_are_limited(void **state)
{
    (void)state;
    hexmcp_fake_answer answer;
    char *text = malloc(1000 * 400 + 1);
    for (int i = 0; i < 1000; i++) {
        memset(text + 400 * i, 'x', 399);
        text[400 * i + 399] = '\n';
    }
    text[1000 * 400] = '\0';
    tree_put("w/a", text);
    free(text);
    const char args[] = "{\"pattern\":\"x\",\"path\":\".\",\"context_lines\":10}";
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    assert_int_equal(answer.status, HEXMCP_OK);
    assert_in_range(strlen(answer.json), 2 * 1024 * 1024, 2 * 1024 * 1024 + 20000);
    assert_non_null(strstr(answer.json, "\"truncated\":true,\"message\":\"the matches have more than 2 "
                                        "MiB; go on with next_offset, narrow the pattern or give fewer context_lines.\""));
    hexmcp_fake_answer_free(&answer);
}

static void test_paths_are_those_to_open(void **state)
{
    char args[300], expected[300];
    (void)state;
    tree_folder("r/sub");
    tree_put("r/sub/a", "hit");
    snprintf(args, sizeof(args), "{\"pattern\":\"hit\",\"path\":\"%s/\",\"recursive\":true}",
             tree_path("r"));
    snprintf(expected, sizeof(expected), "%s",
             "\"matches\":[" MATCH("T/r/sub/a", "1", "1", "hit", "hit", "", "") "]," SUMMARY("1", "1"));
    ok(args, expected);
}

static void test_cancelled(void **state)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_fake_answer answer;
    (void)state;
    tree_put("w/a", "hit");
    hexmcp_call call = hexmcp_fake_open(plugin.fake);
    hexmcp_fake_mark_cancelled(plugin.fake, call);
    int32_t status =
        plugin.tool->call(plugin.tool->self, call, hexmcp_str_from(TOOL),
                          hexmcp_str_from("{\"pattern\":\"hit\",\"path\":\".\"}"), &err);
    hexmcp_fake_close(plugin.fake, call, status, &err, &answer);
    assert_int_equal(answer.outcome, HEXMCP_CANCELLED);
    hexmcp_fake_answer_free(&answer);
}

static void test_progress(void **state)
{
    (void)state;
    for (int i = 0; i < 130; i++) {
        char name[20];
        snprintf(name, sizeof(name), "w/%03d", i);
        tree_put(name, "");
    }
    assert_paths("", "");
    assert_int_equal(hexmcp_fake_notes(plugin.fake, HEXMCP_FAKE_NOTE_PROGRESS), 2);
}

#define T(test) cmocka_unit_test_setup_teardown(test, load, unload)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_lines_and_context),
        T(test_line_ends),
        T(test_a_match_stays_in_its_line),
        T(test_regex_refusals),
        T(test_a_pattern_that_is_too_hard),
        T(test_bytes_that_are_no_text),
        T(test_long_lines),
        T(test_which_files),
        T(test_globs),
        T(test_what_is_skipped_is_counted),
        T(test_results_are_limited),
        T(test_long_results_are_limited),
        T(test_paths_are_those_to_open),
        T(test_cancelled),
        T(test_progress),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("file-search", tests, NULL, NULL);
}
