/* Profiles, the cap on tokens, and the facade, over a real registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/json/json.h"
#include "core/toolset/cost.h"
#include "core/toolset/facade.h"
#include "core/toolset/find_tools.h"
#include "core/toolset/profile.h"

#define OWN "{\"mine\":{\"include\":[\"hash-*\",\"category:w?b\",\"plugin:org.x\"],\"exclude\":[\"hash-b\"]}}"
#define SCHEMA "\"inputSchema\":{\"type\":\"object\"}"

struct world {
    struct registry *registry;
    struct tool_set *set;
    char told[300];
};

static void add_tool(struct world *w, const char *plugin, const char *name, const char *category,
                     enum tool_level level, const char *json)
{
    struct item tool = {.local_name = str_from(name),
                        .plugin_id = str_from(plugin),
                        .category = str_from(category),
                        .json = str_from(json),
                        .level = level,
                        .plugin = (uint32_t)strlen(plugin)};
    struct error err;
    if (registry_add(w->registry, &tool, &err))
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct error err;
    w->registry = registry_new();
    assert_int_equal(facade_register(w->registry, &err), ST_OK);
    add_tool(w, "hexmcp.a", "hash-a", "utilities", TOOL_SAFE,
             "{\"title\":\"Hashes\",\"description\":\"Computes a checksum.\"," SCHEMA
             ",\"annotations\":{\"readOnlyHint\":true},\"run\":{\"aliases\":[\"digester\"]}}");
    add_tool(w, "hexmcp.b", "hash-b", "utilities", TOOL_SAFE, "{" SCHEMA "}");
    add_tool(w, "hexmcp.c", "fetch", "web", TOOL_RESTRICTED,
             "{\"description\":\"Downloads a page.\",\"inputSchema\" : { \"type\": \"object\", "
             "\"properties\": {\"url\": {\"type\": \"string\"}, \"how\": {\"enum\": [\"archive\"]}}}}");
    add_tool(w, "org.x", "mine", "", TOOL_SAFE, "{" SCHEMA "}");
    add_tool(w, "hexmcp.c", "root", "system", TOOL_PRIVILEGED, "{" SCHEMA "}");
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    tool_set_free(w->set);
    registry_free(w->registry);
    free(w);
    return 0;
}

static void tell(void *ctx, struct str text)
{
    struct world *w = ctx;
    snprintf(w->told, sizeof(w->told), "%.*s", STR_ARG(text));
}

static void choose(struct world *w, const char *profile, enum facade_mode facade, uint32_t cap)
{
    struct tool_set_parts parts = {.registry = w->registry,
                                   .highest_level = TOOL_RESTRICTED,
                                   .profile = str_from(profile),
                                   .profiles = STR(OWN),
                                   .facade = facade,
                                   .max_tokens = cap,
                                   .tell = tell,
                                   .ctx = w};
    struct error err;
    tool_set_free(w->set);
    w->set = NULL;
    w->told[0] = '\0';
    if (tool_set_new(&parts, &w->set, &err))
        fail_msg("%s", err.text);
}

/* The names of the tools that the function takes, and must be these. */
static void are(struct world *w, bool (*takes)(struct tool_set *, const struct item *),
                const char *want)
{
    const struct item *tool = NULL;
    char got[300] = "";
    while ((tool = registry_next(w->registry, ITEM_TOOL, tool ? tool->order : 0)))
        if (takes(w->set, tool))
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", got[0] ? " " : "",
                     STR_ARG(tool->name));
    assert_string_equal(got, want);
}

#define ALL "hash-a hash-b fetch mine root"
#define FACADE "tool_search tool_call"

static void test_everything_needs_no_facade(void **state)
{
    struct world *w = *state;
    choose(w, "everything", FACADE_AUTO, 0);
    assert_false(tool_set_wants_facade(w->set));
    are(w, tool_set_lists, ALL);
    are(w, tool_set_has, ALL);
    choose(w, "everything", FACADE_ON, 0);
    assert_true(tool_set_wants_facade(w->set));
    are(w, tool_set_lists, FACADE " " ALL);
    assert_true(tool_set_lists(NULL, registry_last(w->registry, ITEM_TOOL)));
    assert_true(tool_set_has(NULL, registry_last(w->registry, ITEM_TOOL)));
}

