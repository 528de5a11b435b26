#include "adapters/driven/plugin_host/manifest.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/uri/uri_template.h"
#include "tests/adapters/plugin_host/fixture.h"

#define HEAD                                                                                     \
    "\"manifest\":1,\"id\":\"org.example.x\",\"version\":\"1.0.0\",\"description\":\"d\","        \
    "\"license\":\"MIT\",\"abi\":{\"major\":1,\"minor\":0},\"provides\":[\"hexmcp.tool/1\"]"
#define SCHEMA "\"inputSchema\":{\"type\":\"object\"}"
#define WITH(more) "{" HEAD "," more "}"
#define TOOL(more) WITH("\"tools\":[{\"name\":\"t\"," SCHEMA "," more "}]")
#define PROVIDES(interface, more)                                                                \
    "{\"manifest\":1,\"id\":\"org.example.x\",\"version\":\"1.0.0\",\"description\":\"d\","      \
    "\"license\":\"MIT\",\"abi\":{\"major\":1,\"minor\":0},"                                       \
    "\"provides\":[\"" interface "\"]," more "}"
#define HOOKS(hooks) PROVIDES("hexmcp.hook/1", "\"hooks\":[" hooks "]")
#define HOOK "{\"name\":\"h\",\"point\":\"custom:x\""
#define INPUT(schema)                                                                            \
    WITH("\"tools\":[{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\"," schema "}}]")

static int no_schema(void *ctx, struct str schema, struct error *err)
{
    (void)ctx;
    if (str_eq(schema, STR("{\"type\":\"object\",\"pattern\":\"(\"}")))
        return error_set(err, ST_INVALID, "/pattern: unbalanced");
    return ST_OK;
}

static const struct plugin_checks checks = {.check_schema = no_schema};

static void refused(const char *json, const char *message)
{
    struct manifest m;
    struct error err = {0};
    assert_true(manifest_read(str_from(json), &checks, &m, &err) < 0);
    assert_string_equal(err.text, message);
}

