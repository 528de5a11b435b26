/*
 * The published schemas and examples, which are not part of this tree: HEXMCP_MCP_SCHEMA names the
 * folder that holds <revision>.json, else it is ../shared/mcp/schema beside the source tree. The
 * examples lie next to it in examples-2026-07-28.
 */
#include "tests/adapters/mcp/input/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "adapters/driving/mcp/input/input_answer.h"
#include "core/input/input_check.h"
#include "adapters/driving/mcp/input/input_write.h"
#include "core/schema/schema.h"

static const char *folder;

/* A file below the folder. */
static struct json_doc *load(const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    struct buffer text = BUFFER_INIT;
    char block[4096];
    size_t got;
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        buffer_add(&text, block, got);
    fclose(file);
    size_t len;
    char *data = buffer_take(&text, &len);
    struct json_doc *doc;
    struct error err;
    if (json_parse_take(data, len, &doc, &err))
        fail_msg("%s: %s", path, err.text);
    return doc;
}

static struct json_doc *load_example(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "../examples-2026-07-28/%s.json", name);
    return load(path);
}

/* ---- examples ---------------------------------------------------------------------------- */

static void test_capability_examples(void **state)
{
    static const struct {
        const char *name;
        struct client_abilities wanted;
    } examples[] = {
        {"elicitation-form-and-url-mode-support", {.elicitation_form = 1, .elicitation_url = 1}},
        {"elicitation-form-only-implicit", {.elicitation_form = 1}},
        {"extensions-ui-mime-types", {.tasks = 0}},
        {"roots-minimum-baseline-support", {.roots = 1}},
        {"sampling-context-inclusion-support-deprecated",
         {.sampling = 1, .sampling_context = 1}},
        {"sampling-minimum-baseline-support", {.sampling = 1}},
        {"sampling-tool-use-support", {.sampling = 1, .sampling_tools = 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        char name[128];
        snprintf(name, sizeof(name), "ClientCapabilities/%s", examples[i].name);
        struct json_doc *doc = load_example(name);
        struct client_abilities got = client_abilities_read(json_root(doc), REV_2026_07_28);
        struct client_abilities wanted = examples[i].wanted;
        assert_int_equal(got.sampling, wanted.sampling);
        assert_int_equal(got.sampling_tools, wanted.sampling_tools);
        assert_int_equal(got.sampling_context, wanted.sampling_context);
        assert_int_equal(got.roots, wanted.roots);
        assert_int_equal(got.elicitation_form, wanted.elicitation_form);
        assert_int_equal(got.elicitation_url, wanted.elicitation_url);
        assert_int_equal(got.tasks, wanted.tasks);
        json_free(doc);
    }
}

static void check_text(struct buffer *text)
{
    struct json_doc *doc;
    struct error err;
    assert_int_equal(json_parse(buffer_str(text), &doc, &err), ST_OK);
    if (input_check(json_root(doc), &err))
        fail_msg("%.*s: %s", STR_ARG(buffer_str(text)), err.text);
    json_free(doc);
    buffer_clear(text);
}

/* {"k":{"method":...,"params":the example}} */
static void check_params_example(const char *method, const char *before, const char *name,
                                 const char *after)
{
    struct json_doc *doc = load_example(name);
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_key(&w, STR("k"));
    json_begin_object(&w);
    json_put_string(&w, STR("method"), str_from(method));
    json_key(&w, STR("params"));
    buffer_add_str(&text, str_from(before));
    buffer_add_str(&text, json_text(json_root(doc)));
    buffer_add_str(&text, str_from(after));
    json_end_object(&w);
    json_end_object(&w);
    json_free(doc);
    check_text(&text);
}

static void test_request_examples(void **state)
{
    static const char *const sampling[] = {"basic-request", "request-with-tools",
                                           "follow-up-with-tool-results"};
    static const char *const elicitation[] = {
        "ElicitRequestFormParams/elicit-multiple-fields",
        "ElicitRequestFormParams/elicit-single-field",
        "ElicitRequestURLParams/elicit-sensitive-data",
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        snprintf(name, sizeof(name), "CreateMessageRequestParams/%s", sampling[i]);
        check_params_example("sampling/createMessage", "", name, "");
        check_params_example("elicitation/create", "", elicitation[i], "");
    }
}

static void test_field_examples(void **state)
{
    static const char *const fields[] = {
        "TitledMultiSelectEnumSchema/titled-color-multi-select-schema",
        "TitledSingleSelectEnumSchema/titled-color-select-schema",
        "UntitledMultiSelectEnumSchema/color-multi-select-schema",
        "UntitledSingleSelectEnumSchema/color-select-schema",
        "BooleanSchema/boolean-input-schema",
        "NumberSchema/number-input-schema",
        "StringSchema/email-input-schema",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        check_params_example("elicitation/create",
                             "{\"message\":\"m\",\"requestedSchema\":{\"type\":\"object\","
                             "\"properties\":{\"f\":",
                             fields[i], "}}}");
}

static void test_round_examples(void **state)
{
    (void)state;
    struct json_doc *asked =
        load_example("InputRequests/elicitation-and-sampling-input-requests");
    struct json_doc *said =
        load_example("InputResponses/elicitation-and-sampling-input-responses");
    struct buffer answers = BUFFER_INIT;
    struct error err;
    assert_int_equal(input_check(json_root(asked), &err), ST_OK);
    assert_int_equal(input_answers_read(json_root(asked), REV_2026_07_28, json_root(said),
                                        &answers, &err), ST_OK);
    assert_int_equal(input_answers_read(json_root(asked), REV_2026_07_28, json_none(), &answers,
                                        &err), INPUT_ASK_AGAIN);
    buffer_clear(&answers);
    json_free(asked);
    json_free(said);
}

static void test_result_examples(void **state)
{
    static const struct {
        const char *name;
        const char *request;
    } examples[] = {
        {"CreateMessageResult/final-response", SAMPLING(USER(TEXT), "")},
        {"CreateMessageResult/text-response", SAMPLING(USER(TEXT), "")},
        {"CreateMessageResult/tool-use-response", SAMPLING(USER(TEXT), "")},
        {"ElicitResult/accept-url-mode-no-content", URL("https://a.example/")},
        {"ElicitResult/input-single-field", NAME_FORM},
        {"ElicitResult/input-multiple-fields", NAME_FORM},
        {"ListRootsResult/multiple-root-directories", ROOTS},
        {"ListRootsResult/single-root-directory", ROOTS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct json_doc *doc = load_example(examples[i].name);
        struct text request = text_of(examples[i].request);
        struct error err;
        if (input_answer_check(request.root, REV_2026_07_28, json_root(doc), &err))
            fail_msg("%s: %s", examples[i].name, err.text);
        text_free(&request);
        json_free(doc);
    }
}

/* ---- what is written fits the schema of its revision --------------------------------------- */

/* The schema of one definition of a revision. */
static struct schema *compile_definition(enum revision revision, const char *definition)
{
    char name[32];
    snprintf(name, sizeof(name), "%.*s.json", STR_ARG(revision_name(revision)));
    struct json_doc *doc = load(name);
    bool old = revision < REV_2025_11_25;
    struct str group = old ? STR("definitions") : STR("$defs");
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    char reference[128];
    snprintf(reference, sizeof(reference), "#/%.*s/%s", STR_ARG(group), definition);
    json_begin_object(&w);
    json_put_raw(&w, STR("$schema"), json_text(json_get(json_root(doc), STR("$schema"))));
    json_put_raw(&w, group, json_text(json_get(json_root(doc), group)));
    json_key(&w, STR("allOf"));
    json_begin_array(&w);
    json_begin_object(&w);
    json_put_string(&w, STR("$ref"), str_from(reference));
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    struct schema *schema;
    struct error err;
    if (schema_compile_text(buffer_str(&text), NULL, &schema, &err))
        fail_msg("%s: %s", name, err.text);
    buffer_clear(&text);
    json_free(doc);
    return schema;
}

/* As the handshake era sends it, with the envelope that the newer schemas ask for. */
static void write_request(struct buffer *out, struct json request,
                          const struct input_target *target)
{
    const struct input_extra extra = {STR("e-1"), STR("")};
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_i64(&w, STR("id"), 1);
    json_put_string(&w, STR("method"), input_method(input_kind(request)));
    json_key(&w, STR("params"));
    input_write_params(&w, request, target, &extra);
    json_end_object(&w);
}

static const char *definition_of(struct json request)
{
    static const char *const definitions[] = {
        [INPUT_FORM] = "ElicitRequest",
        [INPUT_URL] = "ElicitRequest",
        [INPUT_SAMPLING] = "CreateMessageRequest",
        [INPUT_ROOTS] = "ListRootsRequest",
    };
    return definitions[input_kind(request)];
}

static const char *const requests[] = {
    NAME_FORM,
    FORM("'a':{'type':'string','format':'uri','default':'x:y'},'b':{'type':'number','default':1.5},"
         "'c':{'type':'boolean','default':true},'d':{'type':'string','oneOf':[{'const':'a',"
         "'title':'A'}],'default':'a'},'e':{'type':'string','enum':['x'],'enumNames':['X']}", ""),
    FORM("'m':{'type':'array','items':{'anyOf':[{'const':'a','title':'A'}]},'default':[]},"
         "'n':{'type':'array','items':{'type':'string','enum':['a']}}", ""),
    URL("https://a.example/"),
    SAMPLING(USER(TEXT), ",'systemPrompt':'s','includeContext':'thisServer','metadata':{}"),
    SAMPLING("{'role':'user','content':[" TEXT "," AUDIO "],'_meta':{}}", ""),
    SAMPLING(ASSISTANT("[" USE("1") "]") ","
             USER("{'type':'tool_result','toolUseId':'1','content':[],'structuredContent':1}"),
             ",'tools':[{'name':'t','inputSchema':{'type':'object'},"
             "'outputSchema':{'type':'array'}}],'toolChoice':{'mode':'auto'}"),
    ROOTS,
};

static void fits(struct json request, enum revision revision)
{
    struct client_abilities abilities = abilities_of(EVERYTHING, revision);
    const struct input_target target = {revision, &abilities};
    struct str capability;
    struct json_doc *doc;
    struct error err;
    if (input_need(request, &target, &capability, &err))
        return;
    struct buffer out = BUFFER_INIT;
    write_request(&out, request, &target);
    assert_int_equal(json_parse(buffer_str(&out), &doc, &err), ST_OK);
    struct schema *schema = compile_definition(revision, definition_of(request));
    if (schema_check(schema, json_root(doc), &err))
        fail_msg("%.*s: %.*s: %s", STR_ARG(revision_name(revision)), STR_ARG(buffer_str(&out)),
                 err.text);
    schema_free(schema);
    json_free(doc);
    buffer_clear(&out);
}

static void test_what_is_written_fits_the_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct text t = text_of(requests[i]);
        for (enum revision revision = REV_2024_11_05; revision < REV_COUNT; revision++)
            fits(t.root, revision);
        text_free(&t);
    }
}

static void test_input_requests_fit_the_schema(void **state)
{
    (void)state;
    struct client_abilities abilities = abilities_of(EVERYTHING, REV_2026_07_28);
    const struct input_target target = {REV_2026_07_28, &abilities};
    struct schema *schema = compile_definition(REV_2026_07_28, "InputRequests");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        char all[4096];
        snprintf(all, sizeof(all), "{'k':%s}", requests[i]);
        struct text t = text_of(all);
        struct buffer out = BUFFER_INIT;
        struct json_writer w = json_writer(&out);
        struct json_doc *doc;
        struct error err;
        input_write_all(&w, t.root, &target);
        assert_int_equal(json_parse(buffer_str(&out), &doc, &err), ST_OK);
        assert_int_equal(json_count(json_root(doc)), 1);
        if (schema_check(schema, json_root(doc), &err))
            fail_msg("%.*s: %s", STR_ARG(buffer_str(&out)), err.text);
        json_free(doc);
        buffer_clear(&out);
        text_free(&t);
    }
    schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capability_examples),
        cmocka_unit_test(test_request_examples),
        cmocka_unit_test(test_field_examples),
        cmocka_unit_test(test_round_examples),
        cmocka_unit_test(test_result_examples),
        cmocka_unit_test(test_what_is_written_fits_the_schema),
        cmocka_unit_test(test_input_requests_fit_the_schema),
    };
    struct stat st;
    folder = getenv("HEXMCP_MCP_SCHEMA");
    folder = folder ? folder : TEST_MCP_SCHEMA;
    if (stat(folder, &st)) {
        printf("1..0 # SKIP %s is not there: set HEXMCP_MCP_SCHEMA to a folder that holds "
               "<revision>.json, with examples-2026-07-28 beside it\n", folder);
        return 0;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
