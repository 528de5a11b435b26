/* What a server lists. */
#include <stdio.h>

#include "adapters/driving/doctor/checks.h"
#include "adapters/driving/doctor/lists.h"
#include "core/schema/schema.h"

static bool usual_name(struct json name)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    bool usual = json_string(name, &scratch, &text) && text.len >= 1 && text.len <= 128;
    for (size_t i = 0; usual && i < text.len; i++) {
        char c = text.ptr[i];
        usual = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '_' || c == '-' || c == '.';
    }
    buffer_clear(&scratch);
    return usual;
}

static void check_compiles(struct examination *x, const char *tool, const char *what,
                           struct json text)
{
    struct schema *schema;
    struct error err;
    int rc = schema_compile_text(json_text(text), x->what->regex, &schema, &err);
    if (rc == ST_OK)
        schema_free(schema);
    else if (rc == ST_INVALID || rc == ST_NOT_FOUND)
        find(x, DOCTOR_ERROR, "the %s of the tool %s is no valid JSON Schema: %s", what, tool,
             err.text);
    else
        find(x, DOCTOR_NOTE, "the %s of the tool %s was not checked: %s", what, tool, err.text);
}

static void check_input_schema(struct examination *x, const char *tool, struct json schema)
{
    if (json_type(schema) != JSON_OBJECT)
        find(x, DOCTOR_ERROR, "the tool %s has no object inputSchema", tool);
    else if (!json_is(json_get(schema, STR("type")), STR("object")))
        find(x, DOCTOR_ERROR, "the inputSchema of the tool %s has no type \"object\"", tool);
    else
        check_compiles(x, tool, "inputSchema", schema);
}

static void check_hints(struct examination *x, const char *tool, struct json annotations)
{
    char text[100];
    struct json_iter it = json_iter(annotations);
    struct str key;
    if (json_exists(annotations) && json_type(annotations) != JSON_OBJECT)
        find(x, DOCTOR_ERROR, "the annotations of the tool %s are no object", tool);
    while (json_type(annotations) == JSON_OBJECT && json_next(&it))
        if (json_plain(it.key, &key) && str_ends(key, STR("Hint")) &&
            json_type(it.value) != JSON_BOOL)
            find(x, DOCTOR_ERROR, "the annotation %s of the tool %s is no boolean",
                 excerpt(it.key, text, sizeof(text)), tool);
}

static void check_tool(struct examination *x, const struct walk *walk, struct json tool)
{
    (void)walk;
    char text[160];
    struct json name = json_get(tool, STR("name"));
    struct json description = json_get(tool, STR("description"));
    struct json output = json_get(tool, STR("outputSchema"));
    excerpt(name, text, sizeof(text));
    if (json_type(name) != JSON_STRING)
        return;
    if (!usual_name(name))
        find(x, DOCTOR_WARNING, "the tool name %s is not made of 1 to 128 letters, digits, _, . and -",
             text);
    check_input_schema(x, text, json_get(tool, STR("inputSchema")));
    if (json_exists(output) && json_type(output) != JSON_OBJECT)
        find(x, DOCTOR_ERROR, "the outputSchema of the tool %s is no object", text);
    else if (json_exists(output))
        check_compiles(x, text, "outputSchema", output);
    if (json_exists(description) && json_type(description) != JSON_STRING)
        find(x, DOCTOR_ERROR, "the description of the tool %s is no string", text);
    else if (json_length(description) == 0)
        find(x, DOCTOR_NOTE, "the tool %s has no description, by which a model chooses", text);
    check_hints(x, text, json_get(tool, STR("annotations")));
}

void check_tools(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct walk walk = {.method = "tools/list", .member = "tools", .key = "name",
                        .entry = check_tool};
    if (!peer)
        return;
    if (!json_exists(capability(&x->legacy, "tools")))
        skip(x, "the server declares no tools");
    else
        walk_list(x, peer, &walk);
}

static void check_named(struct examination *x, const struct walk *walk, struct json entry)
{
    char text[160];
    if (json_type(json_get(entry, STR("name"))) != JSON_STRING)
        find(x, DOCTOR_ERROR, "%s: an entry has no string name: %s", walk->method,
             excerpt(entry, text, sizeof(text)));
}

void check_resources(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct walk resources = {.method = "resources/list", .member = "resources", .key = "uri",
                             .entry = check_named};
    struct walk templates = {.method = "resources/templates/list", .member = "resourceTemplates",
                             .key = "uriTemplate", .entry = check_named, .optional = true};
    if (!peer)
        return;
    if (!json_exists(capability(&x->legacy, "resources"))) {
        skip(x, "the server declares no resources");
        return;
    }
    walk_list(x, peer, &resources);
    peer = legacy_session(x);
    if (peer)
        walk_list(x, peer, &templates);
}

static void check_prompt(struct examination *x, const struct walk *walk, struct json prompt)
{
    (void)walk;
    char text[160];
    struct json arguments = json_get(prompt, STR("arguments"));
    struct json_iter it = json_iter(arguments);
    excerpt(json_get(prompt, STR("name")), text, sizeof(text));
    if (json_exists(arguments) && json_type(arguments) != JSON_ARRAY)
        find(x, DOCTOR_ERROR, "the arguments of the prompt %s are no array", text);
    while (json_type(arguments) == JSON_ARRAY && json_next(&it))
        if (json_type(json_get(it.value, STR("name"))) != JSON_STRING)
            find(x, DOCTOR_ERROR, "an argument of the prompt %s has no string name", text);
}

void check_prompts(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct walk walk = {.method = "prompts/list", .member = "prompts", .key = "name",
                        .entry = check_prompt};
    if (!peer)
        return;
    if (!json_exists(capability(&x->legacy, "prompts")))
        skip(x, "the server declares no prompts");
    else
        walk_list(x, peer, &walk);
}