static void every_fault_is_told_with_its_place(void **state)
{
    static const char *const cases[][2] = {
        {"", "plugin.json: unexpected end at byte 0"},
        {"[]", "plugin.json: must be an object, is an array"},
        {"{}", "plugin.json: the key \"manifest\" is missing"},
        {"{\"manifest\":2}", "plugin.json: /manifest: must be a whole number from 1 to 1, is 2"},
        {"{\"manifest\":1,\"id\":\"calculator\"}",
         "plugin.json: /id: \"calculator\" is no plugin id: lower-case letters, digits and '-', at "
         "least two parts joined by '.', at most 127 bytes"},
        {"{\"manifest\":1,\"id\":\"a..b\"}",
         "plugin.json: /id: \"a..b\" is no plugin id: lower-case letters, digits and '-', at "
         "least two parts joined by '.', at most 127 bytes"},
        {"{\"version\":\"1.0\"}",
         "plugin.json: /version: \"1.0\" is no semantic version of at most 31 bytes, such as "
         "\"1.0.0\""},
        {"{\"version\":\"01.0.0\"}",
         "plugin.json: /version: \"01.0.0\" is no semantic version of at most 31 bytes, such as "
         "\"1.0.0\""},
        {"{\"license\":7}", "plugin.json: /license: must be a string, is a number"},
        {"{\"license\":\"\"}", "plugin.json: /license: must not be empty"},
        {"{\"licence\":\"MIT\"}",
         "plugin.json: /licence: unknown key; did you mean \"license\"?"},
        {"{\"colour\":1}", "plugin.json: /colour: unknown key"},
        {"{\"a/b~c\":1}", "plugin.json: /a~1b~0c: unknown key"},
        {"{\"abi\":{\"major\":1}}", "plugin.json: /abi: the key \"minor\" is missing"},
        {"{\"abi\":{\"major\":1.0,\"minor\":0}}",
         "plugin.json: /abi/major: must be a whole number from 0 to 65535, is 1.0"},
        {"{\"provides\":[\"tool\"]}",
         "plugin.json: /provides/0: must be an interface id such as \"hexmcp.tool/1\""},
        {"{\"provides\":[\"hexmcp.tool/01\"]}",
         "plugin.json: /provides/0: must be an interface id such as \"hexmcp.tool/1\""},
        {"{\"isolation\":\"never\"}",
         "plugin.json: /isolation: must be \"auto\" or \"required\""},
        {"{\"config\":{}}",
         "plugin.json: /config: the schema of the settings must have \"type\": \"object\""},
        {"{\"config\":{\"type\":\"object\",\"pattern\":\"(\"}}",
         "plugin.json: /config: /pattern: unbalanced"},
        {"{\"grants\":{\"host\":[]}}",
         "plugin.json: /grants/host: unknown key; did you mean \"hosts\"?"},
        {"{\"grants\":{\"hosts\":[1]}}",
         "plugin.json: /grants/hosts/0: must be a string, is a number"},
        {"{\"digest\":\"sha256:00\"}",
         "plugin.json: /digest: must be \"sha256:\" and 64 lower-case hexadecimal digits"},
        {"{\"concurrent\":1}", "plugin.json: /concurrent: must be true or false, is a number"},
        {WITH("\"tools\":[{\"name\":\"a b\"}]"),
         "plugin.json: /tools/0/name: must be 1 to 64 of A-Z a-z 0-9 _ . -"},
        {WITH("\"tools\":[{\"name\":\"a\"}]"),
         "plugin.json: /tools/0: the key \"inputSchema\" is missing"},
        {WITH("\"tools\":[{\"name\":\"a\",\"inputSchema\":null}]"),
         "plugin.json: /tools/0/inputSchema: must be an object, is null"},
        {WITH("\"tools\":[{\"name\":\"a\",\"inputSchema\":{}}]"),
         "plugin.json: /tools/0/inputSchema: the schema of the arguments must have \"type\": "
         "\"object\""},
        {TOOL("\"outputSchema\":{\"type\":\"object\",\"pattern\":\"(\"}"),
         "plugin.json: /tools/0/outputSchema: /pattern: unbalanced"},
        {TOOL("\"run\":{\"timeoutMs\":0}"),
         "plugin.json: /tools/0/run/timeoutMs: must be a whole number from 1 to 86400000, is 0"},
        {TOOL("\"run\":{\"timeoutms\":1}"),
         "plugin.json: /tools/0/run/timeoutms: unknown key; did you mean \"timeoutMs\"?"},
        {TOOL("\"run\":{\"level\":\"root\"}"),
         "plugin.json: /tools/0/run/level: must be \"safe\", \"restricted\" or \"privileged\""},
        {TOOL("\"run\":{\"aliases\":[\"a b\"]}"),
         "plugin.json: /tools/0/run/aliases/0: must be 1 to 64 of A-Z a-z 0-9 _ . -"},
        {TOOL("\"run\":{\"aliases\":[\"t\"]}"),
         "plugin.json: /tools/0/run/aliases/0: another tool, or this one, has this name already"},
        {TOOL("\"run\":{\"aliases\":[\"a\",\"a\"]}"),
         "plugin.json: /tools/0/run/aliases/0: another tool, or this one, has this name already"},
        {WITH("\"tools\":[{\"name\":\"a\"," SCHEMA "},{\"name\":\"b\"," SCHEMA
              ",\"run\":{\"aliases\":[\"c\",\"a\"]}}]"),
         "plugin.json: /tools/1/run/aliases/1: another tool, or this one, has this name already"},
        {TOOL("\"run\":{\"aliases\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
              "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]}"),
         "plugin.json: /tools/0/run/aliases: at most 16"},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":\"b\"}}"),
         "plugin.json: /tools/0/run/argumentAliases/a: must be the name of a property of "
         "\"inputSchema\""},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":7}}"),
         "plugin.json: /tools/0/run/argumentAliases/a: must be the name of a property of "
         "\"inputSchema\""},
        {WITH("\"tools\":[{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
              "\"a\":{},\"b\":{}}},\"run\":{\"argumentAliases\":{\"a\":\"b\"}}}]"),
         "plugin.json: /tools/0/run/argumentAliases/a: is a property of \"inputSchema\" itself"},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":{\"name\":\"b\",\"times\":1000}}}"),
         "plugin.json: /tools/0/run/argumentAliases/a/name: must be the name of a property of "
         "\"inputSchema\""},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":{\"name\":\"b\",\"times\":1}}}"),
         "plugin.json: /tools/0/run/argumentAliases/a/times: must be a whole number from 2 to "
         "1000000, is 1"},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":{\"name\":\"b\",\"times\":0.5}}}"),
         "plugin.json: /tools/0/run/argumentAliases/a/times: must be a whole number from 2 to "
         "1000000, is 0.5"},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":{\"name\":\"b\"}}}"),
         "plugin.json: /tools/0/run/argumentAliases/a: the key \"times\" is missing"},
        {TOOL("\"run\":{\"argumentAliases\":{\"a\":{\"nam\":\"b\"}}}"),
         "plugin.json: /tools/0/run/argumentAliases/a/nam: unknown key; did you mean \"name\"?"},
        {TOOL("\"run\":{\"argumentAliases\":[]}"),
         "plugin.json: /tools/0/run/argumentAliases: must be an object, is an array"},
        {TOOL("\"run\":{\"category\":\"Files\"}"),
         "plugin.json: /tools/0/run/category: must be 1 to 32 of a-z 0-9 -"},
        {TOOL("\"annotations\":{\"readOnlyHint\":\"yes\"}"),
         "plugin.json: /tools/0/annotations/readOnlyHint: must be true or false, is a string"},
        {TOOL("\"x-mine\":1"), "plugin.json: /tools/0/x-mine: unknown key"},
        {WITH("\"tools\":[{\"name\":\"t\"," SCHEMA "},{\"name\":\"t\"," SCHEMA "}]"),
         "plugin.json: /tools/1/name: \"t\" is there twice"},
        {WITH("\"prompts\":[{\"name\":\"p\"}]"),
         "plugin.json: /prompts: \"provides\" must name \"hexmcp.prompt/1\" for this"},
        {WITH("\"resources\":[{\"uri\":\"a:b\",\"name\":\"n\"}]"),
         "plugin.json: /resources: \"provides\" must name \"hexmcp.resource/1\" for this"},
        {WITH("\"resourceTemplates\":[{\"uriTemplate\":\"a:{b}\",\"name\":\"n\"}]"),
         "plugin.json: /resourceTemplates: \"provides\" must name \"hexmcp.resource/1\" for this"},
        {PROVIDES("hexmcp.prompt/1", "\"tools\":[{\"name\":\"t\"," SCHEMA "}]"),
         "plugin.json: /tools: \"provides\" must name \"hexmcp.tool/1\" for this"},
        {WITH("\"resources\":[{\"uri\":\"a\\u003ab\"}]"),
         "plugin.json: /resources/0/uri: must be a string without escapes"},
        {WITH("\"resources\":[{\"uri\":\"a:b\",\"name\":\"n\"},{\"uri\":\"a:b\",\"name\":\"m\"}]"),
         "plugin.json: /resources/1/uri: \"a:b\" is there twice"},
        {WITH("\"resources\":[{\"uri\":\"a:b\",\"run\":{\"mode\":\"inline\"}}]"),
         "plugin.json: /resources/0/run/mode: unknown key"},
        {WITH("\"resourceTemplates\":[{\"uriTemplate\":\"a:{b}\",\"run\":{\"taskSupport\":"
              "\"optional\"}}]"),
         "plugin.json: /resourceTemplates/0/run/taskSupport: unknown key"},
        {WITH("\"prompts\":[{\"name\":\"p\",\"run\":{\"maxInlineBytes\":1}}]"),
         "plugin.json: /prompts/0/run/maxInlineBytes: unknown key"},
        {WITH("\"prompts\":[{\"name\":\"p\",\"run\":{\"timeoutMs\":86400001}}]"),
         "plugin.json: /prompts/0/run/timeoutMs: must be a whole number from 1 to 86400000, is "
         "86400001"},
        {WITH("\"prompts\":[{\"name\":\"a b\"}]"),
         "plugin.json: /prompts/0/name: must be 1 to 64 of A-Z a-z 0-9 _ . -"},
        {WITH("\"resources\":[{\"uri\":\"a:b\"}]"),
         "plugin.json: /resources/0: the key \"name\" is missing"},
        {HOOKS("{\"name\":\"h\",\"point\":\"BeforeToolExecution\"}"),
         "plugin.json: /hooks/0: the key \"reads\" is missing"},
        {HOOKS("{\"name\":\"a b\"}"),
         "plugin.json: /hooks/0/name: must be 1 to 64 letters, digits, '-' and '_'"},
        {HOOKS("{\"name\":\"h\",\"point\":\"BeforeToolRuns\"}"),
         "plugin.json: /hooks/0/point: there is no point \"BeforeToolRuns\""},
        {HOOKS("{\"name\":\"h\",\"point\":\"AfterStateWrit\"}"),
         "plugin.json: /hooks/0/point: there is no point \"AfterStateWrit\"; did you mean "
         "\"AfterStateWrite\"?"},
        {HOOKS(HOOK ",\"reads\":[\"arguments\"]}"),
         "plugin.json: /hooks/0/reads/0: must be a JSON Pointer: \"\", or such as \"/arguments\""},
        {HOOKS(HOOK ",\"reads\":[],\"priority\":\"top\"}"),
         "plugin.json: /hooks/0/priority: must be \"highest\", \"high\", \"normal\", \"low\" or "
         "\"lowest\""},
        {HOOKS(HOOK ",\"reads\":[],\"timeoutMs\":0}"),
         "plugin.json: /hooks/0/timeoutMs: must be a whole number from 1 to 60000, is 0"},
        {HOOKS(HOOK ",\"reads\":[],\"gate\":true}"),
         "plugin.json: /hooks/0/gate: unknown key; did you mean \"gates\"?"},
        {HOOKS(HOOK ",\"reads\":[]}," HOOK ",\"reads\":[]}"),
         "plugin.json: /hooks/1/name: \"h\" is there twice"},
        {WITH("\"hooks\":[" HOOK ",\"reads\":[]}]"),
         "plugin.json: /hooks: \"provides\" must name \"hexmcp.hook/1\" for this"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused(cases[i][0], cases[i][1]);
}