static void test_a_profile_leaves_the_rest_to_the_facade(void **state)
{
    struct world *w = *state;
    choose(w, "web", FACADE_AUTO, 0);
    assert_true(tool_set_wants_facade(w->set));
    are(w, tool_set_lists, FACADE " fetch mine");
    are(w, tool_set_has, FACADE " " ALL);
    choose(w, "mine", FACADE_AUTO, 0);
    are(w, tool_set_lists, FACADE " hash-a fetch mine");
    choose(w, "mine", FACADE_OFF, 0);
    assert_false(tool_set_wants_facade(w->set));
    are(w, tool_set_lists, "hash-a fetch mine");
    are(w, tool_set_has, "hash-a fetch mine");
    struct error err;
    assert_int_equal(
        tool_set_refuse(w->set, registry_find(w->registry, ITEM_TOOL, STR("hash-b")), &err),
        ST_UNAVAILABLE);
    assert_string_equal(err.text,
                        "tool \"hash-b\" is not in the profile \"mine\" (setting tools.profile)");
    assert_int_equal(
        tool_set_refuse(w->set, registry_find(w->registry, ITEM_TOOL, STR("tool_call")), &err),
        ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no tool \"tool_call\"");
}

static uint32_t cost_of(struct world *w, const char *name)
{
    return tool_cost(registry_find(w->registry, ITEM_TOOL, str_from(name)));
}

static void test_the_cap_cuts_in_order(void **state)
{
    struct world *w = *state;
    uint32_t facade = cost_of(w, "tool_search") + cost_of(w, "tool_call");
    uint32_t tools = cost_of(w, "hash-a") + cost_of(w, "hash-b") + cost_of(w, "fetch") +
                     cost_of(w, "mine");
    choose(w, "everything", FACADE_AUTO, tools);
    are(w, tool_set_lists, ALL); /* root costs nothing: nobody may call it */
    assert_string_equal(w->told, "");
    choose(w, "everything", FACADE_AUTO, facade + cost_of(w, "hash-a") + cost_of(w, "mine"));
    assert_true(facade + cost_of(w, "hash-a") + cost_of(w, "mine") > tools);
    are(w, tool_set_lists, ALL); /* all fit if the facade is not needed */
    choose(w, "everything", FACADE_OFF, tools - 1);
    are(w, tool_set_lists, "hash-a hash-b fetch root");
    are(w, tool_set_has, ALL);
    assert_string_equal(w->told, "tools.max_tokens is 93, which leaves 1 of the tools out of the list; they "
                                 "can be called by name alone, as tools.facade is off");
    choose(w, "everything", FACADE_AUTO, 1);
    are(w, tool_set_lists, FACADE " root");
    assert_string_equal(w->told, "tools.max_tokens is 1, which leaves 4 of the tools out of the list; "
                                 "tool_search finds them and tool_call calls them");
    struct tool_set_summary sum = tool_set_summary(w->set);
    assert_int_equal(sum.all, 4);
    assert_int_equal(sum.all_tokens, tools);
    assert_int_equal(sum.listed, 0);
    assert_int_equal(sum.cut, 4);
    assert_int_equal(sum.outside, 0);
    assert_int_equal(sum.tokens, facade);
    assert_true(sum.facade);
}

static void test_changes_are_seen(void **state)
{
    struct world *w = *state;
    struct error err;
    choose(w, "mine", FACADE_AUTO, 0);
    assert_true(tool_set_summary(w->set).facade);
    registry_remove(w->registry, 8, ITEM_TOOL, STR("hash-b"), &err);
    assert_false(tool_set_summary(w->set).facade); /* root is nobody's */
    are(w, tool_set_lists, "hash-a fetch mine");
    add_tool(w, "hexmcp.b", "other", "", TOOL_SAFE, "{" SCHEMA "}");
    are(w, tool_set_lists, FACADE " hash-a fetch mine");
}

