#include "adapters/driving/mcp/input/input_answer.h"

#include "core/input/form.h"
#include "core/input/sampling.h"
#include "core/input/shapes.h"

static bool is_accepted_form(struct json request, struct json answer)
{
    return input_kind(request) == INPUT_FORM &&
           json_is(json_get(answer, STR("action")), STR("accept"));
}

/* Clients send null for what they leave out. */
static struct json content_of(struct json answer)
{
    struct json content = json_get(answer, STR("content"));
    return json_type(content) == JSON_NULL ? json_none() : content;
}

static bool is_list_of_strings(struct json value)
{
    struct json_iter it = json_iter(value);
    while (json_next(&it))
        if (json_type(it.value) != JSON_STRING)
            return false;
    return json_type(value) == JSON_ARRAY;
}

/* Also of members that the form did not ask for. */
static int check_values(struct json content, enum revision revision, struct error *err)
{
    struct json_iter it = json_iter(content);
    while (json_next(&it)) {
        enum json_type type = json_type(it.value);
        bool list = revision_has(revision, FEATURE_FORM_CHOICES) && is_list_of_strings(it.value);
        if (type != JSON_STRING && type != JSON_NUMBER && type != JSON_BOOL && !list)
            return error_set(err, ST_INVALID, "the value of %.*s must be a string, a number%s",
                             STR_ARG(json_text(it.key)),
                             revision_has(revision, FEATURE_FORM_CHOICES)
                                 ? ", a boolean or an array of strings"
                                 : " or a boolean");
    }
    return ST_OK;
}

static int check_elicited(struct json request, enum revision revision, struct json answer,
                          struct error *err)
{
    struct json schema = json_get(json_get(request, STR("params")), STR("requestedSchema"));
    int rc = shape_check(SHAPE_ELICIT_RESULT, answer, err);
    if (rc || !is_accepted_form(request, answer))
        return rc;
    struct json content = content_of(answer);
    if (json_exists(content) && json_type(content) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "/content: must be an object");
    rc = check_values(content, revision, err);
    return rc ? rc : form_check_content(schema, content, err);
}

static bool is_tool_block(struct json type)
{
    return json_is(type, STR("tool_use")) || json_is(type, STR("tool_result"));
}

static int check_block(struct json block, enum revision revision, struct error *err)
{
    struct json type = json_get(block, STR("type"));
    bool known = is_tool_block(type) ? revision_has(revision, FEATURE_SAMPLING_TOOLS)
                                     : !json_is(type, STR("audio")) ||
                                           revision_has(revision, FEATURE_AUDIO);
    if (known)
        return ST_OK;
    return error_set(err, ST_INVALID,
                     "/content: protocol revision %.*s has no block of type %.*s here",
                     STR_ARG(revision_name(revision)), STR_ARG(json_text(type)));
}

static int check_sampled(enum revision revision, struct json answer, struct error *err)
{
    struct json content = json_get(answer, STR("content"));
    int rc = shape_check(SHAPE_SAMPLING_RESULT, answer, err);
    if (rc)
        return rc;
    if (json_type(content) == JSON_ARRAY && !revision_has(revision, FEATURE_SAMPLING_BLOCKS))
        return error_set(err, ST_INVALID,
                         "/content: must be one block in protocol revision %.*s, is an array",
                         STR_ARG(revision_name(revision)));
    struct block_iter it = block_iter(content);
    while (rc == ST_OK && block_next(&it))
        rc = check_block(it.block, revision, err);
    return rc;
}

static int check_root(struct json root, uint32_t at, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str uri;
    int rc = ST_OK;
    if (!json_string(json_get(root, STR("uri")), &scratch, &uri))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else if (!str_starts(uri, STR("file://")))
        rc = error_set(err, ST_INVALID, "/roots/%u/uri: must begin with file://", at);
    buffer_clear(&scratch);
    return rc;
}

static int check_roots(struct json answer, struct error *err)
{
    int rc = shape_check(SHAPE_ROOTS_RESULT, answer, err);
    struct json_iter it = json_iter(json_get(answer, STR("roots")));
    for (uint32_t i = 0; rc == ST_OK && json_next(&it); i++)
        rc = check_root(it.value, i, err);
    return rc;
}

static int check_kind(struct json request, enum revision revision, struct json answer,
                      struct error *err)
{
    switch (input_kind(request)) {
    case INPUT_SAMPLING:
        return check_sampled(revision, answer, err);
    case INPUT_ROOTS:
        return check_roots(answer, err);
    default:
        return check_elicited(request, revision, answer, err);
    }
}

int input_answer_check(struct json request, enum revision revision, struct json answer,
                       struct error *err)
{
    if (json_type(answer) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "must be an object");
    return check_kind(request, revision, answer, err);
}

void input_answer_write(struct json_writer *w, struct json request, struct json answer)
{
    enum input_kind kind = input_kind(request);
    bool elicited = kind == INPUT_FORM || kind == INPUT_URL;
    bool content = json_exists(content_of(answer)) && is_accepted_form(request, answer);
    json_begin_object(w);
    struct json_iter it = json_iter(answer);
    while (json_next(&it))
        if (!elicited || content || !json_is(it.key, STR("content")))
            json_put_member(w, it.key, it.value);
    json_end_object(w);
}

static int check_all(struct json asked, enum revision revision, struct json responses,
                     struct error *err)
{
    int result = ST_OK;
    struct json_iter it = json_iter(asked);
    while (json_next(&it)) {
        struct str key = input_key(it.key);
        struct json answer = json_get(responses, key);
        if (!json_exists(answer)) {
            result = INPUT_ASK_AGAIN;
            continue;
        }
        int rc = input_answer_check(it.value, revision, answer, err);
        if (rc) {
            error_prefix(err, "inputResponses \"%.*s\": ", STR_ARG(key));
            return rc;
        }
    }
    return result;
}

static void write_all(struct json asked, struct json responses, struct buffer *answers)
{
    struct json_writer w = json_writer(answers);
    struct json_iter it = json_iter(asked);
    json_begin_object(&w);
    while (json_next(&it)) {
        struct str key = input_key(it.key);
        json_key(&w, key);
        input_answer_write(&w, it.value, json_get(responses, key));
    }
    json_end_object(&w);
}

int input_answers_read(struct json asked, enum revision revision, struct json responses,
                       struct buffer *answers, struct error *err)
{
    if (json_exists(responses) && json_type(responses) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "\"inputResponses\" must be an object");
    int rc = check_all(asked, revision, responses, err);
    if (rc)
        return rc;
    write_all(asked, responses, answers);
    return buffer_failed(answers) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}