#define GRANTS(more) "{\"grants\":{" more "}}"
#define AT "plugin.json: /grants/"

static void bad_grants_are_told_with_key_and_index(void **state)
{
    static const char *const cases[][2] = {
        {GRANTS("\"hosts\":[\"a.example\",\"https://b.example/\"]"),
         AT "hosts/1: \"https://b.example/\" is no rule for hosts; write the host alone, without a "
            "scheme, a path or a mask"},
        {GRANTS("\"hosts\":[\"127.1\"]"),
         AT "hosts/0: \"127.1\" is no rule for hosts; write a name, an IPv4 address of four decimal "
            "numbers, or an IPv6 address in brackets, with :PORT if it is another than 80 and 443"},
        {GRANTS("\"hosts\":[\"\"]"), AT "hosts/0: must not be empty"},
        {GRANTS("\"hosts\":\"*\""), AT "hosts: must be an array, is a string"},
        {GRANTS("\"hosts\":[\"a.example\",\"a.example\"]"), AT "hosts/1: \"a.example\" is there twice"},
        {GRANTS("\"env\":[\"LANG\",\"1A\"]"),
         AT "env/1: \"1A\" is no name of an environment variable: letters, digits and _, at most 255"},
        {GRANTS("\"env\":[\"A=b\"]"),
         AT "env/0: \"A=b\" is no name of an environment variable: letters, digits and _, at most 255"},
        {GRANTS("\"programs\":[\"git status\"]"),
         AT "programs/0: \"git status\" is no program: write a name without \"/\", such as \"git\", or "
            "an absolute path without \".\" and \"..\""},
        {GRANTS("\"programs\":[\"/usr/bin/../bin/git\"]"),
         AT "programs/0: \"/usr/bin/../bin/git\" is no program: write a name without \"/\", such as "
            "\"git\", or an absolute path without \".\" and \"..\""},
        {GRANTS("\"programs\":[\"bin/git\"]"),
         AT "programs/0: \"bin/git\" is no program: write a name without \"/\", such as \"git\", or an "
            "absolute path without \".\" and \"..\""},
        {GRANTS("\"secrets\":[{}]"), AT "secrets/0: the key \"name\" is missing"},
        {GRANTS("\"secrets\":[{\"name\":\"a b\"}]"),
         AT "secrets/0/name: \"a b\" is no name of a secret: letters, digits, \".\", \"_\" and \"-\", at "
            "most 64"},
        {GRANTS("\"secrets\":[{\"name\":\"*\"}]"),
         AT "secrets/0/name: secrets that the plugin sees the value of are asked for one by one, by their "
            "names"},
        {GRANTS("\"secrets\":[\"k\",{\"name\":\"k\",\"reveal\":true}]"),
         AT "secrets/1/name: \"k\" is there twice"},
        {GRANTS("\"secrets\":[{\"name\":\"k\",\"reveal\":1}]"),
         AT "secrets/0/reveal: must be true or false, is a number"},
        {GRANTS("\"paths\":[\"execute\"]"), AT "paths/0: must be \"read\", \"write\" or \"direct\""},
        {GRANTS("\"paths\":[\"direct\"]"),
         AT "paths: \"direct\" says how files are opened; add \"read\" or \"write\""},
        {GRANTS("\"system\":[\"library\"]"),
         AT "system/0: must be \"libraries\", \"timezones\", \"locales\", \"fonts\", "
            "\"certificates\" or \"machine\""},
        {GRANTS("\"memoryMiB\":15"), AT "memoryMiB: must be a whole number from 16 to 65536, is 15"},
        {GRANTS("\"cpuSeconds\":0"), AT "cpuSeconds: must be a whole number from 1 to 86400, is 0"},
        {GRANTS("\"processes\":65"), AT "processes: must be a whole number from 1 to 64, is 65"},
        {GRANTS("\"memory\":64"), AT "memory: unknown key; did you mean \"memoryMiB\"?"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused(cases[i][0], cases[i][1]);
    char many[1024] = "{\"grants\":{\"env\":[\"A0\"";
    for (int i = 1; i <= 64; i++)
        snprintf(many + strlen(many), sizeof(many) - strlen(many), ",\"A%d\"", i);
    strcat(many, "]}}");
    refused(many, AT "env: more than 64 entries");
}

static void good_grants_are_kept_as_they_are(void **state)
{
    struct manifest m;
    (void)state;
    struct str grants = STR("{\"paths\":[\"write\",\"direct\"],\"hosts\":[\"*\",\"[::1]:80\"],"
                            "\"env\":[\"LANG\",\"*\"],\"programs\":[\"git\",\"/usr/bin/env\",\"g++\"],"
                            "\"secrets\":[\"a\",\"*\",{\"name\":\"b\",\"reveal\":true}],\"system\":[\"fonts\"],"
                            "\"memoryMiB\":65536,\"cpuSeconds\":86400,\"processes\":64}");
    char json[1024];
    snprintf(json, sizeof(json), "{" HEAD ",\"grants\":%s}", grants.ptr);
    assert_int_equal(manifest_read(str_from(json), NULL, &m, NULL), ST_OK);
    assert_true(str_eq(m.text[TEXT_GRANTS], grants));
    assert_int_equal(m.flags, RECORD_CONCURRENT | RECORD_READS_PATHS | RECORD_WRITES_PATHS |
                                  RECORD_DIRECT_PATHS);
    manifest_clear(&m);
}

static void header_marks_are_checked(void **state)
{
    static const char *const cases[][2] = {
        {INPUT("\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
               "\"x-mcp-header\":\"A\"}}}"),
         "plugin.json: /tools/0/inputSchema/properties/a/items/x-mcp-header: may stand only on a "
         "property that is reached through \"properties\" alone"},
        {INPUT("\"x-mcp-header\":\"A\""),
         "plugin.json: /tools/0/inputSchema/x-mcp-header: may stand only on a property that is "
         "reached through \"properties\" alone"},
        {INPUT("\"$defs\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}"),
         "plugin.json: /tools/0/inputSchema/$defs/a/x-mcp-header: may stand only on a property "
         "that is reached through \"properties\" alone"},
        {INPUT("\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a b\"}}"),
         "plugin.json: /tools/0/inputSchema/properties/a/x-mcp-header: must be a header name: "
         "letters, digits and !#$%&'*+-.^_`|~"},
        {INPUT("\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}"),
         "plugin.json: /tools/0/inputSchema/properties/a/x-mcp-header: the property must have the "
         "type string, integer or boolean"},
        {INPUT("\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},"
               "\"b\":{\"type\":\"string\",\"x-mcp-header\":\"a\"}}"),
         "plugin.json: /tools/0/inputSchema/properties/b/x-mcp-header: the header \"a\" is used "
         "twice in this tool"},
    };
    static const char *const good[] = {
        INPUT("\"properties\":{\"a\":{\"type\":\"object\",\"properties\":{\"b\":{\"type\":"
              "\"integer\",\"x-mcp-header\":\"Tenant-Id\"}}}}"),
        /* a property of that name, and data, are no marks */
        INPUT("\"properties\":{\"x-mcp-header\":{\"type\":\"string\"}},\"default\":{"
              "\"x-mcp-header\":1}"),
    };
    struct manifest m;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused(cases[i][0], cases[i][1]);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(manifest_read(str_from(good[i]), &checks, &m, NULL), ST_OK);
        manifest_clear(&m);
    }
}

static void defaults_are_those_of_the_format(void **state)
{
    struct manifest m;
    (void)state;
    assert_int_equal(manifest_read(STR(WITH("\"tools\":[{\"name\":\"t\"," SCHEMA "}]")), NULL, &m,
                                   NULL),
                     ST_OK);
    const struct record_item *run = &m.items[0].run;
    assert_int_equal(run->run_inline, 0);
    assert_int_equal(run->inline_bytes, 4096);
    assert_int_equal(run->timeout_ms, 30000);
    assert_int_equal(run->slots, 8);
    assert_int_equal(run->queue, 1024);
    assert_int_equal(run->level, TOOL_SAFE);
    assert_int_equal(run->task, TASK_FORBIDDEN);
    assert_int_equal(m.flags, RECORD_CONCURRENT);
    assert_true(str_eq(m.text[TEXT_GRANTS], STR("{}")));
    assert_true(str_eq(m.text[TEXT_CONFIG],
                       STR("{\"type\":\"object\",\"additionalProperties\":false}")));
    manifest_clear(&m);
}

/* The text of core/uri stands behind the place, whatever it is. */
static void bad_uris_are_told_by_the_core(void **state)
{
    static const char *const cases[][2] = {
        {WITH("\"resources\":[{\"uri\":\"no uri\",\"name\":\"n\"}]"),
         "plugin.json: /resources/0/uri: "},
        {WITH("\"resources\":[{\"uri\":\"file:///a/../b\",\"name\":\"n\"}]"),
         "plugin.json: /resources/0/uri: "},
        {WITH("\"resourceTemplates\":[{\"uriTemplate\":\"a:{b\",\"name\":\"n\"}]"),
         "plugin.json: /resourceTemplates/0/uriTemplate: "},
        {WITH("\"resourceTemplates\":[{\"uriTemplate\":\"a:{b}{c}\",\"name\":\"n\"}]"),
         "plugin.json: /resourceTemplates/0/uriTemplate: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct manifest m;
        struct error err = {0}, why = {0};
        bool template = strstr(cases[i][1], "uriTemplate") != NULL;
        static const char *const texts[] = {"no uri", "file:///a/../b", "a:{b", "a:{b}{c}"};
        assert_int_equal(manifest_read(str_from(cases[i][0]), NULL, &m, &err), ST_INVALID);
        assert_true(template ? uri_template_check(str_from(texts[i]), &why)
                             : uri_check(str_from(texts[i]), &why));
        assert_memory_equal(err.text, cases[i][1], strlen(cases[i][1]));
        assert_string_equal(err.text + strlen(cases[i][1]), why.text);
    }
}

static void every_kind_may_say_how_it_runs(void **state)
{
    static const char *const lists[] = {
        "\"resources\":[{\"uri\":\"a:b\",\"name\":\"n\",\"run\":%s}]",
        "\"resourceTemplates\":[{\"uriTemplate\":\"a:{b}\",\"name\":\"n\",\"run\":%s}]",
    };
    static const enum item_kind kinds[] = {ITEM_RESOURCE, ITEM_TEMPLATE};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char list[200], json[600];
        struct manifest m;
        snprintf(list, sizeof(list), lists[i],
                 "{\"timeoutMs\":1,\"slots\":2,\"queue\":3,\"level\":\"privileged\"}");
        snprintf(json, sizeof(json), PROVIDES("hexmcp.resource/1", "%s"), list);
        assert_int_equal(manifest_read(str_from(json), NULL, &m, NULL), ST_OK);
        assert_int_equal(m.item_count, 1);
        assert_int_equal(m.items[0].run.kind, kinds[i]);
        assert_int_equal(m.items[0].run.timeout_ms, 1);
        assert_int_equal(m.items[0].run.slots, 2);
        assert_int_equal(m.items[0].run.queue, 3);
        assert_int_equal(m.items[0].run.level, TOOL_PRIVILEGED);
        assert_int_equal(m.items[0].run.run_inline, 0);
        assert_int_equal(m.items[0].run.task, TASK_FORBIDDEN);
        manifest_clear(&m);
    }
}

static void a_dynamic_plugin_may_list_nothing(void **state)
{
    struct manifest m;
    (void)state;
    struct str json = STR(PROVIDES("hexmcp.resource/1", "\"dynamic\":true"));
    assert_int_equal(manifest_read(json, NULL, &m, NULL), ST_OK);
    assert_int_equal(m.item_count, 0);
    assert_int_equal(m.flags, RECORD_DYNAMIC | RECORD_CONCURRENT);
    manifest_clear(&m);
}

static void tools_keep_their_bytes(void **state)
{
    const char *tool = "{ \"inputSchema\" : {\"type\":\"object\"},\n \"name\":\"t\", "
                       "\"run\":{\"mode\":\"inline\",\"maxInlineBytes\":9,\"timeoutMs\":1,"
                       "\"slots\":2,\"queue\":0,\"level\":\"privileged\","
                       "\"taskSupport\":\"required\",\"taskAfterInput\":true} }";
    char json[1024];
    struct manifest m;
    (void)state;
    snprintf(json, sizeof(json),
             "{" HEAD ",\"title\":\"caf\\u00e9\",\"x-note\":[1],\"concurrent\":false,"
             "\"dynamic\":true,\"isolation\":\"required\",\"tools\":[%s]}",
             tool);
    assert_int_equal(manifest_read(str_from(json), NULL, &m, NULL), ST_OK);
    assert_true(str_eq(m.items[0].json, str_from(tool)));
    assert_true(str_eq(m.text[TEXT_TITLE], STR("caf\xc3\xa9")));
    assert_int_equal(m.flags, RECORD_DYNAMIC | RECORD_ISOLATED);
    assert_int_equal(m.items[0].run.run_inline, 1);
    assert_int_equal(m.items[0].run.inline_bytes, 9);
    assert_int_equal(m.items[0].run.queue, 0);
    assert_int_equal(m.items[0].run.level, TOOL_PRIVILEGED);
    assert_int_equal(m.items[0].run.task, TASK_REQUIRED);
    assert_int_equal(m.items[0].run.task_after_input, 1);
    manifest_clear(&m);
}

static void other_names_and_the_category_are_kept(void **state)
{
    struct manifest m;
    (void)state;
    struct str json = STR(WITH(
        "\"tools\":[{\"name\":\"t\",\"run\":{\"aliases\":[\"old\"],\"category\":\"files\","
        "\"argumentAliases\":{\"file_path\":\"p\\u0061th\",\"file\":{\"name\":\"path\","
        "\"times\":1000}}},\"inputSchema\":{"
        "\"type\":\"object\",\"properties\":{\"path\":{}}}}]"));
    assert_int_equal(manifest_read(json, NULL, &m, NULL), ST_OK);
    assert_true(str_eq(m.items[0].aliases, STR("[\"old\"]")));
    assert_true(str_eq(m.items[0].category, STR("files")));
    assert_int_equal(m.items[0].run.argument_aliases, 1);
    struct record_draft draft = {.items = m.items, .item_count = 1};
    struct record *r;
    assert_int_equal(record_build(&draft, &r, NULL), ST_OK);
    assert_true(record_valid(r, r->size));
    assert_true(str_eq(record_item_aliases(r, 0), STR("[\"old\"]")));
    assert_true(str_eq(record_item_category(r, 0), STR("files")));
    assert_true(str_eq(record_item_json(r, 0), m.items[0].json));
    assert_int_equal(record_item(r, 0)->argument_aliases, 1);
    free(r);
    manifest_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_told_with_its_place),
        cmocka_unit_test(bad_grants_are_told_with_key_and_index),
        cmocka_unit_test(good_grants_are_kept_as_they_are),
        cmocka_unit_test(header_marks_are_checked),
        cmocka_unit_test(defaults_are_those_of_the_format),
        cmocka_unit_test(bad_uris_are_told_by_the_core),
        cmocka_unit_test(every_kind_may_say_how_it_runs),
        cmocka_unit_test(a_dynamic_plugin_may_list_nothing),
        cmocka_unit_test(tools_keep_their_bytes),
        cmocka_unit_test(other_names_and_the_category_are_kept),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