static void wrong(const char *name, const char *own, const char *text)
{
    struct tool_set_parts parts = {.profile = str_from(name), .profiles = str_from(own)};
    struct tool_set *set;
    struct error err;
    assert_int_equal(tool_set_new(&parts, &set, &err), ST_CONFIG);
    assert_string_equal(err.text, text);
}

static void test_wrong_profiles(void **state)
{
    (void)state;
    wrong("develper", "{}",
          "tools.profile: there is no profile \"develper\"; did you mean \"developer\"?");
    wrong("mne", OWN, "tools.profile: there is no profile \"mne\"; did you mean \"mine\"?");
    wrong("zzzzzz", "{}",
          "tools.profile: there is no profile \"zzzzzz\"; there are minimal, developer, data, web, "
          "everything and those of tools.profiles");
    wrong("web", "{\"web\":{\"include\":[]}}",
          "tools.profiles: \"web\" is built in; choose another name");
    wrong("web", "{\"a\":[]}",
          "tools.profiles: \"a\" must be an object with \"include\", an array of patterns");
    wrong("web", "{\"a\":{\"include\":[1]}}",
          "tools.profiles: \"a\" must be an object with \"include\", an array of patterns");
    wrong("web", "{\"a\":{\"include\":[],\"except\":[]}}",
          "tools.profiles: \"a\" may have \"include\" and \"exclude\" alone");
    wrong("web", "{\"a\":{\"include\":[],\"exclude\":{}}}",
          "tools.profiles: \"a\" must have an array of patterns as \"exclude\"");
}

static void test_cost(void **state)
{
    struct world *w = *state;
    /* {"name":"hash-b","inputSchema":{"type":"object"}}, are 50 bytes */
    assert_int_equal(cost_of(w, "hash-b"), 12);
    /* Blanks between values do not count, those in strings do; neither does "run". */
    struct item tight = {.name = STR("a"), .json = STR("{\"x\":\"a b\",\"y\":[1,\"\\\" c\"]}")};
    struct item loose = {.name = STR("a"),
                         .json = STR("{ \"x\" : \"a b\",\n \"y\" : [ 1 , \"\\\" c\" ], \"run\": {} }")};
    assert_int_equal(tool_cost(&tight), 10);
    assert_int_equal(tool_cost(&loose), 10);
    assert_int_equal(tool_cost(&(struct item){.json = STR("{")}), 0);
}

/* ---- the facade ---- */

static bool unwrap(struct world *w, const char *tool, const char *arguments, const char *name)
{
    struct json_doc *doc;
    struct facade_call meant;
    assert_int_equal(json_parse(str_from(arguments), &doc, NULL), ST_OK);
    bool good = facade_unwrap(registry_find(w->registry, ITEM_TOOL, str_from(tool)), json_root(doc),
                              &meant);
    if (good)
        assert_true(json_is(meant.name, str_from(name)));
    json_free(doc);
    return good;
}

static void test_what_tool_call_means(void **state)
{
    struct world *w = *state;
    assert_true(unwrap(w, "tool_call", "{\"name\":\"x\"}", "x"));
    assert_true(unwrap(w, "tool_call", "{\"arguments\":{\"a\":1},\"name\":\"x\"}", "x"));
    assert_true(unwrap(w, "tool_call", "{\"name\":\"tool_search\"}", "tool_search"));
    assert_false(unwrap(w, "tool_call", "{\"name\":\"tool_call\"}", ""));
    assert_false(unwrap(w, "tool_call", "{\"name\":\"x\",\"a\":1}", ""));
    assert_false(unwrap(w, "tool_call", "{\"name\":\"x\",\"arguments\":[]}", ""));
    assert_false(unwrap(w, "tool_call", "{\"name\":1}", ""));
    assert_false(unwrap(w, "tool_call", "{}", ""));
    assert_false(unwrap(w, "tool_search", "{\"name\":\"x\"}", ""));
    assert_false(unwrap(w, "hash-a", "{\"name\":\"x\"}", ""));
}

static const struct caller somebody = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};

