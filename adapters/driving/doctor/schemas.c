/* The official schemas, when somebody has them: what each result must fit. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/doctor/checks.h"
#include "core/schema/schema.h"

#define SCHEMA_FILE_MAX ((size_t)4 << 20)

static const char *const definitions[][2] = {
    {"initialize", "InitializeResult"},
    {"server/discover", "DiscoverResult"},
    {"tools/list", "ListToolsResult"},
    {"tools/call", "CallToolResult"},
    {"resources/list", "ListResourcesResult"},
    {"resources/templates/list", "ListResourceTemplatesResult"},
    {"prompts/list", "ListPromptsResult"},
};
#define DEFINITIONS (sizeof(definitions) / sizeof(definitions[0]))

struct one_fault {
    char text[500];
    size_t count;
};

struct schemas {
    struct one_fault faults[2][DEFINITIONS];
    size_t looked;
    struct error unusable;
};

void schemas_open(struct examination *x)
{
    if (x->what->schemas)
        x->schemas = calloc(1, sizeof(*x->schemas));
}

void schemas_close(struct examination *x)
{
    free(x->schemas);
}

static int read_file(const char *folder, const char *revision, struct buffer *out,
                     struct error *err)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.json", folder, revision);
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, ST_NOT_FOUND, "%s cannot be read", path);
    if (buffer_reserve(out, SCHEMA_FILE_MAX))
        out->len = fread(out->data, 1, SCHEMA_FILE_MAX, file);
    fclose(file);
    return ST_OK;
}

/* `{"$ref":"mcp:schema#/$defs/NAME"}` over a library that holds the revision's file. */
static int check_with(struct examination *x, const char *revision, const char *definition,
                      struct json result, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct schema *schema = NULL;
    char wanted[200];
    int rc = read_file(x->what->schemas, revision, &text, err);
    struct schema_library *library = rc ? NULL : schema_library_new();
    if (!rc)
        rc = library ? schema_library_add(library, STR("mcp:schema"), buffer_str(&text), err)
                     : error_set(err, ST_NOMEM, "out of memory");
    bool old = strcmp(revision, LATEST_LEGACY) < 0;
    snprintf(wanted, sizeof(wanted), "{%s\"$ref\":\"mcp:schema#/%s/%s\"}",
             old ? "\"$schema\":\"http://json-schema.org/draft-07/schema#\"," : "",
             old ? "definitions" : "$defs", definition);
    struct schema_options options = {.regex = x->what->regex, .library = library};
    if (!rc)
        rc = schema_compile_with(str_from(wanted), &options, &schema, err);
    if (rc)
        x->schemas->unusable = *err;
    else
        rc = schema_check(schema, result, err);
    schema_free(schema);
    schema_library_free(library);
    buffer_clear(&text);
    return rc;
}

/* The revision that was agreed on; false if it is none that has a file. */
static bool agreed(const struct examination *x, bool modern, char *out, size_t room)
{
    struct json result = x->legacy.answer
                             ? json_get(json_root(x->legacy.answer), STR("result"))
                             : json_none();
    struct str text;
    if (modern)
        snprintf(out, room, MODERN);
    else if (json_plain(json_get(result, STR("protocolVersion")), &text) && text.len == 10 &&
             !memchr(text.ptr, '/', text.len))
        snprintf(out, room, "%.*s", STR_ARG(text));
    else
        return false;
    return true;
}

void schemas_look(struct examination *x, const char *method, struct json answer, bool modern)
{
    char revision[16];
    struct error err;
    if (!x->schemas || !json_exists(result_of(answer)) ||
        !agreed(x, modern, revision, sizeof(revision)))
        return;
    for (size_t i = 0; i < DEFINITIONS; i++) {
        struct one_fault *fault = &x->schemas->faults[modern][i];
        if (strcmp(definitions[i][0], method) != 0)
            continue;
        x->schemas->looked++;
        if (check_with(x, revision, definitions[i][1], result_of(answer), &err) == ST_INVALID &&
            !x->schemas->unusable.code && fault->count++ == 0)
            snprintf(fault->text, sizeof(fault->text), "%s, revision %s: %.*s", method, revision,
                     400, err.text);
    }
}

void check_schema(void *examination)
{
    struct examination *x = examination;
    if (!x->schemas) {
        skip(x, "HEXMCP_MCP_SCHEMA does not name a folder with the protocol's schemas");
        return;
    }
    if (x->schemas->unusable.code)
        skip(x, x->schemas->unusable.text);
    for (size_t i = 0; i < DEFINITIONS * 2; i++) {
        struct one_fault *fault = &x->schemas->faults[i % 2][i / 2];
        if (fault->count)
            find(x, DOCTOR_ERROR, "%s", fault->text);
    }
}