/* What a search answers; names alone, and the rest of the result behind them. */
static void finds(struct world *w, enum tool_level level, const char *arguments, const char *want)
{
    struct policy policy = {.highest_level = level};
    struct call_context context = {.caller = &somebody};
    struct tool_finder *finder = tool_finder_new(w->registry, w->set, &policy);
    struct buffer out = BUFFER_INIT;
    struct json_doc *doc;
    struct error err;
    char got[400] = "";
    assert_int_equal(find_tools(finder, &context, str_from(arguments), &out, &err), ST_OK);
    assert_int_equal(json_parse(buffer_str(&out), &doc, &err), ST_OK);
    struct json result = json_get(json_root(doc), STR("structuredContent"));
    struct json_iter it = json_iter(json_get(result, STR("tools")));
    while (json_next(&it)) {
        struct str name;
        assert_true(json_plain(json_get(it.value, STR("name")), &name));
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s ", STR_ARG(name));
    }
    it = json_iter(result);
    while (json_next(&it))
        if (!json_is(it.key, STR("tools")))
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s=%.*s",
                     STR_ARG(json_text(it.key)), STR_ARG(json_text(it.value)));
    assert_string_equal(got, want);
    json_free(doc);
    buffer_clear(&out);
    tool_finder_free(finder);
}

static void test_search(void **state)
{
    struct world *w = *state;
    choose(w, "mine", FACADE_AUTO, 0);
    finds(w, TOOL_RESTRICTED, "{\"query\":\"a checksum\"}", "hash-a fetch \"total\"=2");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"checksums\"}", "hash-a \"total\"=1");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"digester\"}", "hash-a \"total\"=1");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"archive\"}", "fetch \"total\"=1"); /* of an enum */
    finds(w, TOOL_RESTRICTED, "{\"query\":\"URL\"}", "fetch \"total\"=1");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"hash\",\"limit\":1}",
          "hash-a \"total\"=2\"next_offset\"=1");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"hash\",\"limit\":1,\"offset\":1}", "hash-b \"total\"=2");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"hash\",\"offset\":7}", "\"total\"=2");
    finds(w, TOOL_RESTRICTED, "{}", "hash-a hash-b fetch mine \"total\"=4");
    finds(w, TOOL_RESTRICTED, "{\"limit\":3.0}", "hash-a hash-b fetch \"total\"=4\"next_offset\"=3");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"weather\"}",
          "\"total\"=0\"categories\"={\"utilities\":2,\"web\":1}");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"root\"}",
          "\"total\"=0\"categories\"={\"utilities\":2,\"web\":1}");
    finds(w, TOOL_PRIVILEGED, "{\"query\":\"root\"}", "root \"total\"=1");
    finds(w, TOOL_RESTRICTED, "{\"category\":\"web\"}", "fetch \"total\"=1");
    finds(w, TOOL_RESTRICTED, "{\"level\":\"safe\"}", "hash-a hash-b mine \"total\"=3");
    finds(w, TOOL_RESTRICTED, "{\"read_only\":true}", "hash-a \"total\"=1");
    finds(w, TOOL_RESTRICTED, "{\"query\":\"tool_call\"}",
          "\"total\"=0\"categories\"={\"utilities\":2,\"web\":1}"); /* not itself */
}

static void test_who_may_not_see_does_not_find(void **state)
{
    struct world *w = *state;
    struct item secret = {.local_name = STR("secret"),
                          .plugin_id = STR("org.x"),
                          .plugin = 5,
                          .callers = STR("[\"alice\"]"),
                          .json = STR("{" SCHEMA "}")};
    struct error err;
    assert_int_equal(registry_add(w->registry, &secret, &err), ST_OK);
    choose(w, "mine", FACADE_AUTO, 0);
    finds(w, TOOL_PRIVILEGED, "{\"query\":\"secret\"}",
          "\"total\"=0\"categories\"={\"utilities\":2,\"web\":1,\"system\":1}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_everything_needs_no_facade),
        TEST(test_a_profile_leaves_the_rest_to_the_facade),
        TEST(test_the_cap_cuts_in_order),
        TEST(test_changes_are_seen),
        TEST(test_wrong_profiles),
        TEST(test_cost),
        TEST(test_what_tool_call_means),
        TEST(test_search),
        TEST(test_who_may_not_see_does_not_find),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
